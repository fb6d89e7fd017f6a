"""Runs LocalStack 4.7.0 with five of its habits changed: python localstack_server.py FOLDER.

Runs in LocalStack's own virtual environment. As it is, it listens on every address of the machine whatever
GATEWAY_LISTEN says; it keeps larger S3 objects in one fixed folder, where two instances with a bucket of the same name
delete each other's files; it forgets all of a VPC link but its id, so that Terraform plans it anew for ever; and each
`$input.json` and `$input.path` of a mapping template decodes the body and compiles the path anew, which takes seconds
when a body holds 500 records; and it takes names and numbers that AWS refuses.
"""

import functools
import json
import os
import sys
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException
from localstack.runtime.main import main
from localstack.services.apigateway.legacy.provider import ApigatewayProvider
from localstack.services.apigateway.models import apigateway_stores
from localstack.services.apigateway.next_gen.execute_api import template_mapping
from localstack.services.s3 import provider
from twisted.internet import endpoints

from local.aws_rules import refusal

create_vpc_link = ApigatewayProvider.create_vpc_link


@functools.wraps(create_vpc_link)
def create_whole_vpc_link(self: Any, context: Any, name: str, target_arns: list[str], **kwargs: Any) -> Any:
    link = create_vpc_link(self, context, name, target_arns, **kwargs)
    told = {"name": name, "targetArns": target_arns, "description": kwargs.get("description")}
    apigateway_stores[context.account_id][context.region].vpc_links[link["id"]] |= told
    return link | told


def extract_json_path(self: Any, path: str) -> Any:
    """What the path finds in the request's body; `self` is the template's `$input`, one for each request."""
    if not self.value:
        return None
    if "decoded" not in vars(self):
        try:
            self.decoded = self.value if isinstance(self.value, dict) else json.loads(self.value)
        except json.JSONDecodeError:
            self.decoded = None
    return None if self.decoded is None else template_mapping.extract_jsonpath(self.decoded, path)


def refuse_what_aws_would(chain: Any, context: Any, response: Any) -> None:
    """A handler of each request, once it is parsed and before a service answers it."""
    if context.operation and (wrong := refusal(context.operation, context.service_request or {})):
        raise CommonServiceException("ValidationException", wrong, status_code=400)


handlers.serve_custom_service_request_handlers.append(refuse_what_aws_would)
ApigatewayProvider.create_vpc_link = create_whole_vpc_link
template_mapping.VelocityInput._extract_json_path = extract_json_path
template_mapping.parse = functools.lru_cache(maxsize=4096)(template_mapping.parse)
listen = os.environ["GATEWAY_LISTEN"]
endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface=listen.rpartition(":")[0])
provider.DEFAULT_S3_TMP_DIR = sys.argv[1]
sys.exit(main())
