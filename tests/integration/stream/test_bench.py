"""The stream part of the bench runs, on its own moto; tests/integration/test_bench.py has the other parts."""

from bench import stream
from bench.sizes import TINY
from pipeline.settings import load
from tests.integration.test_bench import NUMBER, assert_rows


def test_the_stream_part_runs(tmp_path):
    rows = stream.measure(load(state=tmp_path, user_id="bench"), TINY)

    rate = rf"{NUMBER} records/s"
    ratio = r"[\d.]+x the loop \(target: 0.8x\); limited by boto3 and moto, a process each"
    expected = []
    for shards in ("1 shard", "2 shards", "4 shards"):
        expected.append((f"a plain boto3 loop over {shards}", rate, "baseline"))
        expected.append((f"our source from {shards}, into Spark rows", rate, ratio))
    expected.append(
        (
            "arrival to commit at 500 events/s over three streams",
            r"p50 [\d.]+ s, p99 [\d.]+ s",
            r"\d+ micro-batches a minute; limited by Delta's commits, three on two cores",
        )
    )
    expected.append(
        (
            "an idle stream lane: three streams of two shards, a look a second",
            r"[\d.]+ API calls/s, [\d.]+ cores",
            "a GetRecords a shard a second .TRIGGER., a ListShards a stream every ten",
        )
    )
    assert_rows(rows, expected)
