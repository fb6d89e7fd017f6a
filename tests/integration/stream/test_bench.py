"""The parts of the bench that have a moto of their own run as commands; ../test_bench.py has the others."""

import os
import re
import subprocess
import sys

from bench.table import Row
from tests.integration.conftest import ROOT
from tests.integration.test_bench import NUMBER, assert_rows


def bench(part, tmp_path):
    """The rows that the part prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", part, "--tiny"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    where, *_, head = done.stdout.partition("|---|---|---|")[0].splitlines()
    assert where.startswith("Commit ")
    assert head == "| what | measured | beside the baseline |"
    lines = done.stdout.partition("|---|---|---|\n")[2].strip().splitlines()
    return [Row(*re.fullmatch(r"\| (.*) \| (.*) \| (.*) \|", line).groups()) for line in lines]


def test_the_start_part_runs(tmp_path):
    took = r"[\d.]+ s, [\d.]+ s of CPU"
    times = r"[\d.]+x the CPU of nothing"
    assert_rows(
        bench("start", tmp_path),
        [
            ("nothing: `python -c pass`", took, "baseline"),
            *((f"`python -m {module} --help`", took, times) for module in ("emulator", "jobs", "infra", "local")),
            *((f"importing emulator.{module}", took, times) for module in ("send", "events", "verify")),
            *((f"importing jobs.{module}", took, times) for module in ("batch", "export", "parity", "stream")),
            ("a batch that finds nothing new", took, rf"{times} \(target: 1.5 s of CPU\)"),
        ],
    )


def test_the_stream_part_runs(tmp_path):
    rate, ratio = rf"{NUMBER} records/s", r"[\d.]+x the loop \(target: 0.8x\)"
    expected = []
    for engine, ours in (("DuckDB", "DuckDB from {}, into Delta"), ("Spark", "our source from {}, into Spark rows")):
        for shards in ("1 shard", "2 shards", "4 shards"):
            expected.append((f"a plain boto3 loop over {shards}", rate, "baseline"))
            expected.append((ours.format(shards), rate, ratio))
        expected += running(engine)
    assert_rows(bench("stream", tmp_path), expected)


def running(engine):
    return [
        (
            f"{engine}: arrival to commit at 500 events/s over three streams, minute 1",
            r"p50 [\d.]+ s, p99 [\d.]+ s",
            rf"\d+ micro-batches a minute, [\d.]+ cores, {NUMBER} MiB, {NUMBER} files",
        ),
        (
            f"{engine}: an idle lane, three streams of two shards",
            r"[\d.]+ API calls/s, [\d.]+ cores",
            "a GetRecords a shard a second, a ListShards a stream every ten",
        ),
    ]
