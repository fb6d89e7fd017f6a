"""The batch on Databricks, with the real SDK against a fake Jobs API."""

import pytest
from databricks.sdk import WorkspaceClient

from engines import databricks
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import load
from tests.databricks_api import DatabricksApi
from tests.outputs import ON_AWS


def run(**settings):
    databricks.batch(load(**settings), Estate(**ON_AWS | {"user_id": "u"}), poll=0.01)


def test_the_bundles_job_runs_and_each_state_is_printed(login, capsys):
    with DatabricksApi() as api:
        job = api.create_job("u-batch", "load", "check", "publish")
        login(api)

        run()

        [body] = api.bodies("jobs/run-now")
        assert body == {"job_id": job, "idempotency_token": body["idempotency_token"]}
        [started] = api.runs
        assert started.tasks == ["load", "check", "publish"]
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("u-batch: http://127.0.0.1:")
    assert shown[-1].endswith("s: SUCCESS (load SUCCESS, check SUCCESS, publish SUCCESS)")


def test_a_setting_names_another_job(login):
    with DatabricksApi() as api:
        api.create_job("u-batch", "load")
        mine = api.create_job("[dev me] u-batch", "load")
        login(api)
        run(databricks_job="[dev me] u-batch")
        assert [run.job_id for run in api.runs] == [mine]


def test_a_failed_task_is_named_with_its_error(login):
    def work(run, task):
        if task == "check":
            raise ValueError("UserError: quality: u.pin: 51 of 1,000 records rejected, 5.1%: more than 5.0%")

    with DatabricksApi(work) as api:
        api.create_job("u-batch", "load", "check", "publish")
        login(api)
        with pytest.raises(UserError) as failed:
            run()
    assert str(failed.value).startswith(
        "u-batch failed at check: UserError: quality: u.pin: 51 of 1,000 records rejected, 5.1%: more than 5.0% (http://"
    )


def test_a_lost_answer_starts_no_second_run(login):
    with DatabricksApi() as api:
        api.create_job("u-batch", "load")
        login(api)
        api.fail(429, on="jobs/list", retry_after=0)
        api.fail(503, on="jobs/run-now", retry_after=0, carried_out=True)
        run()
        assert (len(api.bodies("jobs/run-now")), len(api.runs)) == (2, 1)


def test_a_second_batch_is_refused(login):
    def work(run, task):
        run.cancelled.wait(30)

    with DatabricksApi(work) as api:
        job = api.create_job("u-batch", "load")
        login(api)
        WorkspaceClient().jobs.run_now(job)
        with pytest.raises(UserError, match="another batch job is running: http"):
            run()
        assert len(api.runs) == 1


def test_without_the_job_the_error_says_how_to_create_it(login):
    with DatabricksApi() as api:
        login(api)
        with pytest.raises(UserError, match=r"^no job u-batch in http.*: `databricks bundle deploy` creates it"):
            run()


@pytest.mark.parametrize("token", ["", "unknown"])
def test_without_a_login_the_error_says_how_to_log_in(login, token, monkeypatch):
    with DatabricksApi() as api:
        login(api, token or "x")
        if not token:
            monkeypatch.delenv("DATABRICKS_TOKEN")
        with pytest.raises(UserError) as refused:
            run()
    assert str(refused.value).startswith("Databricks: ")
    assert "DATABRICKS_HOST and DATABRICKS_TOKEN" in str(refused.value)
    assert "\n" not in str(refused.value)
