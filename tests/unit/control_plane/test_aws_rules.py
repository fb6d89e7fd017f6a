"""What AWS would refuse is refused, in its words: each kind of constraint of a model, and the limits of the guides."""

import botocore.session
import pytest

from local.aws_rules import GUIDES, compiled_pattern, refusal

SERVICES = ["mwaa", "ec2", "ecs", "elbv2", "emr-serverless", "iam", "kafka", "kafkaconnect", "rds", "ssm", "sts"]
SERVICES += ["apigateway", "cloudwatch", "kinesis", "kms", "logs", "s3", "secretsmanager", "sns"]


def operation(service, name):
    return botocore.session.get_session().get_service_model(service).operation_model(name)


ONE = "1 validation error detected: Value "
MWAA = {"DagS3Path": "dags", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/x", "NetworkConfiguration": {}}
MWAA |= {"SourceBucketArn": "arn:aws:s3:::b", "Name": "airflow-x"}
RECORD = {"Data": b"x", "PartitionKey": "k"}

REFUSED = [
    (
        "mwaa",
        "CreateEnvironment",
        MWAA | {"Name": "0a1b2c3d4e5f-airflow"},
        f"{ONE}'0a1b2c3d4e5f-airflow' at 'name' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z][0-9a-zA-Z-_]*",
    ),
    (
        "kinesis",
        "CreateStream",
        {"StreamName": "a b"},
        f"{ONE}'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9_.-]+",
    ),
    (
        "kinesis",
        "PutRecords",
        {"StreamName": "s", "Records": [RECORD, RECORD | {"PartitionKey": ""}]},
        f"{ONE}'' at 'records.2.member.partitionKey' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1",
    ),
    (
        "kinesis",
        "PutRecords",
        {"StreamName": "s", "Records": [RECORD | {"PartitionKey": "k" * 257}]},
        f"{ONE}'{'k' * 100}...' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have "
        "length less than or equal to 256",
    ),
    (
        "kinesis",
        "PutRecords",
        {"StreamName": "s", "Records": [RECORD] * 501},
        f"{ONE}'...' at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
    ),
    (
        "kinesis",
        "CreateStream",
        {"StreamName": "s", "ShardCount": 0},
        f"{ONE}'0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
    (
        "kinesis",
        "PutRecords",
        {"StreamName": "s"},
        f"{ONE}null at 'records' failed to satisfy constraint: Member must not be null",
    ),
    (
        "kinesis",
        "GetShardIterator",
        {"StreamName": "s", "ShardId": "x", "ShardIteratorType": "NOW"},
        f"{ONE}'NOW' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: "
        "[AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST, AT_TIMESTAMP]",
    ),
    (
        "elbv2",
        "CreateLoadBalancer",
        {"Name": "a" * 33},
        f"{ONE}'{'a' * 33}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        r"(?!-)(?!.*-$)(?!internal-)[A-Za-z0-9-]{1,32}",
    ),
    (
        "mwaa",
        "CreateEnvironment",
        {name: value for name, value in MWAA.items() if name != "DagS3Path"} | {"MaxWorkers": 0},
        "2 validation errors detected: Value null at 'dagS3Path' failed to satisfy constraint: Member must not be "
        "null; Value '0' at 'maxWorkers' failed to satisfy constraint: Member must have value greater than or equal to "
        "1",
    ),
]


@pytest.mark.parametrize(("service", "name", "request_", "message"), REFUSED)
def test_a_request_that_aws_refuses_is_refused_in_its_words(service, name, request_, message):
    assert refusal(operation(service, name), request_) == message


@pytest.mark.parametrize(
    ("service", "name", "request_"),
    [
        ("mwaa", "CreateEnvironment", MWAA),
        ("kinesis", "CreateStream", {"StreamName": "0a1b-pin", "ShardCount": 2}),
        ("kinesis", "PutRecords", {"StreamName": "s", "Records": [RECORD] * 500}),
        ("elbv2", "CreateLoadBalancer", {"Name": "0a1b2c3d4e5f-rest-proxy"}),
        ("sts", "GetCallerIdentity", {}),
    ],
)
def test_a_request_that_aws_takes_is_taken(service, name, request_):
    assert refusal(operation(service, name), request_) is None


@pytest.mark.parametrize(
    ("service", "name", "member", "good", "bad"),
    [
        ("elbv2", "CreateTargetGroup", "Name", ["a", "0-a", "a" * 32], ["", "-a", "a-", "a_b", "a" * 33]),
        ("rds", "CreateDBInstance", "DBInstanceIdentifier", ["a", "source-0a"], ["0a", "a--b", "a-", "a" * 64, ""]),
        ("s3", "CreateBucket", "Bucket", ["abc", "user-0a-bucket"], ["ab", "A-b", "a..b", "1.2.3.4", "a" * 64, "-ab"]),
        ("ec2", "CreateSecurityGroup", "GroupName", ["0a-brokers"], ["sg-1", "a" * 256, "ü"]),
        ("kms", "CreateAlias", "AliasName", ["alias/0a"], ["0a", "alias/aws/s3", "alias/"]),
        ("kafka", "CreateCluster", "ClusterName", ["0a-msk"], ["a" * 65, "a_b", ""]),
    ],
)
def test_limits_that_only_the_guides_state(service, name, member, good, bad):
    model = operation(service, name)
    assert [value for value in good if refusal(model, {member: value}, only=member)] == []
    assert [value for value in bad if not refusal(model, {member: value}, only=member)] == []


def test_every_limit_of_the_guides_is_of_a_member_that_there_is():
    for service, name, member in GUIDES:
        assert member in operation(service, name).input_shape.members


def test_few_patterns_of_the_services_in_use_cannot_be_checked():
    patterns = set()
    for service in SERVICES:
        model = botocore.session.get_session().get_service_model(service)
        patterns |= {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {None}
    unchecked = {pattern for pattern in patterns if compiled_pattern(pattern) is None}
    assert len(patterns) > 200
    assert unchecked == {
        r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+",  # of dashboards' definitions
        r"^([\p{L}\p{Z}\p{N}\p{P}\p{M}]*)$",  # of connectors to other clouds
    }
