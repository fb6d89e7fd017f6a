"""LocalStack refuses what AWS would; tests/integration/control_plane/test_refusals.py is about the control plane."""

import pytest
from botocore.exceptions import ClientError

RECORD = {"Data": b"{}", "PartitionKey": "k"}


@pytest.mark.parametrize(
    ("service", "call", "arguments", "constraint"),
    [
        ("kinesis", "create_stream", {"StreamName": "a b"}, "at 'streamName'"),
        ("kinesis", "put_records", {"Records": [RECORD] * 501}, "at 'records'"),
        (
            "kinesis",
            "put_records",
            {"Records": [RECORD | {"PartitionKey": "k" * 257}]},
            "at 'records.1.member.partitionKey'",
        ),
        ("secretsmanager", "create_secret", {"Name": "a b", "SecretString": "x"}, "at 'name'"),
        ("kms", "create_alias", {"AliasName": "alias/aws/mine", "TargetKeyId": "k"}, "at 'aliasName'"),
        ("logs", "create_log_group", {"logGroupName": "a b"}, "at 'logGroupName'"),
        ("sns", "create_topic", {"Name": "a b"}, "at 'name'"),
    ],
)
def test_what_aws_would_refuse_is_refused(running, service, call, arguments, constraint):
    if call == "put_records":
        arguments = {"StreamName": running.estate.streams["pin"]} | arguments
    with pytest.raises(ClientError) as refused:
        getattr(running.estate.client(service), call)(**arguments)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert f"{constraint} failed to satisfy constraint: " in error["Message"]
