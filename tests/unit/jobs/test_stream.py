"""What a stream counts and tells, without a stream."""

import pytest

from jobs.figures import Figures
from jobs.spark.stream import PLAIN
from jobs.stream_engine import Done
from jobs.stream_log import _percentile
from jobs.stream_progress import KEPT, MicroBatch, StreamProgress

BATCH = MicroBatch(committed=1.0, records=2, latency_p50=0.5, latency_p99=0.9)


def test_a_micro_batch_that_was_counted_is_known_by_its_checkpoint_and_number():
    progress = StreamProgress()
    assert not progress.holds("", 0)

    progress.query, progress.last_batch = "checkpoint", 7

    assert progress.holds("checkpoint", 7)
    assert progress.holds("checkpoint", 6)
    assert not progress.holds("checkpoint", 8)
    assert not progress.holds("another", 7)  # numbers its micro-batches anew
    assert StreamProgress.model_validate_json(progress.model_dump_json()) == progress


def test_the_last_thousand_micro_batches_are_kept():
    progress = StreamProgress()
    for number in range(1001):
        progress.add(Figures(), BATCH.model_copy(update={"records": number}), float(number))
    assert progress.first == 0.0
    assert [batch.records for batch in progress.batches] == list(range(1, 1001))
    assert KEPT == 1000


@pytest.mark.parametrize(("percent", "seconds"), [(50, 1.0), (74, 1.0), (76, 9.0), (99, 9.0)])
def test_a_percentile_of_all_counts_each_micro_batch_by_its_records(percent, seconds):
    done = [Done(records, 0, [seconds] * 101, 0.0, 0.1) for records, seconds in ((300, 1.0), (100, 9.0))]
    assert _percentile(done, percent) == seconds


def test_a_percentile_of_nothing_is_nothing():
    assert _percentile([], 50) == 0.0


def test_what_ended_a_query_is_found_in_its_traceback():
    text = """[STREAM_FAILED] Query [id = 1] terminated with exception: failed
Traceback (most recent call last):
  File "source.py", line 1, in latestOffset
jobs.kinesis.errors.DataLoss: stream a-pin: shardId-0: what arrived in the 2.0 hours is no longer there
 SQLSTATE: XXKST"""
    assert PLAIN.findall(text) == ["stream a-pin: shardId-0: what arrived in the 2.0 hours is no longer there"]
