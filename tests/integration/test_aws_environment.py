"""ENV=aws as a person meets it: the very root that goes to AWS, its endpoints given by AWS's own variables to offline
servers. Made in full by hand in a session; here the bucket of the state, the plan, and that nothing happens unasked."""

import json
import re

import pytest

from local.services import CONTROL_PLANE, LOCALSTACK

BUCKET = "states-of-the-tests"


@pytest.fixture(scope="module")
def aws(running, tmp_path_factory):
    """Runs a command of infra with ENV=aws; gives its answer."""
    state = tmp_path_factory.mktemp("aws")
    control_plane = running.stack.address(CONTROL_PLANE)
    endpoints = {f"AWS_ENDPOINT_URL_{service}": control_plane for service in ("EC2", "SSM", "STS")}
    given = {
        "ENV": "aws",
        "STATE": state,
        "USER_ID": "aws-0001",
        "STATE_BUCKET": BUCKET,
        "AWS_ENDPOINT_URL": running.stack.address(LOCALSTACK),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return lambda *command, **more: running.run(*command, check=False, **given | endpoints | more)


@pytest.fixture(scope="module")
def state_bucket(aws):
    answer = aws("infra", "bootstrap", CONFIRM="aws-0001")
    assert answer.returncode == 0, answer.stderr
    return BUCKET


def test_the_bucket_of_the_state_keeps_versions_encrypted_and_out_of_sight(running, state_bucket):
    s3 = running.estate.client("s3")
    assert s3.get_bucket_versioning(Bucket=state_bucket)["Status"] == "Enabled"
    [rule] = s3.get_bucket_encryption(Bucket=state_bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(s3.get_public_access_block(Bucket=state_bucket)["PublicAccessBlockConfiguration"].values())
    [statement] = json.loads(s3.get_bucket_policy(Bucket=state_bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_plan_is_the_whole_estate_with_its_costs(aws, state_bucket):
    shown = aws("infra", "plan", SIZE="production")
    assert "plan: 194 to create, 0 to change, 0 to replace, 0 to destroy" in shown.stdout
    assert "kafka.m7g.large" in shown.stdout
    assert "db.m7g.large multi-az" in shown.stdout


def test_airflow_with_databricks_gets_a_way_out_a_role_and_a_secret(aws, state_bucket, monkeypatch):
    monkeypatch.setenv("TF_VAR_airflow_engine", "databricks")
    monkeypatch.setenv("TF_VAR_databricks", json.dumps({"external_ids": ["11111111-2222"]}))
    shown = aws("infra", "plan").stdout
    assert "plan: 206 to create, 0 to change, 0 to replace, 0 to destroy" in shown
    made = dict(re.findall(r"^  \+ (\w+) +(\d+)$", shown, re.MULTILINE))
    assert (made["airflow"], made["iam"], made["network"]) == ("5", "22", "70")  # without: 4, 20, 61


def test_nothing_is_made_before_a_person_says_so(aws, running, state_bucket):
    answer = aws("infra", "apply")
    assert answer.returncode == 1
    assert answer.stderr == "error: not confirmed, nothing was changed: answer aws-0001, or give CONFIRM=aws-0001\n"
    assert running.estate.client("s3").list_objects_v2(Bucket=state_bucket)["KeyCount"] == 0  # no state, no lock


def test_what_cannot_be_is_refused_in_one_line(aws, state_bucket):
    for wrong, said in (
        ({"USER_ID": "No"}, "USER_ID='No'"),
        ({"SIZE": "huge"}, "SIZE='huge'"),
        ({"STATE_BUCKET": ""}, "make bootstrap"),
    ):
        answer = aws("infra", "plan", **wrong)
        assert answer.returncode == 1
        assert answer.stderr.startswith("error: ")
        assert said in answer.stderr
        assert answer.stderr.count("\n") == 1


def test_the_offline_commands_say_that_they_are(aws):
    answer = aws("local", "up")
    assert answer.stderr == "error: up is for the offline stack: leave out ENV=aws\n"
