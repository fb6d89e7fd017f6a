"""Runs LocalStack 4.7.0 with some of its habits changed: python localstack_server.py FOLDER.

Runs in LocalStack's own virtual environment. As it is, it listens on every address of the machine whatever
GATEWAY_LISTEN says; it keeps larger S3 objects in one fixed folder, where two instances with a bucket of the same name
delete each other's files; it forgets all of a VPC link but its id, so that Terraform plans it anew for ever; it
compiles a mapping template for each request, and for each `$input.json` and `$input.path` in it decodes the body and
compiles the path, which takes seconds when a body holds 500 records; it takes names and numbers that AWS refuses; and
its Kinesis, on Node.js, hashes a whole shard for each record: ours stands in its place, at KINESIS_URL.
"""

import functools
import json
import os
import re
import sys
from typing import Any

import airspeed
import urllib3
from localstack.aws import handlers
from localstack.aws.api import CommonServiceException
from localstack.runtime.main import main
from localstack.services.apigateway.legacy.provider import ApigatewayProvider
from localstack.services.apigateway.models import apigateway_stores
from localstack.services.apigateway.next_gen.execute_api import template_mapping
from localstack.services.kinesis.provider import KinesisProvider
from localstack.services.s3 import provider
from twisted.internet import endpoints

from local.aws_rules import refusal

# Paths that lead to one value, as $.records[3].data: walked at once, where compiling takes 10 ms for each index.
PLAIN_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]")
PLAIN_PATH = re.compile(rf"\$(?:{PLAIN_STEP.pattern})*")

create_vpc_link = ApigatewayProvider.create_vpc_link
parse_service_request = handlers.parse_service_request
connections = urllib3.PoolManager(maxsize=64, retries=False)


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
    if self.decoded is None:
        return None
    if not PLAIN_PATH.fullmatch(path):
        return template_mapping.extract_jsonpath(self.decoded, path)
    found = self.decoded
    for name, index in PLAIN_STEP.findall(path):
        if name and isinstance(found, dict) and name in found:
            found = found[name]
        elif index and isinstance(found, list) and int(index) < len(found):
            found = found[int(index)]
        else:
            return None
    return found


def refuse_what_aws_would(chain: Any, context: Any, response: Any) -> None:
    """A handler of each request, once it is parsed and before a service answers it."""
    if context.operation and (wrong := refusal(context.operation, context.service_request or {})):
        raise CommonServiceException("ValidationException", wrong, status_code=400)


def forward_or_parse(chain: Any, context: Any, response: Any) -> None:
    """A handler of each request: Kinesis' go on as they came, and its answers back.

    To decode both and encode them anew takes longer than all that Kinesis does. But what is encoded otherwise, and
    SubscribeToShard, LocalStack turns into such requests, which then come by here.
    """
    headers = context.request.headers
    service, _, operation = headers.get("X-Amz-Target", "").partition(".")
    as_json = headers.get("Content-Type") == "application/x-amz-json-1.1"
    if not (service == "Kinesis_20131202" and as_json) or operation == "SubscribeToShard":
        parse_service_request(chain, context, response)
        return
    kept = {name: headers[name] for name in ("Authorization", "Content-Type", "X-Amz-Target")}
    answer = connections.request("POST", os.environ["KINESIS_URL"], body=context.request.get_data(), headers=kept)
    told = ("Content-Type", "x-amzn-RequestId", "x-amzn-ErrorType")
    chain.respond(answer.status, answer.data, {name: answer.headers[name] for name in told if name in answer.headers})


handlers.parse_service_request = forward_or_parse
handlers.serve_custom_service_request_handlers.append(refuse_what_aws_would)
ApigatewayProvider.create_vpc_link = create_whole_vpc_link
template_mapping.VelocityInput._extract_json_path = extract_json_path
airspeed.Template = functools.lru_cache(maxsize=256)(airspeed.Template)
KinesisProvider.get_forward_url = lambda *_: os.environ["KINESIS_URL"]
listen = os.environ["GATEWAY_LISTEN"]
endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface=listen.rpartition(":")[0])
provider.DEFAULT_S3_TMP_DIR = sys.argv[1]
sys.exit(main())
