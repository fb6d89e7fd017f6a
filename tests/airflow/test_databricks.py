"""ENGINE=databricks with Airflow's real operator and trigger, against a fake Jobs API."""

from uuid import UUID

import pytest

from tests.databricks_api import DatabricksApi

TASKS = ("load", "check", "publish")


def wait_for_the_trigger(run):
    """The operator polls three times before its trigger does."""
    while run.looks < 5 and not run.cancelled.wait(0.05):
        pass


@pytest.fixture
def dag(stage):
    """The DAG's module with its jobs in this workspace; a new object has landed, and the load passes."""
    stage.land("pin", 0, 0)
    stage.put_progress()

    def on(api, **connection):
        given = {"conn_type": "databricks", "host": api.host, "port": api.port, "schema": "http", "password": api.token}
        stage.connect("databricks_default", **given | connection)
        return stage.parse(engine="databricks")

    return on


def test_a_run_starts_the_jobs_tasks_and_waits_for_each(stage, dag):
    with DatabricksApi(lambda run, task: wait_for_the_trigger(run)) as api:
        job = api.create_job("0a1b2c3d4e5f-batch", *TASKS)

        run = stage.run(dag(api))

    assert run.state == "success"
    assert run.tasks["load"] == run.tasks["publish"] == ("success", 1)
    bodies = api.bodies("jobs/run-now")
    tokens = [body.pop("idempotency_token") for body in bodies]
    assert bodies == [{"job_id": job, "only": ["load"]}, {"job_id": job, "only": ["publish"]}]
    assert len({UUID(token) for token in tokens}) == 2
    assert [run.tasks for run in api.runs] == [["load"], ["publish"]]
    assert [subject for subject, _ in stage.messages()] == ["0a1b2c3d4e5f_dag: report published"]


def test_a_setting_names_another_job(stage, dag):
    with DatabricksApi() as api:
        api.create_job("0a1b2c3d4e5f-batch", *TASKS)
        mine = api.create_job("[dev me] 0a1b2c3d4e5f-batch", *TASKS)
        stage.set(databricks_job="[dev me] 0a1b2c3d4e5f-batch")

        assert stage.run(dag(api)).state == "success"

    assert [run.job_id for run in api.runs] == [mine, mine]


def test_a_failing_job_is_retried_then_the_run_fails_with_its_error(stage, dag):
    def work(run, task):
        wait_for_the_trigger(run)
        raise RuntimeError("no estate at s3://bucket/artifacts/estate.json")

    with DatabricksApi(work) as api:
        api.create_job("0a1b2c3d4e5f-batch", *TASKS)

        run = stage.run(dag(api))

    assert run.state == "failed"
    assert run.tasks["load"] == ("failed", 3)
    assert [run.tasks for run in api.runs] == [["load"]] * 3
    assert len({body["idempotency_token"] for body in api.bodies("jobs/run-now")}) == 3
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: load failed"
    assert "no estate at s3://bucket/artifacts/estate.json" in text


def test_a_job_that_times_out_is_retried(stage, dag):
    def work(run, task):
        if len(api.runs) == 1:
            raise TimeoutError("2 hours are over")

    with DatabricksApi(work) as api:
        api.create_job("0a1b2c3d4e5f-batch", *TASKS)

        run = stage.run(dag(api))

    assert run.state == "success"
    assert run.tasks["load"] == ("success", 2)


def test_a_repeated_call_starts_no_second_run(stage, dag):
    with DatabricksApi() as api:
        api.create_job("0a1b2c3d4e5f-batch", *TASKS)
        api.fail(429, on="jobs/list", retry_after=1)
        api.fail(503, on="jobs/run-now")
        api.fail(503, on="jobs/run-now", carried_out=True)
        api.fail(429, on="jobs/runs/get", times=2)

        run = stage.run(dag(api))

    assert run.state == "success"
    assert run.tasks["load"] == ("success", 1)
    first, second, third, _ = api.bodies("jobs/run-now")
    assert first == second == third
    assert [run.tasks for run in api.runs] == [["load"], ["publish"]]


@pytest.mark.parametrize("there", [True, False])
def test_without_a_token_the_run_fails_at_once_with_the_remedy(stage, dag, there):
    with DatabricksApi() as api:
        module = dag(api, password="")
        if not there:
            stage.monkeypatch.delenv("AIRFLOW_CONN_DATABRICKS_DEFAULT")

        run = stage.run(module)

    assert run.tasks["load"] == ("failed", 1)
    assert api.requests == []
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: load failed"
    assert "Airflow has no connection databricks_default with the workspace as host and a token as password" in text
    assert "secret 0a1b2c3d4e5f/airflow/connections/databricks_default in Secrets Manager" in text


def test_a_refused_token_is_reported(stage, dag):
    with DatabricksApi() as api:
        module = dag(api, password="of-last-year")
        module.dag.get_task("load").retries = 0

        run = stage.run(module)

    assert run.tasks["load"] == ("failed", 1)
    [(_, text)] = stage.messages()
    assert "Invalid access token." in text
    assert "of-last-year" not in text
