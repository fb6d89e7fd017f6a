"""The estate as Terraform applied it offline: what is planned anew, who is let in, what is hidden and encrypted."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.config import Config

from infra.environment import terraform
from local.estate import where
from local.services import CONNECT, CONTROL_PLANE
from pipeline.estate import Estate
from tests.integration.conftest import ROOT, Running

# Actions that know no narrower resource than "*" (AWS's service authorization reference).
WITHOUT_RESOURCE = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "s3:GetAccountPublicAccessBlock",
}
# Of MSK Connect's configuration, what stands otherwise on the local worker: there is neither TLS nor IAM on loopback.
ENDPOINTS = {
    "store.url",
    "s3.path.style.access.enabled",
    "kafka.admin.security.protocol",
    "kafka.admin.sasl.mechanism",
    "kafka.admin.sasl.jaas.config",
    "kafka.admin.sasl.client.callback.handler.class",
}


@pytest.fixture(scope="module")
def resources(running) -> list[tuple[str, dict[str, Any]]]:
    """(type, attributes) of everything in Terraform's state, data sources left out."""
    state = json.loads((running.settings.state / "terraform" / "estate.tfstate").read_text())
    return [
        (resource["type"], instance["attributes"])
        for resource in state["resources"]
        if resource["mode"] == "managed"
        for instance in resource["instances"]
    ]


@contextmanager
def changed(running: Running, **variables: object) -> Iterator[list[tuple[str, str]]]:
    """Apply the estate with other variables, and put it back; gives (action, address) of what was planned."""
    estate = terraform(running.settings)
    plan = estate.plan(where(running.settings) | variables)
    try:
        estate.apply(plan, report=lambda line: None)
        yield [(change.action, change.address) for change in plan.changes]
    finally:
        back = estate.plan(where(running.settings))
        estate.apply(back, report=lambda line: None)


# --- Plans ---------------------------------------------------------------------------------------------------------


def test_a_second_plan_is_empty_and_tells_the_costs(running):
    shown = running.run("infra", "plan").stdout

    assert "no changes: the estate matches its configuration" in shown
    assert re.search(r"^together +[\d,]+\.\d\d$", shown, re.MULTILINE)


def test_a_changed_connector_setting_replaces_the_connector(running):
    name = f"{running.settings.user_id}-connector"
    connect = running.client("kafkaconnect")

    def described():
        [connector] = [c for c in connect.list_connectors()["connectors"] if c["connectorName"] == name]
        told = connect.describe_connector(connectorArn=connector["connectorArn"])
        return told["connectorArn"], told["connectorConfiguration"]["flush.size"]

    before, _ = described()
    with changed(running, flush_size=777) as planned:
        assert ("replace", f'msk_connect.aws_mskconnect_connector.this["{name}"]') in planned
        arn, flush_size = described()
        assert flush_size == "777"
        assert arn != before


def test_a_changed_route_redeploys_the_api(running):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the other one")

        def log_message(self, *_):
            pass

    other = HTTPServer(("127.0.0.1", 0), Other)
    Thread(target=other.serve_forever, daemon=True).start()
    try:
        with changed(running, kafka_rest_url=f"http://127.0.0.1:{other.server_port}") as planned:
            assert ("replace", "api.aws_api_gateway_deployment.this") in planned
            assert ("change", "api.aws_api_gateway_integration.proxy") in planned
            assert running.get("topics") == b"the other one"
    finally:
        other.shutdown()
        other.server_close()
    assert f"{running.settings.user_id}.pin" in json.loads(running.get("topics"))


def test_the_real_connectors_run_what_msk_connect_has(running):
    connect = running.client("kafkaconnect")
    for connector in connect.list_connectors()["connectors"]:
        told = connect.describe_connector(connectorArn=connector["connectorArn"])["connectorConfiguration"]
        worker = running.stack.address(CONNECT)
        real = json.loads(running.fetch(f"{worker}/connectors/{connector['connectorName']}/config"))
        real.pop("name")  # Connect's own addition
        differ = {key for key in real.keys() | told.keys() if real.get(key) != told.get(key)}
        assert differ == ENDPOINTS
    assert len(connect.list_connectors()["connectors"]) == 2


