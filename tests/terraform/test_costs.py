"""The bill has the quantities of Terraform's plan."""

import re

import pytest

from infra import costs
from tests.terraform.plans import plans


@pytest.fixture(scope="module")
def plan(terraform):
    return plans(terraform, "sizes")["small"]


def resources(plan, kind):
    """The addresses of all resources of a kind."""
    return {address for address, _ in plan if re.search(rf"\.{kind}\.\w+(\[|$)", address)}


def values(plan, kind, attribute):
    """What the resources of a kind have for an attribute, by address."""
    return [plan[address, attribute] for address in sorted(resources(plan, kind)) if (address, attribute) in plan]


def test_kafka_is_what_the_bill_counts(plan):
    assert values(plan, "aws_msk_cluster", "number_of_broker_nodes") == [costs.BROKERS]
    [properties] = values(plan, "aws_msk_configuration", "server_properties")
    [partitions] = re.findall(r"^num\.partitions=(\d+)$", properties, re.MULTILINE)
    assert int(partitions) * costs.STREAMS == costs.PARTITIONS  # a topic has a stream beside it
    workers = "capacity.[0].autoscaling.[0]."
    assert values(plan, "aws_mskconnect_connector", f"{workers}min_worker_count") == [1, 1]
    assert values(plan, "aws_mskconnect_connector", f"{workers}mcu_count") == [1, 1]  # the second: dead letters
    assert values(plan, "aws_instance", "root_block_device.[0].volume_size") == [costs.CLIENT_GB]


def test_the_streams_are_what_the_bill_counts(plan):
    assert values(plan, "aws_kinesis_stream", "stream_mode_details.[0].stream_mode") == ["ON_DEMAND"] * costs.STREAMS
    assert values(plan, "aws_kinesis_stream", "retention_period") == [24 * costs.STREAM_DAYS] * costs.STREAMS


def test_the_endpoints_are_what_the_bill_counts(plan):
    endpoints = sorted(values(plan, "aws_vpc_endpoint", "vpc_endpoint_type"))
    assert endpoints == ["Gateway"] + ["Interface"] * costs.ENDPOINTS  # the gateway is free
    # A private web server gets two endpoints from MWAA, beside the two of its database.
    assert values(plan, "aws_mwaa_environment", "webserver_access_mode") == ["PRIVATE_ONLY"]
    assert resources(plan, "aws_nat_gateway") == set()


def test_alarms_and_metrics_are_what_the_bill_counts(plan):
    assert len(resources(plan, "aws_cloudwatch_metric_alarm")) == costs.ALARMS
    assert len(resources(plan, "aws_cloudwatch_dashboard")) == 1
    assert values(plan, "aws_ecs_cluster", "setting.[0].value") == ["enabled"]  # Container Insights
    assert values(plan, "aws_instance", "monitoring") == [True]
    assert values(plan, "aws_api_gateway_method_settings", "settings.[0].metrics_enabled") == [True]
    methods = len(resources(plan, "aws_api_gateway_method"))
    filters = len(resources(plan, "aws_cloudwatch_log_metric_filter"))
    assert 32 + 5 * methods + 7 + filters == costs.METRICS


def test_secrets_are_what_the_bill_counts(plan):
    assert values(plan, "aws_db_instance", "manage_master_user_password") == [True]  # in a secret that RDS makes
    assert len(resources(plan, "aws_secretsmanager_secret")) + 1 == costs.SECRETS


@pytest.mark.parametrize("kind", ["aws_lb", "aws_kms_key", "aws_mwaa_environment", "aws_db_instance", "aws_instance"])
def test_there_is_one_of_the_rest(plan, kind):
    assert len(resources(plan, kind)) == 1
