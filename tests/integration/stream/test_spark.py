"""What is promised of the stream job on Spark alone."""

import json

import pytest

from tests.integration.stream.kinesis import events
from tests.integration.stream.test_job import table_of

NOTHING = {"records_in": 0, "clean": 0, "rejected": 0, "superseded": 0, "missing": 0}


@pytest.fixture
def engine() -> str:
    return "spark"


def test_a_lane_whose_streams_had_a_query_each_goes_on_where_these_stopped(new_job):
    job, sent = new_job(1), events(200, seed=21)
    estate = job.running.estate
    s3 = estate.client("s3")

    def put(key: str, *lines: object) -> None:
        s3.put_object(Bucket=estate.bucket, Key=key, Body="\n".join(map(str, lines)).encode())

    for name, stream in job.streams.items():
        stream.put(sent[name][:100])
    job.once(ENGINE="duckdb")
    for name in job.streams:  # as the lane left things until November 2026
        key = estate.stream_progress_key(name)
        progress = json.loads(s3.get_object(Bucket=estate.bucket, Key=key)["Body"].read())
        offset = json.dumps(progress["positions"])
        progress |= {"engine": "spark", "checkpoint": "", "query": "query", "last_batch": 0, "positions": None}
        put(key, json.dumps(progress))
        put(f"checkpoints/stream/{name}/metadata", '{"id":"query"}')
        put(f"checkpoints/stream/{name}/offsets/0", "v1", '{"batchWatermarkMs":0}', offset)
        put(f"checkpoints/stream/{name}/commits/0", "v1", '{"nextBatchWatermarkMs":0}')
    for name, stream in job.streams.items():
        stream.put(sent[name][100:])

    said = job.once().stdout

    assert "300 in = 300 clean + 0 rejected + 0 superseded" in said
    for name in job.streams:
        assert job.figures(name) == NOTHING | {"records_in": 200, "clean": 200}
        assert job.rows(name)[name] == table_of(name, sent[name])
    assert "nothing new in the streams" in job.once().stdout