def test_the_real_worker_has_the_properties_of_msk_connects_workers(running):
    wanted = json.loads((running.settings.state / "estate.json").read_text())["worker_properties"]
    lines = (running.settings.state / "config" / "connect.properties").read_text().splitlines()
    have = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert wanted.items() <= have.items()


# --- What jobs and Airflow are told ----------------------------------------------------------------------------------


def test_airflow_gets_the_dag_and_what_the_dag_asks_for(running):
    settings, outputs = running.settings, json.loads((running.settings.state / "estate.json").read_text())
    control_plane = running.estate.model_copy(update={"aws_endpoint_url": running.stack.address(CONTROL_PLANE)})
    mwaa = control_plane.client("mwaa", Config(inject_host_prefix=False))
    environment = mwaa.get_environment(Name=f"airflow-{settings.user_id}")["Environment"]
    options = environment["AirflowConfigurationOptions"]

    assert environment["AirflowVersion"] == "3.2.1"
    assert "RequirementsS3Path" not in environment
    assert {name: value for name, value in options.items() if name != "pin.emr"} == {
        "pin.user_id": "abcdef012345",
        "pin.bucket": "user-abcdef012345-bucket",
        "pin.engine": "emr",
        "pin.databricks_job": "abcdef012345-batch",
        "pin.alarm_topic_arn": "arn:aws:sns:us-east-1:000000000000:abcdef012345-alarms",
        "pin.max_rejected_share": "0.05",
        "pin.max_age_hours": "36",
    }
    assert json.loads(options["pin.emr"]) == {
        "application_id": outputs["spark_application_id"],
        "role_arn": "arn:aws:iam::000000000000:role/abcdef012345-spark-role",
        "entry_point": "local:///opt/pipeline/main.py",
        "spark_parameters": outputs["spark_parameters"],
        "log_uri": "s3://user-abcdef012345-bucket/logs/spark/",
    }


def test_what_airflow_reads_is_in_the_bucket_in_the_version_that_is_told(running):
    outputs = json.loads((running.settings.state / "estate.json").read_text())
    s3 = running.estate.client("s3")
    uploaded = {
        "airflow/dags/abcdef012345_dag.py": "dags/pin_dag.py",
        "airflow/dags/constraints-3.12.txt": "constraints-3.12.txt",
        "airflow/requirements.txt": "requirements.txt",
    }
    assert outputs["airflow_object_versions"].keys() == uploaded.keys()
    for key, name in uploaded.items():
        found = s3.get_object(Bucket=running.estate.bucket, Key=key)
        assert found["Body"].read() == (ROOT / "airflow" / name).read_bytes()
        assert found["VersionId"] == outputs["airflow_object_versions"][key] != "null"


def test_the_object_for_the_jobs_is_the_estate_without_secrets(running):
    outputs = json.loads((running.settings.state / "estate.json").read_text())
    bucket, key = outputs["estate_uri"].removeprefix("s3://").split("/", 1)
    text = running.estate.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    told = Estate.model_validate_json(text).model_dump(exclude_unset=True)
    differ = {name for name, value in told.items() if value != outputs[name]}
    assert differ == {"connectors", "invoke_url"}  # no job reads them; offline, the URL is LocalStack's
    assert running.estate.api_key() not in text


# --- Who is let in -------------------------------------------------------------------------------------------------


def test_no_policy_says_star_where_the_service_knows_a_narrower_resource(resources):
    policies = {
        f"{kind} {attributes.get('name') or attributes.get('id')}": json.loads(attributes["policy"])
        for kind, attributes in resources
        if kind in ("aws_iam_role_policy", "aws_iam_policy")
    }
    assert len(policies) == 9
    for name, policy in policies.items():
        for statement in policy["Statement"]:
            actions = listed(statement["Action"])
            assert "*" not in actions, name
            if "*" in listed(statement["Resource"]):
                assert set(actions) <= WITHOUT_RESOURCE, name


