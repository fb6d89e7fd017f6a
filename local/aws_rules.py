"""What AWS refuses in a request: by botocore's model of the service, and by limits that only AWS's guides state.

The emulators take almost anything. Both ask here before they answer, so that what an account would refuse fails offline
too. On botocore and the standard library alone, for each emulator has a virtual environment of its own.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape

HYPHENS = r"(?!-)(?!.*-$)"  # none at either end
# (service, operation, member): the pattern that its value has to match whole, and the page that says so.
GUIDES: dict[tuple[str, str, str], tuple[str, str]] = {
    ("elbv2", "CreateLoadBalancer", "Name"): (
        rf"{HYPHENS}(?!internal-)[A-Za-z0-9-]{{1,32}}",
        "Elastic Load Balancing API: CreateLoadBalancer",
    ),
    ("elbv2", "CreateTargetGroup", "Name"): (
        rf"{HYPHENS}[A-Za-z0-9-]{{1,32}}",
        "Elastic Load Balancing API: CreateTargetGroup",
    ),
    ("rds", "CreateDBInstance", "DBInstanceIdentifier"): (
        r"(?!.*--)[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
        "RDS API: CreateDBInstance",
    ),
    ("rds", "CreateDBSubnetGroup", "DBSubnetGroupName"): (
        r"(?!default$)[A-Za-z0-9._ -]{1,255}",
        "RDS API: CreateDBSubnetGroup",
    ),
    ("rds", "CreateDBParameterGroup", "DBParameterGroupName"): (
        r"(?!.*--)[A-Za-z](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?",
        "RDS API: CreateDBParameterGroup",
    ),
    ("ec2", "CreateSecurityGroup", "GroupName"): (
        r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
        "EC2 API: CreateSecurityGroup",
    ),
    ("ec2", "CreateSecurityGroup", "Description"): (
        r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
        "EC2 API: CreateSecurityGroup",
    ),
    ("ecs", "CreateCluster", "clusterName"): (r"[A-Za-z0-9_-]{1,255}", "ECS API: CreateCluster"),
    ("ecs", "CreateService", "serviceName"): (r"[A-Za-z0-9_-]{1,255}", "ECS API: CreateService"),
    ("ecs", "RegisterTaskDefinition", "family"): (r"[A-Za-z0-9_-]{1,255}", "ECS API: RegisterTaskDefinition"),
    ("kafka", "CreateCluster", "ClusterName"): (r"[A-Za-z0-9-]{1,64}", "MSK API: clusters"),
    ("kafka", "CreateConfiguration", "Name"): (r"[0-9A-Za-z][0-9A-Za-z-]{0,}", "MSK API: configurations"),
    ("kafkaconnect", "CreateConnector", "connectorName"): (r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}", "MSK Connect API"),
    ("kafkaconnect", "CreateCustomPlugin", "name"): (r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}", "MSK Connect API"),
    ("kafkaconnect", "CreateWorkerConfiguration", "name"): (r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}", "MSK Connect API"),
    ("kms", "CreateAlias", "AliasName"): (r"alias/(?!aws/)[A-Za-z0-9:/_-]{1,250}", "KMS API: CreateAlias"),
    ("s3", "CreateBucket", "Bucket"): (
        r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!(\d+\.){3}\d+$)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3)$)"
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "S3 user guide: bucket naming rules",
    ),
    ("secretsmanager", "CreateSecret", "Name"): (r"[A-Za-z0-9/_+=.@-]{1,512}", "Secrets Manager API: CreateSecret"),
    ("sns", "CreateTopic", "Name"): (r"[A-Za-z0-9_-]{1,256}(\.fifo)?", "SNS API: CreateTopic"),
}
# Members whose model is narrower than the service.
WIDER_THAN_ITS_MODEL: dict[tuple[str, str], str] = {}


def refusal(operation: OperationModel, request: dict[str, Any], only: str | None = None) -> str | None:
    """What is wrong with a parsed request, or with the one member of it, in AWS's words; None when nothing is."""
    service = operation.service_model.service_name
    shape = operation.input_shape
    found: list[str] = []
    if shape and only:
        found += _faults(shape.members[only], request[only], _path("", only), service)
    elif shape:
        found += _faults(shape, request, "", service)
    for (of, call, member), (pattern, _) in GUIDES.items():
        value = request.get(member)
        if (of, call) == (service, operation.name) and value is not None and not re.fullmatch(pattern, str(value)):
            found.append(_fault(value, _path("", member), f"Member must satisfy regular expression pattern: {pattern}"))
    if not found:
        return None
    return f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {'; '.join(found)}"


def _faults(shape: Shape, value: Any, path: str, service: str) -> Iterator[str]:
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            return
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_path(path, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _faults(member, value[name], _path(path, name), service)
    elif shape.type_name == "list" and isinstance(value, list):
        yield from _length(shape, value, path)
        for number, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{number}.member", service)
    elif shape.type_name == "map" and isinstance(value, dict):
        yield from _length(shape, value, path)
        for key, item in value.items():
            yield from _faults(shape.key, key, f"{path}.key", service)
            yield from _faults(shape.value, item, f"{path}.{key}.member", service)
    elif shape.type_name in ("string", "blob"):
        yield from _length(shape, value, path)
        if isinstance(value, str) and (service, shape.name) not in WIDER_THAN_ITS_MODEL:
            yield from _text(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _range(shape, value, path)


def _text(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _fault(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    compiled = compiled_pattern(pattern) if pattern else None
    if compiled and not compiled.fullmatch(value):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length(shape: Shape, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    try:
        length = len(value)
    except TypeError:
        return
    shown = value if isinstance(value, str) else "..."
    if least is not None and length < least:
        yield _fault(shown, path, f"Member must have length greater than or equal to {least}")
    if most is not None and length > most:
        yield _fault(shown, path, f"Member must have length less than or equal to {most}")


def _range(shape: Shape, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if least is not None and value < least:
        yield _fault(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _fault(value, path, f"Member must have value less than or equal to {most}")


def _fault(value: object, path: str, constraint: str) -> str:
    text = str(value)
    shown = text if len(text) <= 100 else f"{text[:100]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"


def _path(path: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


# Java's classes of characters, as the models have them, in Python's words.
JAVA = {
    r"\p{L}": r"\w",  # wider by the digits and _, which every such pattern of ours has too
    r"\p{N}": r"\d",
    r"\p{Zs}": r"\s",
    r"\p{Z}": r"\s",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Alpha}": "a-zA-Z",
    r"\p{Graph}": "!-~",
    r"\p{Print}": " -~",
    r"\p{ASCII}": r"\x00-\x7f",
}


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str] | None:
    """A model's pattern, None when Python has no such expression: then the value is not checked."""
    pattern = re.sub(r"(\\[wds])-", r"\1\-", pattern)  # which Python would take for a range
    for java, python in JAVA.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None
