"""The pipeline in containers, by the commands of `make ... RUNTIME=docker`: its tables beside those of this machine's
own run, who its processes are, and how they end."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.generator import generate
from local import containers
from local.stack import Stack
from pipeline.entities import ENTITIES
from pipeline.settings import load
from tests import contract
from tests.images.conftest import docker
from tests.images.pipelines import Pipeline, in_containers, on_host

ROWS = 400
SERVERS = ("kinesis", "localstack", "control-plane", "kafka", "connect", "rest-proxy")
SIGKILLED = 137
# One place that cannot be on this earth.
REFUSED = {"ind": 9001, "country": "Aruba", "latitude": 91, "longitude": 0, "timestamp": "2020-01-01 00:00:00"}


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Path:
    """A folder with ROWS rows of each table, and one place more, to be rejected."""
    folder = tmp_path_factory.mktemp("rows")
    folder.chmod(0o755)  # for the container's user
    for entity in ENTITIES:
        generated = [row for block in generate(seed=11, rows=ROWS) for row in getattr(block, entity.name)]
        lines = [json.dumps(dict(zip(entity.columns, row, strict=True))) for row in generated]
        lines += [json.dumps(REFUSED)] if entity.name == "geo" else []
        (folder / f"{entity.source_table}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def containers_run(images, build_environment, rows, tmp_path_factory) -> Iterator[Pipeline]:
    """A pipeline in containers whose batch lane has run."""
    for name in containers.IMAGES:
        images(name)
    pipeline = in_containers(tmp_path_factory.mktemp("containers"), build_environment)
    try:
        pipeline.run("local", "ready")
        pipeline.run("emulator", data=rows)
        assert f"{3 * ROWS + 1:,} in = {3 * ROWS:,} clean + 1 rejected" in pipeline.run("jobs", "batch")
        yield pipeline
    finally:
        pipeline.run("local", "clean")


@pytest.fixture(scope="module")
def host_run(rows, tmp_path_factory) -> Iterator[Pipeline]:
    """A pipeline of this machine's processes whose batch lane has run."""
    pipeline = on_host(tmp_path_factory.mktemp("host"))
    try:
        pipeline.run("local", "ready")
        pipeline.run("emulator", data=rows)
        pipeline.run("jobs", "batch")
        yield pipeline
    finally:
        Stack(load(state=pipeline.state)).down()


def test_the_tables_are_as_the_contract_says(containers_run, rows):
    for entity in ENTITIES:
        expected = contract.table_of(entity.name, (rows / f"{entity.source_table}.jsonl").read_text().split("\n")[:-1])
        assert len(expected) == ROWS
        assert containers_run.export(entity.name) == [expected[key] for key in sorted(expected)]


def test_tables_analyses_and_report_are_those_of_the_run_without_docker(containers_run, host_run):
    for table in ("pin", "geo", "user"):
        assert containers_run.export(table) == host_run.export(table)
    for run in (containers_run, host_run):
        [rejected] = run.export("rejected")
        assert (rejected["topic"], rejected["reason"]) == ("abcdef012345.geo", "latitude is outside ±90")
        assert json.loads(rejected["raw"]) == REFUSED
    assert len(host_run.analyses()) == 11
    assert containers_run.analyses() == host_run.analyses()
    report = (containers_run.outputs / "report" / "index.html").read_text()
    assert "1,201 in = 1,200 clean + 1 rejected + 0 superseded" in report


def test_both_lanes_make_the_same_tables(containers_run, rows):
    containers_run.run("emulator", data=rows, lane="stream")
    containers_run.run("jobs", "stream", once="yes")
    assert "the same" in containers_run.run("jobs", "parity")


def test_spark_goes_on_with_the_tables_that_duckdb_made(containers_run):
    before = {row["ind"] for row in containers_run.export("pin")}
    containers_run.run("emulator", rows=ROWS + 100, seed=41)
    shown = containers_run.run("jobs", "batch", engine="spark")
    assert "engine: spark" in shown
    assert f"{3 * ROWS + 300:,} in = " in shown
    keys = [row["ind"] for row in containers_run.export("pin")]
    assert len(keys) == len(set(keys))
    assert set(keys) > before


