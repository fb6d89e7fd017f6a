"""The control plane refuses what AWS would, in each protocol that its clients speak."""

import pytest
from botocore.exceptions import ClientError

REFUSED = [
    # service, call, its arguments, code, the member that the message names
    ("mwaa", "create_environment", {"Name": "0a1b-airflow"}, "ValidationException", "'name'"),
    ("emr-serverless", "create_application", {"name": "a b", "releaseLabel": "emr-spark-8.1.0", "type": "SPARK"},
     "ValidationException", "'name'"),
    ("kafka", "create_configuration", {"Name": "a_b", "ServerProperties": b"x=1"}, "BadRequestException", "'name'"),
    ("ecs", "create_cluster", {"clusterName": "a b"}, "ValidationException", "'clusterName'"),
    ("ssm", "put_parameter", {"Name": "n", "Value": "v", "Type": "Text"}, "ValidationException", "'type'"),
    ("elbv2", "create_load_balancer", {"Name": "a" * 33}, "ValidationError", "'name'"),
    ("rds", "create_db_subnet_group",
     {"DBSubnetGroupName": "default", "DBSubnetGroupDescription": "d", "SubnetIds": ["subnet-1"]},
     "ValidationError", "'dBSubnetGroupName'"),
    ("iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}, "ValidationError", "'roleName'"),
    ("ec2", "create_security_group", {"GroupName": "sg-1", "Description": "d"}, "InvalidParameterValue", "'groupName'"),
]  # fmt: skip
ENVIRONMENT = {
    "DagS3Path": "dags",
    "ExecutionRoleArn": "arn:aws:iam::000000000000:role/service-role/x",
    "NetworkConfiguration": {"SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1", "subnet-2"]},
    "SourceBucketArn": "arn:aws:s3:::bucket",
}


def test_a_list_that_the_query_lacks_is_not_an_empty_one(client):
    emr = client("emr-serverless")
    made = emr.create_application(name="listed", releaseLabel="emr-spark-8.1.0", type="SPARK")["applicationId"]
    listed = [application["id"] for application in emr.list_applications()["applications"]]
    emr.delete_application(applicationId=made)
    assert made in listed  # among those that other tests made


@pytest.mark.parametrize(("service", "call", "arguments", "code", "member"), REFUSED)
def test_what_aws_would_refuse_is_refused(client, service, call, arguments, code, member):
    if service == "mwaa":
        arguments = ENVIRONMENT | arguments
    with pytest.raises(ClientError) as refused:
        getattr(client(service), call)(**arguments)
    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert error["Message"].startswith("1 validation error detected: Value '")
    assert f"at {member} failed to satisfy constraint: Member must satisfy " in error["Message"]
