"""With any user id and region, AWS accepts the names and numbers of an estate."""

import re

import botocore.session
import pytest

from local.aws_rules import refusal
from tests.terraform.plans import plans

# Resource and attribute, and the request with it: service, operation, member.
NAMED = {
    ("aws_mwaa_environment", "name"): ("mwaa", "CreateEnvironment", "Name"),
    ("aws_lb", "name"): ("elbv2", "CreateLoadBalancer", "Name"),
    ("aws_lb_target_group", "name"): ("elbv2", "CreateTargetGroup", "Name"),
    ("aws_db_instance", "identifier"): ("rds", "CreateDBInstance", "DBInstanceIdentifier"),
    ("aws_db_subnet_group", "name"): ("rds", "CreateDBSubnetGroup", "DBSubnetGroupName"),
    ("aws_security_group", "name"): ("ec2", "CreateSecurityGroup", "GroupName"),
    ("aws_security_group", "description"): ("ec2", "CreateSecurityGroup", "Description"),
    ("aws_ecs_cluster", "name"): ("ecs", "CreateCluster", "clusterName"),
    ("aws_ecs_service", "name"): ("ecs", "CreateService", "serviceName"),
    ("aws_ecs_task_definition", "family"): ("ecs", "RegisterTaskDefinition", "family"),
    ("aws_msk_cluster", "cluster_name"): ("kafka", "CreateCluster", "ClusterName"),
    ("aws_msk_configuration", "name"): ("kafka", "CreateConfiguration", "Name"),
    ("aws_mskconnect_connector", "name"): ("kafkaconnect", "CreateConnector", "connectorName"),
    ("aws_mskconnect_custom_plugin", "name"): ("kafkaconnect", "CreateCustomPlugin", "name"),
    ("aws_mskconnect_worker_configuration", "name"): ("kafkaconnect", "CreateWorkerConfiguration", "name"),
    ("aws_s3_bucket", "bucket"): ("s3", "CreateBucket", "Bucket"),
    ("aws_kinesis_stream", "name"): ("kinesis", "CreateStream", "StreamName"),
    ("aws_secretsmanager_secret", "name"): ("secretsmanager", "CreateSecret", "Name"),
    ("aws_kms_alias", "name"): ("kms", "CreateAlias", "AliasName"),
    ("aws_sns_topic", "name"): ("sns", "CreateTopic", "Name"),
    ("aws_iam_role", "name"): ("iam", "CreateRole", "RoleName"),
    ("aws_iam_policy", "name"): ("iam", "CreatePolicy", "PolicyName"),
    ("aws_iam_instance_profile", "name"): ("iam", "CreateInstanceProfile", "InstanceProfileName"),
    ("aws_emrserverless_application", "name"): ("emr-serverless", "CreateApplication", "name"),
    ("aws_cloudwatch_metric_alarm", "alarm_name"): ("cloudwatch", "PutMetricAlarm", "AlarmName"),
    ("aws_cloudwatch_dashboard", "dashboard_name"): ("cloudwatch", "PutDashboard", "DashboardName"),
    ("aws_cloudwatch_log_group", "name"): ("logs", "CreateLogGroup", "logGroupName"),
    ("aws_ecr_repository", "name"): ("ecr", "CreateRepository", "repositoryName"),
    ("aws_wafv2_web_acl", "name"): ("wafv2", "CreateWebACL", "Name"),
}


@pytest.fixture(scope="module")
def places(terraform):
    return plans(terraform, "places")


def test_aws_accepts_every_name(places):
    session = botocore.session.get_session()
    found, refused = set(), []
    for place, plan in places.items():
        for (address, attribute), value in plan.items():
            kind = re.sub(r"\[.*\]$", "", address).split(".")[-2]
            if (kind, attribute) in NAMED and value:
                found.add((kind, attribute))
                service, operation, member = NAMED[kind, attribute]
                model = session.get_service_model(service).operation_model(operation)
                if wrong := refusal(model, {member: value}, only=member):
                    refused.append(f"{place}: {address}: {wrong}")
    assert refused == []
    assert NAMED.keys() - found == {("aws_wafv2_web_acl", "name")}  # only with waf


def test_two_zones_have_two_replicas_and_six_have_three(places):
    for place, copies in (("two_zones_small", 2), ("two_zones_production", 2), ("six_zones_small", 3)):
        plan = places[place]
        [cluster] = [address for address, _ in plan if address.endswith("aws_msk_cluster.this")][:1]
        assert plan[cluster, "number_of_broker_nodes"] == copies
        settings = plan[cluster.replace("aws_msk_cluster", "aws_msk_configuration"), "server_properties"]
        assert f"default.replication.factor={copies}" in settings
        assert f"min.insync.replicas={copies - 1}" in settings
        subnets = {address for address, _ in plan if ".aws_subnet.private[" in address}
        assert len(subnets) == copies