@pytest.mark.parametrize("service", SERVERS)
def test_a_server_has_no_rights_that_it_does_not_need(containers_run, service):
    [container] = running(containers_run, service)
    [told] = json.loads(docker("inspect", container))
    assert told["State"]["Health"]["Status"] == "healthy"
    assert told["HostConfig"]["ReadonlyRootfs"] is True
    assert told["HostConfig"]["CapDrop"] == ["ALL"]
    users = [line.split()[1] for line in docker("top", container, "-eo", "pid,uid").splitlines()[1:]]
    assert set(users) == {"1000"}
    ports = [binding["HostIp"] for bound in told["NetworkSettings"]["Ports"].values() for binding in bound or []]
    assert set(ports) <= {"127.0.0.1"}


def test_an_emulator_that_is_told_to_stop_goes_on_where_it_was(containers_run):
    """Sent: 3,000 rows more, of which each must be in Kafka once."""
    before = records(containers_run)
    settings = {"rows": 1000, "seed": 5, "rate": 300, "wait": "no"}
    process = containers_run.start("emulator", **settings)
    [container] = await_running(containers_run, "emulator")
    time.sleep(3)
    assert stopped(container) < 10
    printed, _ = process.communicate()
    assert "the same command goes on behind the rows acknowledged" in printed
    assert process.returncode == 130

    assert "resuming" in containers_run.run("emulator", **settings | {"rate": 100000})
    assert records(containers_run) == before + 3000


def test_a_stream_job_that_is_told_to_stop_ends_its_micro_batches(containers_run):
    process = containers_run.start("jobs", "stream")
    [container] = await_running(containers_run, "jobs-stream")
    while "reading" not in docker("logs", container):
        time.sleep(0.1)
    containers_run.run("emulator", lane="stream", rows=600, seed=3, rate=200)
    assert stopped(container) < 10
    printed, _ = process.communicate()
    assert "the next `make stream` goes on from here" in printed
    assert process.returncode == 0

    containers_run.run("jobs", "stream", once="yes")
    assert len(containers_run.export("pin", lane="stream")) >= 600


def test_a_batch_job_that_is_told_to_stop_loses_nothing(containers_run):
    containers_run.run("emulator", rows=500, seed=23)
    process = containers_run.start("jobs", "batch")
    [container] = await_running(containers_run, "jobs")
    while "loading" not in docker("logs", container):
        time.sleep(0.1)
    assert stopped(container) < 10
    process.communicate()
    assert process.returncode == 130

    assert "rejected" in containers_run.run("jobs", "batch")
    keys = [row["ind"] for row in containers_run.export("pin")]
    assert len(keys) == len(set(keys)) >= 500


def test_servers_stop_in_time_and_kafka_keeps_its_data(containers_run):
    before = records(containers_run)
    for service in reversed(SERVERS):
        [container] = running(containers_run, service)
        assert stopped(container) < 10, service
        assert json.loads(docker("inspect", container))[0]["State"]["ExitCode"] != SIGKILLED, service
    containers_run.run("local", "down")
    containers_run.run("local", "ready")
    assert records(containers_run) == before
    assert "up" in containers_run.run("local", "status")


def records(pipeline: Pipeline) -> int:
    """Records that the topics hold, as `make status` tells."""
    lines = pipeline.run("local", "status").splitlines()
    counts = [line.split("records")[0].split()[-1] for line in lines if line.startswith("topic ")]
    assert len(counts) == 4
    return sum(int(count.replace(",", "")) for count in counts)


def running(pipeline: Pipeline, service: str) -> list[str]:
    """Ids of the service's running containers."""
    project = containers.project(pipeline.outputs)
    of_service = [
        f"label=com.docker.compose.{name}={value}" for name, value in (("project", project), ("service", service))
    ]
    return docker("ps", "--quiet", "--filter", of_service[0], "--filter", of_service[1]).split()


def await_running(pipeline: Pipeline, service: str) -> list[str]:
    deadline = time.monotonic() + 60
    while not (found := running(pipeline, service)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def stopped(container: str) -> float:
    """Stop a container as Docker does; the seconds that it took to end. A minute after SIGTERM it would be killed."""
    began = time.monotonic()
    subprocess.run(["docker", "stop", "--time", "60", container], check=True, capture_output=True)
    return time.monotonic() - began
