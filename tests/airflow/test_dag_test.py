"""The output of `make dag-test`; tests/integration/test_dag.py runs it on the whole stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dag_test(stage, moto, tmp_path):
    """Runs it with an estate that has only what the DAG needs."""

    def run(**outputs):
        estate = {
            "user_id": "0a1b2c3d4e5f",
            "region": "us-east-1",
            "bucket": stage.bucket,
            "aws_endpoint_url": moto,
            "alarm_topic_arn": stage.topic,
        }
        (tmp_path / "estate.json").write_text(json.dumps(estate | outputs))
        return started(tmp_path)

    return run


def started(state):
    kept = {name: value for name, value in os.environ.items() if "AIRFLOW" not in name}
    command = [sys.executable, ROOT / "airflow" / "dag_test.py"]
    return subprocess.run(
        command, env=kept | {"STATE": str(state), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )


def test_without_an_estate_the_error_names_make_infra(tmp_path):
    answer = started(tmp_path)
    assert answer.returncode == 1
    assert answer.stderr == f"error: no estate at {tmp_path}/estate.json: create one with `make infra`\n"


def test_nothing_new_is_not_a_failure(dag_test, stage, tmp_path):
    stage.put_progress(last_read=[stage.land("pin", 0, 0)])

    answer = dag_test()

    assert answer.returncode == 0
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert lines[:2] == [f"0a1b2c3d4e5f_dag with Airflow, jobs on this machine, in {tmp_path}", "new_objects ..."]
    assert lines[2].startswith("new_objects: skipped after ")
    table = [line.split() for line in lines if line][3:-1]
    assert table[0] == ["task", "state", "tries", "seconds"]
    assert [row[:3] for row in table[1:]] == [
        ["new_objects", "skipped", "1"],
        ["load", "skipped", "0"],
        ["quality_gate", "skipped", "0"],
        ["publish", "skipped", "0"],
        ["notify", "skipped", "0"],
    ]
    assert lines[-1] == (
        "run: success; skipped: nothing new has landed since the last load (send rows with `make emulate`)"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"estate.json", "logs"}  # Airflow's database is gone


def test_a_failed_task_is_named_with_the_error_of_its_job(dag_test, stage, tmp_path):
    stage.land("pin", 0, 0)

    answer = dag_test()

    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line.startswith(f"error: load failed: {tmp_path}/estate.json is not an estate's outputs (")
    assert line.endswith(f" (log: {tmp_path}/logs/airflow.log)")
    said = line.removeprefix("error: load failed: ").removesuffix(f" (log: {tmp_path}/logs/airflow.log)")
    assert f"load: failed, will be retried ({said}), after " in answer.stdout
    rows = [line.split()[:3] for line in answer.stdout.splitlines()]
    assert ["load", "failed", "3"] in rows
    assert ["publish", "upstream_failed", "0"] in rows
    [(subject, _)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: load failed"