def test_each_role_trusts_the_service_that_it_is_for_and_nobody_else(resources):
    trusted = {
        attributes["name"].split("-", 1)[1]: listed(
            json.loads(attributes["assume_role_policy"])["Statement"][0]["Principal"]["Service"]
        )
        for kind, attributes in resources
        if kind == "aws_iam_role"
    }
    assert trusted == {
        "airflow-role": ["airflow-env.amazonaws.com", "airflow.amazonaws.com"],
        "api-logs-role": ["apigateway.amazonaws.com"],
        "connect-role": ["kafkaconnect.amazonaws.com"],
        "ec2-access-role": ["ec2.amazonaws.com"],
        "ecs-execution-role": ["ecs-tasks.amazonaws.com"],
        "kinesis-access-role": ["apigateway.amazonaws.com"],
        "rest-proxy-role": ["ecs-tasks.amazonaws.com"],
        "spark-role": ["emr-serverless.amazonaws.com"],
    }


def test_nothing_is_open_to_the_world(resources):
    kinds = {kind for kind, _ in resources}
    assert not kinds & {"aws_internet_gateway", "aws_nat_gateway", "aws_eip"}
    for kind, attributes in resources:
        assert "0.0.0.0/0" not in json.dumps(attributes), kind
        assert "::/0" not in json.dumps(attributes), kind
    [database] = [attributes for kind, attributes in resources if kind == "aws_db_instance"]
    assert database["publicly_accessible"] is False


# --- What is hidden, what is encrypted -----------------------------------------------------------------------------


def test_no_secret_is_in_outputs_or_logs(running):
    secret = running.estate.api_key()
    assert len(secret) >= 20
    state = running.settings.state
    for path in [state / "estate.json", state / "terraform" / "terraform.tfvars.json", *Path(state / "logs").iterdir()]:
        assert secret not in path.read_text(errors="replace"), path
    assert secret not in running.run("infra", "outputs").stdout


def test_nothing_is_stored_unencrypted(resources):
    keys = [attributes["arn"] for kind, attributes in resources if kind == "aws_kms_key"]
    [key] = keys
    encrypted_by = {
        "aws_cloudwatch_log_group": lambda a: a["kms_key_id"],
        "aws_db_instance": lambda a: a["storage_encrypted"] and a["kms_key_id"],
        "aws_ecr_repository": lambda a: a["encryption_configuration"][0]["kms_key"],
        "aws_instance": lambda a: a["root_block_device"][0]["encrypted"] and a["root_block_device"][0]["kms_key_id"],
        "aws_kinesis_stream": lambda a: a["encryption_type"] == "KMS" and a["kms_key_id"],
        "aws_msk_cluster": lambda a: a["encryption_info"][0]["encryption_at_rest_kms_key_arn"],
        "aws_mwaa_environment": lambda a: a["kms_key"],
        "aws_s3_bucket_server_side_encryption_configuration": lambda a: a["rule"][0][
            "apply_server_side_encryption_by_default"
        ][0]["kms_master_key_id"],
        "aws_s3_object": lambda a: a["kms_key_id"],
        "aws_secretsmanager_secret": lambda a: a["kms_key_id"],
        "aws_sns_topic": lambda a: a["kms_master_key_id"],
    }
    seen = set()
    for kind, attributes in resources:
        if kind in encrypted_by:
            seen.add(kind)
            assert encrypted_by[kind](attributes) == key, kind
    assert seen == encrypted_by.keys()
    buckets = [attributes["bucket"] for kind, attributes in resources if kind == "aws_s3_bucket"]
    assert len(buckets) == 1


def listed(value: str | list[str]) -> list[str]:
    """A policy's value, which is a list unless it has one entry."""
    return sorted([value] if isinstance(value, str) else value)
