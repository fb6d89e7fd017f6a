"""The batch on EMR Serverless: its requests in order, and its output.

botocore checks each request and answer against the service's model.
"""

import boto3
import pytest
from botocore.stub import ANY, Stubber

from engines import emr
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import load
from tests.outputs import ON_AWS

RUN = {"applicationId": "00app", "jobRunId": "00run"}
ARN = "arn:aws:emr-serverless:us-east-1:000000000000:/applications/00app/jobruns/00run"
ROLE = "arn:aws:iam::000000000000:role/u-spark-role"
ALWAYS = {
    "arn": ARN,
    "createdBy": "arn:aws:iam::000000000000:user/me",
    "createdAt": "2026-11-24T00:00:00Z",
    "updatedAt": "2026-11-24T00:00:00Z",
    "executionRole": ROLE,
    "releaseLabel": "emr-spark-8.1.0",
}


@pytest.fixture
def answers(monkeypatch):
    client = boto3.client("emr-serverless", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(Estate, "client", lambda estate, service: {"emr-serverless": client}[service])
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def estate():
    return Estate(
        **ON_AWS
        | {
            "user_id": "u",
            "spark_application_id": "00app",
            "spark_role_arn": ROLE,
            "spark_entry_point": "local:///opt/pipeline/main.py",
            "spark_parameters": "--conf spark.executor.cores=4",
            "spark_log_uri": "s3://user-u-bucket/logs/spark/",
            "estate_uri": "s3://user-u-bucket/artifacts/estate.json",
        }
    )


def application(**more):
    time = "2026-11-24T00:00:00Z"
    named = {"applicationId": "00app", "arn": ARN, "releaseLabel": "emr-spark-8.1.0", "type": "SPARK"}
    return {"application": named | {"state": "STARTED", "createdAt": time, "updatedAt": time} | more}


def job_run(state, details="-"):
    return {
        "jobRun": RUN
        | ALWAYS
        | {"state": state, "stateDetails": details, "jobDriver": {"sparkSubmit": {"entryPoint": "x"}}}
    }


def before_the_start(answers, others=()):
    image = {"imageConfiguration": {"imageUri": "registry/u/jobs@sha256:0"}}
    answers.add_response("get_application", application(**image), {"applicationId": "00app"})
    listed = {"applicationId": "00app", "states": emr.ACTIVE}
    answers.add_response("list_job_runs", {"jobRuns": list(others)}, listed)


def the_start(answers):
    answers.add_response(
        "start_job_run",
        RUN | {"arn": ARN},
        {
            "applicationId": "00app",
            "clientToken": ANY,
            "name": "u-batch",
            "executionRoleArn": ROLE,
            "executionTimeoutMinutes": 120,
            "jobDriver": {
                "sparkSubmit": {
                    "entryPoint": "local:///opt/pipeline/main.py",
                    "entryPointArguments": [
                        *("batch", "--engine", "spark", "--estate", "s3://user-u-bucket/artifacts/estate.json"),
                        *("--max-rejected-share", "0.1", "--max-age-hours", "36"),
                    ],
                    "sparkSubmitParameters": "--conf spark.executor.cores=4",
                }
            },
            "configurationOverrides": {
                "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": "s3://user-u-bucket/logs/spark/"}}
            },
        },
    )


def states(answers, *given):
    for state in given:
        answers.add_response("get_job_run", job_run(*state.split(": ")), RUN)


def run(estate):
    emr.batch(load(max_rejected_share=0.1), estate, poll=0)


def test_the_batch_runs_and_each_state_is_printed(answers, estate, capsys):
    before_the_start(answers)
    the_start(answers)
    states(answers, "PENDING", "RUNNING", "RUNNING", "SUCCESS", "SUCCESS")

    run(estate)

    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == (
        "u-batch: job run 00run of application 00app; "
        "logs: s3://user-u-bucket/logs/spark/applications/00app/jobs/00run/"
    )
    assert [line.split(": ")[1] for line in shown[1:]] == ["PENDING", "RUNNING", "SUCCESS"]


def test_a_failed_run_is_an_error_with_its_reason_and_logs(answers, estate):
    before_the_start(answers)
    the_start(answers)
    states(answers, "FAILED", "FAILED: Job failed.\nExitCode 1")

    with pytest.raises(UserError) as failed:
        run(estate)
    assert str(failed.value) == (
        "job run 00run ended as FAILED: Job failed. ExitCode 1 "
        "(logs: s3://user-u-bucket/logs/spark/applications/00app/jobs/00run/)"
    )


def test_a_second_batch_is_refused(answers, estate):
    common = ALWAYS | {"applicationId": "00app", "state": "RUNNING", "stateDetails": "-"}
    other, streams = common | {"id": "00oth", "name": "u-load"}, common | {"id": "00str", "name": "u-stream"}
    before_the_start(answers, [streams, other])

    with pytest.raises(
        UserError, match="another batch job is running: u-load, job run 00oth: wait until it has finished"
    ):
        run(estate)


def test_ctrl_c_cancels_the_run(answers, estate, monkeypatch):
    before_the_start(answers)
    the_start(answers)
    states(answers, "RUNNING")
    answers.add_response("cancel_job_run", RUN, RUN)

    def pressed(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("engines.follow.time.sleep", pressed)
    with pytest.raises(KeyboardInterrupt):
        run(estate)


def test_without_an_image_the_error_says_how_to_push_one(answers, estate):
    answers.add_response("get_application", application(), {"applicationId": "00app"})
    with pytest.raises(UserError, match="`make images push IMAGES=jobs-emr ENV=aws`, then `make infra ENV=aws`"):
        run(estate)


def test_a_refusal_by_aws_is_one_line(answers, estate):
    answers.add_client_error("get_application", "AccessDeniedException", "not allowed", 403)
    with pytest.raises(
        UserError, match=r"^EMR Serverless: An error occurred \(AccessDeniedException\).*: not allowed$"
    ):
        run(estate)
