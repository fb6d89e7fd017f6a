"""Refuses what AWS would: each request is parsed by moto's parsers, and held against AWS's rules."""

import json
from xml.sax.saxutils import escape

from botocore.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from local.aws_rules import refusal

# By the signing name of a request: the service's name in botocore.
SERVICES = {
    "airflow": "mwaa",
    "ec2": "ec2",
    "ecs": "ecs",
    "elasticloadbalancing": "elbv2",
    "emr-serverless": "emr-serverless",
    "iam": "iam",
    "kafka": "kafka",
    "kafkaconnect": "kafkaconnect",
    "rds": "rds",
    "ssm": "ssm",
    "sts": "sts",
}


def refused(request: Request, signing_name: str) -> Response | None:
    """AWS's answer to a request that it would refuse; None for any other."""
    name = SERVICES.get(signing_name)
    if name is None:
        return None
    try:
        operation, in_path = get_service_router(name).match(request)
    except (HTTPException, NotImplementedError):
        return None  # whoever answers says that it does not know it
    parser = PROTOCOL_PARSERS[operation.service_model.protocol](operation)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    # moto's parsers make an empty list of one that the query string lacks.
    given = {name: value for name, value in parsed.items() if value != [] or not _in_query(operation, name)}
    wrong = refusal(operation, given)
    return _answer(operation.service_model.protocol, name, wrong) if wrong else None


def _in_query(operation: OperationModel, member: str) -> bool:
    return operation.input_shape.members[member].serialization.get("location") == "querystring"


def _answer(protocol: str, service: str, message: str) -> Response:
    if protocol == "ec2":
        error = (
            f"<Errors><Error><Code>InvalidParameterValue</Code><Message>{escape(message)}</Message></Error></Errors>"
        )
        return Response(f"<Response>{error}<RequestID>0</RequestID></Response>", 400, content_type="text/xml")
    if protocol == "query":
        error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{escape(message)}</Message></Error>"
        return Response(f"<ErrorResponse>{error}</ErrorResponse>", 400, content_type="text/xml")
    code = "BadRequestException" if service in ("kafka", "kafkaconnect") else "ValidationException"
    said = json.dumps({"__type": code, "message": message})
    return Response(said, 400, {"x-amzn-ErrorType": code}, content_type="application/json")
