"""What an offline account holds, as its services tell it: nothing where no estate is.

CloudWatch is not asked: LocalStack 4.7.0 does not know the protocol that boto3 now speaks to it.
"""

from typing import Any

from tests.integration.conftest import Running

LOCALSTACK = {
    "apigateway": lambda c: c.get_rest_apis()["items"] + c.get_vpc_links()["items"] + c.get_api_keys()["items"],
    "kinesis": lambda c: c.list_streams()["StreamNames"],
    "kms": lambda c: c.list_aliases()["Aliases"],
    "logs": lambda c: c.describe_log_groups()["logGroups"],
    "s3": lambda c: c.list_buckets()["Buckets"],
    "secretsmanager": lambda c: c.list_secrets()["SecretList"],
    "sns": lambda c: c.list_topics()["Topics"],
}
CONTROL_PLANE = {
    "ec2": lambda c: [vpc for vpc in c.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] + instances(c),
    "ecr": lambda c: c.describe_repositories()["repositories"],
    "ecs": lambda c: [cluster for cluster in c.describe_clusters()["clusters"] if cluster["status"] != "INACTIVE"],
    "elbv2": lambda c: c.describe_load_balancers()["LoadBalancers"],
    "emr-serverless": lambda c: [a for a in c.list_applications()["applications"] if a["state"] != "TERMINATED"],
    "iam": lambda c: [role for role in c.list_roles()["Roles"] if not role["Path"].startswith("/aws-service-role/")],
    "kafka": lambda c: c.list_clusters_v2()["ClusterInfoList"] + c.list_configurations()["Configurations"],
    "kafkaconnect": lambda c: c.list_connectors()["connectors"] + c.list_custom_plugins()["customPlugins"],
    "rds": lambda c: c.describe_db_instances()["DBInstances"],
}


def inventory(running: Running) -> dict[str, list[Any]]:
    """Service to what it holds."""
    return {service: ask(running.estate.client(service)) for service, ask in LOCALSTACK.items()} | {
        service: ask(running.client(service)) for service, ask in CONTROL_PLANE.items()
    }


def instances(ec2: Any) -> list[Any]:
    found = [instance for r in ec2.describe_instances()["Reservations"] for instance in r["Instances"]]
    return [instance for instance in found if instance["State"]["Name"] != "terminated"]
