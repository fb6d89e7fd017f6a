"""The DAG with any engine: its order, its schedule, its failures, and that parsing it has no side effects."""

import ast
import json
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.sdk import AsyncCallback, DeadlineReference

DAG_FILE = Path(__file__).parents[2] / "airflow" / "dags" / "pin_dag.py"
EMR = {
    "application_id": "00fapplication",
    "role_arn": "arn:aws:iam::000000000000:role/u-spark-role",
    "entry_point": "local:///opt/pipeline/main.py",
    "spark_parameters": "--conf spark.executor.cores=4",
    "log_uri": "s3://bucket/logs/spark/",
}
TASKS = ["new_objects", "load", "quality_gate", "publish", "notify"]


@pytest.fixture(params=["emr", "databricks", "local"])
def engine(request):
    return request.param


@pytest.fixture
def parse(stage):
    def parsed(engine, **settings):
        stage.monkeypatch.delenv("AIRFLOW__PIN__WAIT_HOURS", raising=False)  # as on Managed Airflow
        return stage.parse(engine=engine, emr=json.dumps(EMR), **settings)

    return parsed


def test_one_run_at_a_time_takes_the_steps_in_order(parse, engine):
    dag = parse(engine).dag
    assert (dag.max_active_runs, dag.catchup) == (1, False)  # each step writes the tables
    for task, following in zip(TASKS, [*TASKS[1:], None], strict=True):
        assert dag.get_task(task).downstream_task_ids == ({following} if following else set())


def test_it_runs_daily_from_the_upload_on(parse, engine):
    dag = parse(engine).dag
    assert (dag.schedule, dag.is_paused_upon_creation) == ("@daily", False)


def test_each_task_is_retried_and_ends_and_notifies(parse, engine):
    dag = parse(engine).dag
    assert [task.task_id for task in dag.topological_sort()] == TASKS
    for task in dag.tasks:
        assert task.retries > 0
        assert timedelta() < task.execution_timeout < dag.dagrun_timeout
        assert [type(callback) for callback in task.on_failure_callback] == [SnsNotifier]


def test_a_run_is_late_before_it_times_out(parse, engine):
    module = parse(engine)
    [late] = module.dag.deadline
    assert late.reference == DeadlineReference.DAGRUN_QUEUED_AT
    assert late.interval < module.dag.dagrun_timeout
    assert isinstance(late.callback, AsyncCallback)
    # The triggerer imports this one: it may not find our file.
    assert late.callback.path == "airflow.providers.amazon.aws.notifications.sns.SnsNotifier"
    assert late.callback.kwargs["target_arn"] == module.ALARM_TOPIC


@pytest.mark.parametrize(
    ("engine", "operator", "deferrable"),
    [
        ("emr", "EmrJobOperator", True),
        ("databricks", "DatabricksRunNowOperator", True),
        ("local", "BashOperator", None),
    ],
)
def test_the_engines_operator_is_deferrable_if_it_can_be(parse, engine, operator, deferrable):
    dag = parse(engine).dag
    for step in ("load", "publish"):
        task = dag.get_task(step)
        assert type(task).__name__ == operator
        assert getattr(task, "deferrable", None) is deferrable


def test_an_unknown_engine_is_refused(parse):
    with pytest.raises(ValueError, match=r"pin\.engine is 'spark': it must be emr, databricks or local"):
        parse("spark")


def test_airflow_imports_the_dag_without_errors(stage):
    stage.set(engine="databricks")
    found = DagBag()
    assert found.import_errors == {}
    assert list(found.dags) == ["0a1b2c3d4e5f_dag"]


def test_without_settings_it_has_the_defaults_of_the_project(stage):
    for name in ("user_id", "bucket", "alarm_topic_arn", "poll_seconds", "wait_hours"):
        stage.monkeypatch.delenv(f"AIRFLOW__PIN__{name.upper()}")
    module = stage.parse()
    assert module.dag.dag_id == "0a1b2c3d4e5f_dag"
    assert module.BUCKET == "user-0a1b2c3d4e5f-bucket"
    assert module.dag.deadline[0].interval == timedelta(hours=9)


def test_it_imports_only_what_managed_airflow_has(parse, monkeypatch):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(DAG_FILE.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported == {"airflow", "botocore", "datetime", "json", "math", "re", "typing"}
    for name in [name for name in sys.modules if name.startswith("airflow.providers.databricks")]:
        monkeypatch.setitem(sys.modules, name, None)  # which it installs only for that engine
    monkeypatch.setitem(sys.modules, "airflow.providers.databricks", None)
    assert parse("emr").dag
    with pytest.raises(ImportError):
        parse("databricks")


def test_parsing_it_has_no_side_effects(parse, engine, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the DAG's file does something when it is parsed")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr("airflow.sdk.bases.hook.BaseHook.get_connection", refuse)
    monkeypatch.setattr("airflow.sdk.Variable.get", refuse)
    with pytest.raises(AssertionError):
        socket.create_connection(("127.0.0.1", 1))
    assert parse(engine).dag
