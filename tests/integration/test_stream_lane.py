"""The stream lane over LocalStack: through the API into Kinesis and into tables that are the batch lane's, and what
becomes of it when any call of Kinesis may fail."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.generator import generate
from pipeline.entities import ENTITIES
from pipeline.estate import load_estate, save_estate
from pipeline.settings import load
from tests import contract
from tests.delta import read_table
from tests.integration.conftest import ROOT, Running
from tests.integration.stream.faults import EXPIRED, FAILED, LOST, PARTIAL, RESET, THROTTLED, UNAVAILABLE, FaultProxy
from tests.integration.stream.kinesis import Stream

REAL_ROWS = Path(__file__).parents[3] / "shared" / "data" / "real"


@pytest.fixture
def new_lane(running, tmp_path) -> Callable[..., Running]:
    """The same servers and, unless another is named, the same bucket, with a STATE and streams of the test's own."""

    def make(name: str, **outputs: object) -> Running:
        settings = load(state=tmp_path / "state", user_id=running.settings.user_id)
        streams = {entity.name: f"{name}-{entity.name}" for entity in ENTITIES}
        for stream in streams.values():
            Stream(running.estate.client("kinesis"), stream).create(2)
        estate = json.loads((running.settings.state / "estate.json").read_text())
        save_estate(settings, estate | {"streams": streams} | outputs)
        return replace(running, settings=settings, estate=load_estate(settings))

    return make


@pytest.fixture
def rows(tmp_path) -> Path:
    """The real rows; where they are not at hand, as many generated ones."""
    return REAL_ROWS if REAL_ROWS.is_dir() else write(tmp_path / "rows", 742)


def write(folder: Path, number: int) -> Path:
    folder.mkdir()
    blocks = list(generate(seed=9, rows=number))
    for entity in ENTITIES:
        found = [dict(zip(entity.columns, row, strict=True)) for block in blocks for row in getattr(block, entity.name)]
        (folder / f"{entity.source_table}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found))
    return folder


def lines(folder: Path, entity) -> list[str]:
    return (folder / f"{entity.source_table}.jsonl").read_text().split("\n")[:-1]


def tables(lane: Running) -> dict[str, list[dict]]:
    return {entity.name: read_table(lane.estate, entity.name, "stream") for entity in ENTITIES}


def expected(folder: Path) -> dict[str, list[dict]]:
    found = {entity.name: contract.table_of(entity.name, lines(folder, entity)) for entity in ENTITIES}
    return {name: [rows[key] for key in sorted(rows)] for name, rows in found.items()}


def figures(lane: Running, entity: str) -> dict[str, int]:
    s3, key = lane.estate.client("s3"), lane.estate.stream_progress_key(entity)
    return json.loads(s3.get_object(Bucket=lane.estate.bucket, Key=key)["Body"].read())["figures"]


def test_the_same_rows_make_the_same_tables_in_both_lanes(running, new_lane, rows):
    running.run("emulator", DATA=rows)
    running.run("jobs", "batch")
    lane = new_lane("parity")

    sent = lane.run("emulator", LANE="stream", DATA=rows).stdout
    assert "sent 2,226 rows" in sent
    assert lane.run("emulator", "verify", LANE="stream").stdout.count(" 0 missing, 0 extra") == 3
    streamed = lane.run("jobs", "stream", "--once").stdout
    compared = lane.run("jobs", "parity").stdout

    keys = {entity.name: len(table) for entity, table in zip(ENTITIES, expected(rows).values(), strict=True)}
    clean = sum(keys.values())
    assert f"2,226 in = {clean:,} clean + 0 rejected + {2226 - clean:,} superseded" in streamed
    assert "arrival to commit: p50" in streamed
    for name, number in keys.items():
        assert f"{name}: {number:,} rows of the stream lane, {number:,} the same in the batch lane" in compared
    assert tables(lane) == expected(rows)
    report = (lane.settings.state / "report" / "index.html").read_text()
    assert f"stream lane: 2,226 in = {clean:,} clean" in report
    assert "The stream lane over time" in report


FAULTS = {
    "PutRecords": {THROTTLED: 0.1, FAILED: 0.1, UNAVAILABLE: 0.05, RESET: 0.1, LOST: 0.1, PARTIAL: 0.2},
    "GetRecords": {THROTTLED: 0.1, FAILED: 0.1, UNAVAILABLE: 0.05, RESET: 0.1, LOST: 0.1, EXPIRED: 0.1},
    "GetShardIterator": {THROTTLED: 0.15, FAILED: 0.15, UNAVAILABLE: 0.05, RESET: 0.15, LOST: 0.1},
    "ListShards": {THROTTLED: 0.15, FAILED: 0.15, UNAVAILABLE: 0.05, RESET: 0.15, LOST: 0.1},
}


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_whatever_call_of_kinesis_fails_nothing_is_lost_and_nothing_doubled(running, new_lane, tmp_path, engine):
    rows = write(tmp_path / "rows", 600)
    with FaultProxy(kinesis=str(running.estate.aws_endpoint_url), seed=11) as proxy:
        proxy.play(FAULTS)
        bucket = f"faults-{engine}-bucket"  # apart from the other tests' checkpoints
        running.estate.client("s3").create_bucket(Bucket=bucket)
        lane = new_lane(f"faults-{engine}", bucket=bucket, aws_endpoint_url=proxy.url)
        log = tmp_path / "job.log"
        with log.open("wb") as out:
            job = subprocess.Popen(
                [sys.executable, "-m", "jobs", "stream"],
                cwd=ROOT,
                env=lane.environment(TRIGGER="0.5", ENGINE=engine),
                stdout=out,
                stderr=out,
            )
        try:
            lane.run("emulator", LANE="stream", DIRECT="yes", DATA=rows, BATCH_SIZE=20)
            assert job.poll() is None, log.read_text()
            job.terminate()
            assert job.wait(90) == 0, log.read_text()
        finally:
            job.kill()
        lane.run("jobs", "stream", "--once", ENGINE=engine)
        played = proxy.played.copy()
        proxy.play({})
        assert tables(lane) == expected(rows)
        counted = {entity.name: figures(lane, entity.name) for entity in ENTITIES}

    for operation in ("PutRecords", "GetRecords"):
        assert {fault for played_of, fault in played if played_of == operation} == FAULTS[operation].keys()
    for operation in ("GetShardIterator", "ListShards"):
        assert any(played_of == operation for played_of, _ in played)
    for entity in ENTITIES:
        held = len(Stream(running.estate.client("kinesis"), lane.estate.streams[entity.name]).read())
        assert held >= 600  # an answer that was lost makes the emulator put its records again
        assert counted[entity.name] == {
            "records_in": held,
            "clean": 600,
            "rejected": 0,
            "superseded": held - 600,
            "missing": 0,
        }
