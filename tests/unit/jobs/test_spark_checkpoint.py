"""Where another engine goes on with a stream, from the files of Spark's checkpoint."""

import json

import pytest

from jobs.spark_checkpoint import is_there, positions_of
from jobs.stream_progress import StreamProgress
from pipeline.entities import GEO, PIN
from pipeline.estate import Estate
from tests.outputs import ON_AWS

ESTATE = Estate.model_validate(ON_AWS)
AT = {number: {"shardId-0": {"start": "TRIM_HORIZON", "after": str(number)}} for number in range(12)}
ELSEWHERE = {"shardId-0": {"start": "TRIM_HORIZON", "after": "another stream's"}}
LANE, OF_ITS_OWN = "checkpoints/stream/c", "checkpoints/stream/c/geo"


class Stored(dict):
    """The bucket: key → body."""

    def names(self, prefix):
        return [key.removeprefix(prefix) for key in self if key.startswith(prefix)]


@pytest.fixture
def checkpoint(monkeypatch):
    """Puts what Spark has written: the offsets of so many micro-batches, and that some are done."""
    stored = Stored()
    monkeypatch.setattr("jobs.spark_checkpoint.Objects", lambda estate: stored)

    def put(planned, done, prefix=LANE):
        stored[f"{prefix}/metadata"] = b'{"id":"the-query"}'
        before, after = ([], []) if prefix == OF_ITS_OWN else ([ELSEWHERE], [ELSEWHERE])
        for number in range(planned):
            lines = ["v1", '{"batchWatermarkMs":0}', *map(json.dumps, [*before, AT[number], *after])]
            stored[f"{prefix}/offsets/{number}"] = "\n".join(lines).encode()
        for number in range(done):
            stored[f"{prefix}/commits/{number}"] = b'v1\n{"nextBatchWatermarkMs":0}'

    return put


def progress(**more):
    return StreamProgress(checkpoint="c", **more)


@pytest.mark.parametrize("prefix", [LANE, OF_ITS_OWN])
def test_it_is_behind_the_last_micro_batch_that_is_done_of_the_stream_itself(checkpoint, prefix):
    checkpoint(planned=11, done=10, prefix=prefix)  # as text, 9 would be the last one
    assert positions_of(ESTATE, GEO, progress()) == AT[9]


def test_a_micro_batch_that_is_counted_is_in_the_tables_whether_spark_could_say_so_or_not(checkpoint):
    checkpoint(planned=3, done=2)
    assert positions_of(ESTATE, GEO, progress(query="the-query", last_batch=2)) == AT[2]
    assert positions_of(ESTATE, GEO, progress(query="of-another-checkpoint", last_batch=2)) == AT[1]


def test_where_no_micro_batch_is_done_it_is_where_the_checkpoint_began(checkpoint):
    assert positions_of(ESTATE, GEO, progress()) is None
    assert positions_of(ESTATE, GEO, progress(positions=AT[5])) == AT[5]
    checkpoint(planned=1, done=0)
    assert positions_of(ESTATE, GEO, progress(positions=AT[5])) == AT[5]


def test_a_stream_s_own_checkpoint_is_not_the_lane_s(checkpoint):
    checkpoint(planned=2, done=1, prefix=OF_ITS_OWN)
    assert not is_there(ESTATE, "c")
    assert positions_of(ESTATE, PIN, progress()) is None
    checkpoint(planned=2, done=1)
    assert is_there(ESTATE, "c")
