"""ENGINE=emr with Airflow's real operator and trigger, against a fake EMR Serverless."""

import json
from uuid import UUID

import pytest

from tests.airflow.emr_api import APPLICATION, EmrApi

ROLE = "arn:aws:iam::000000000000:role/0a1b2c3d4e5f-spark-role"


@pytest.fixture
def dag(stage, moto):
    """The DAG's module with its jobs on this EMR; a new object has landed, and the load passes."""
    stage.land("pin", 0, 0)
    stage.put_progress()

    def on(url, application=APPLICATION):
        stage.connect_aws(moto, emr_serverless=url)
        settings = {
            "application_id": application,
            "role_arn": ROLE,
            "entry_point": "local:///opt/pipeline/main.py",
            "spark_parameters": "--conf spark.executor.cores=4 --conf spark.executor.memory=14g",
            "log_uri": f"s3://{stage.bucket}/logs/spark/",
        }
        return stage.parse(engine="emr", emr=json.dumps(settings))

    return on


def body(stage, step, *arguments):
    """The body of StartJobRun without the token."""
    return {
        "executionRoleArn": ROLE,
        "name": f"0a1b2c3d4e5f-{step}",
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": "local:///opt/pipeline/main.py",
                "entryPointArguments": [
                    *(step, "--engine", "spark", "--estate", f"s3://{stage.bucket}/artifacts/estate.json"),
                    *arguments,
                ],
                "sparkSubmitParameters": "--conf spark.executor.cores=4 --conf spark.executor.memory=14g",
            }
        },
        "configurationOverrides": {
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": f"s3://{stage.bucket}/logs/spark/"}}
        },
        "executionTimeoutMinutes": 120,
    }


def test_a_run_starts_two_jobs_and_waits_for_each(stage, dag):
    with EmrApi() as emr:
        run = stage.run(dag(emr.url))

    assert run.state == "success"
    assert run.tasks["load"] == run.tasks["publish"] == ("success", 1)
    tokens = [started.pop("clientToken") for started in emr.started]
    assert emr.started == [
        body(stage, "load", "--max-rejected-share", "0.05", "--max-age-hours", "36"),
        body(stage, "publish"),
    ]
    assert len({UUID(token) for token in tokens}) == 2
    assert [subject for subject, _ in stage.messages()] == ["0a1b2c3d4e5f_dag: report published"]


def test_moto_accepts_its_job_runs_too(stage, dag, moto):
    """With moto's EMR in place of our fake: there each job run succeeds at once."""
    emr = stage.client("emr-serverless", moto)
    application = emr.create_application(name="u", releaseLabel="emr-7.9.0", type="SPARK")["applicationId"]

    run = stage.run(dag(moto, application))

    assert run.state == "success"
    runs = emr.list_job_runs(applicationId=application)["jobRuns"]
    assert {(job["name"], job["state"], job["executionRole"]) for job in runs} == {
        ("0a1b2c3d4e5f-load", "SUCCESS", ROLE),
        ("0a1b2c3d4e5f-publish", "SUCCESS", ROLE),
    }


def test_a_failing_job_is_retried_then_the_run_fails_with_its_error(stage, dag):
    def work(step):
        raise RuntimeError("Job failed, please check complete logs in configured logging destination. ExitCode: 1.")

    with EmrApi(work) as emr:
        run = stage.run(dag(emr.url))

    assert run.state == "failed"
    assert run.tasks["load"] == ("failed", 3)
    assert [started["name"] for started in emr.started] == ["0a1b2c3d4e5f-load"] * 3
    assert len({started["clientToken"] for started in emr.started}) == 3
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: load failed"
    assert "try 3: Serverless Job failed: FAILED - Job failed, please check complete logs" in text


def test_a_repeated_call_starts_no_second_job(stage, dag):
    with EmrApi() as emr:
        emr.fail(429)

        run = stage.run(dag(emr.url))

    assert run.state == "success"
    assert run.tasks["load"] == ("success", 1)
    assert [requested["name"] for requested in emr.requested] == ["0a1b2c3d4e5f-load"] * 2 + ["0a1b2c3d4e5f-publish"]
    assert [started["name"] for started in emr.started] == ["0a1b2c3d4e5f-load", "0a1b2c3d4e5f-publish"]
