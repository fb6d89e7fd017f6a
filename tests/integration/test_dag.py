"""The DAG by Airflow itself on the running stack: from what the emulator sends to tables and report.

The tests stand in the order they run in: what one has loaded, the next finds loaded.
"""

import json
import subprocess
from dataclasses import dataclass

import pytest

from emulator.generator import generate
from local.setup import BUILD
from pipeline.entities import ENTITIES
from tests import contract
from tests.delta import read_table
from tests.integration.conftest import ROOT

TASKS = ["new_objects", "load", "quality_gate", "publish", "notify"]
FIRST = 900_000  # key; no other test has keys like these


@dataclass
class Told:
    """What a person is told by `make dag-test`: each task's state and tries, and the last line."""

    code: int
    tasks: dict[str, tuple[str, str]]
    last: str


@pytest.fixture(scope="module")
def dag_test(running):
    def run(**settings) -> Told:
        variables = {name: str(value) for name, value in settings.items()}
        command = [BUILD / "airflow" / "bin" / "python", ROOT / "airflow" / "dag_test.py"]
        environment = running.environment(**variables)
        answer = subprocess.run(command, env=environment, capture_output=True, text=True)
        rows = [line.split() for line in answer.stdout.splitlines()]
        begins = rows.index(["task", "state", "tries", "seconds"]) + 1
        tasks = {row[0]: (row[1], row[2]) for row in rows[begins : begins + len(TASKS)]}
        return Told(answer.returncode, tasks, (answer.stdout + answer.stderr).splitlines()[-1])

    return run


@pytest.fixture(scope="module")
def sent(running, tmp_path_factory) -> dict[str, list[str]]:
    """Lines of each topic that the emulator has sent."""
    folder = tmp_path_factory.mktemp("rows")
    lines = {}
    for entity in ENTITIES:
        rows = [row for block in generate(seed=77, rows=400) for row in getattr(block, entity.name)]
        moved = [(FIRST + number, *row[1:]) for number, row in enumerate(rows)]  # to keys of their own
        lines[entity.name] = [json.dumps(dict(zip(entity.columns, row, strict=True))) for row in moved]
        (folder / f"{entity.source_table}.jsonl").write_text("\n".join(lines[entity.name]) + "\n")
    running.run("emulator", DATA=folder)
    return lines


def published(running) -> dict[str, bytes]:
    """Objects of the report."""
    s3, bucket = running.estate.client("s3"), running.estate.bucket
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="report/").get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed}


def test_a_run_loads_what_has_landed_and_publishes_the_report(running, dag_test, sent):
    told = dag_test(MAX_REJECTED_SHARE=1)  # whatever else has landed here

    assert told.code == 0, told.last
    assert told.tasks == dict.fromkeys(TASKS, ("success", "1"))
    state, bucket = running.settings.state, running.estate.bucket
    assert told.last == f"run: success; report: {state}/report/index.html, published in s3://{bucket}/report/"
    for entity in ENTITIES:
        table = [row for row in read_table(running.estate, entity.name) if FIRST <= row["ind"] < FIRST + 400]
        expected = contract.table_of(entity.name, sent[entity.name])
        assert len(expected) == 400
        assert table == [expected[key] for key in sorted(expected)]
    report = published(running)
    assert report["report/index.html"] == (state / "report" / "index.html").read_bytes()
    assert b"<svg" in report["report/index.html"]
    assert report["report/analyses/users_joined_by_year.csv"].startswith(b"join_year,number_users_joined")


def test_a_run_with_nothing_new_is_skipped(running, dag_test):
    before = published(running)

    told = dag_test()

    assert told.code == 0
    assert told.tasks == {"new_objects": ("skipped", "1")} | dict.fromkeys(TASKS[1:], ("skipped", "0"))
    assert told.last.startswith("run: success; skipped: nothing new has landed since the last load")
    assert published(running) == before


def test_a_load_with_too_much_rejected_is_not_published(running, dag_test):
    before, topic = published(running), running.estate.topics["user"]
    user = {"ind": FIRST, "first_name": "Ann", "last_name": "Lee", "age": 30, "date_joined": "2016-05-06T07:08:09"}
    records = [{"value": value} for value in (user, user, user, user | {"age": -1})]
    running.post(topic, json.dumps({"records": records}).encode())
    running.await_landed()

    told = dag_test(MAX_REJECTED_SHARE=0.2)

    assert told.code == 1
    assert told.tasks == {
        "new_objects": ("success", "1"),
        "load": ("success", "1"),
        "quality_gate": ("failed", "1"),
        "publish": ("upstream_failed", "0"),
        "notify": ("upstream_failed", "0"),
    }
    breach = f"{topic}: 1 of 4 records rejected, 25.0%: more than 20.0% (MAX_REJECTED_SHARE)"
    assert told.last.startswith(f"error: quality_gate failed: {breach}")
    assert published(running) == before
