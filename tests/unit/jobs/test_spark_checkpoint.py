"""Where another engine goes on with a stream, from the files of Spark's checkpoint."""

import json

import pytest

from jobs.spark_checkpoint import positions_of
from jobs.stream_progress import StreamProgress
from pipeline.estate import Estate
from tests.outputs import ON_AWS

ESTATE = Estate.model_validate(ON_AWS)
AT = {number: {"shardId-0": {"start": "TRIM_HORIZON", "after": str(number)}} for number in range(12)}


class Stored(dict):
    """The bucket: key → body."""

    def names(self, prefix):
        return [key.removeprefix(prefix) for key in self if key.startswith(prefix)]


@pytest.fixture
def checkpoint(monkeypatch):
    """Puts what Spark has written: the offsets of so many micro-batches, and that some are done."""
    stored = Stored()
    monkeypatch.setattr("jobs.spark_checkpoint.Objects", lambda estate: stored)

    def put(planned, done):
        stored["c/metadata"] = b'{"id":"the-query"}'
        for number in range(planned):
            stored[f"c/offsets/{number}"] = f'v1\n{{"batchWatermarkMs":0}}\n{json.dumps(AT[number])}'.encode()
        for number in range(done):
            stored[f"c/commits/{number}"] = b'v1\n{"nextBatchWatermarkMs":0}'

    return put


def test_it_is_behind_the_last_micro_batch_that_is_done(checkpoint):
    checkpoint(planned=11, done=10)  # as text, 9 would be the last one
    assert positions_of(ESTATE, "c", StreamProgress()) == AT[9]


def test_a_micro_batch_that_is_counted_is_in_the_tables_whether_spark_could_say_so_or_not(checkpoint):
    checkpoint(planned=3, done=2)
    assert positions_of(ESTATE, "c", StreamProgress(query="the-query", last_batch=2)) == AT[2]
    assert positions_of(ESTATE, "c", StreamProgress(query="of-another-checkpoint", last_batch=2)) == AT[1]


def test_a_checkpoint_without_a_micro_batch_that_is_done_tells_nothing(checkpoint):
    assert positions_of(ESTATE, "c", StreamProgress()) is None
    checkpoint(planned=1, done=0)
    assert positions_of(ESTATE, "c", StreamProgress()) is None
