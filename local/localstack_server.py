"""Runs LocalStack 4.7.0 with three of its habits mended: python localstack_server.py FOLDER.

Runs in LocalStack's own virtual environment. As it is, it listens on every address of the machine whatever
GATEWAY_LISTEN says; it keeps larger S3 objects in one fixed folder, where two instances with a bucket of the same name
delete each other's files; and it forgets all of a VPC link but its id, so that Terraform plans it anew for ever.
"""

import functools
import sys
from typing import Any

from localstack.runtime.main import main
from localstack.services.apigateway.legacy.provider import ApigatewayProvider
from localstack.services.apigateway.models import apigateway_stores
from localstack.services.s3 import provider
from twisted.internet import endpoints

create_vpc_link = ApigatewayProvider.create_vpc_link


@functools.wraps(create_vpc_link)
def create_whole_vpc_link(self: Any, context: Any, name: str, target_arns: list[str], **kwargs: Any) -> Any:
    link = create_vpc_link(self, context, name, target_arns, **kwargs)
    told = {"name": name, "targetArns": target_arns, "description": kwargs.get("description")}
    apigateway_stores[context.account_id][context.region].vpc_links[link["id"]] |= told
    return link | told


ApigatewayProvider.create_vpc_link = create_whole_vpc_link
endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")
provider.DEFAULT_S3_TMP_DIR = sys.argv[1]
sys.exit(main())
