"""What the stream has dropped before it was read: never passed over in silence."""

import json
import logging

import pytest

from jobs.kinesis import KinesisError, age_seconds, lost_hours
from tests.unit.jobs.kinesis.simulator import name


def test_records_that_were_trimmed_while_the_query_was_down_are_told_in_hours(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    kinesis.put("lost")
    clock.pass_hours(30)
    kinesis.put("left")
    query.restart()
    with pytest.raises(KinesisError) as raised:
        query.trigger()
    assert str(raised.value) == (
        "stream pins: shardId-000000000000: what arrived in the 6.0 hours from 2027-01-15 08:00 UTC to "
        "2027-01-15 14:00 UTC is no longer there. Raise the stream's retention for the next time; to go on now with "
        "what there is, set failOnDataLoss=false"
    )


def test_it_goes_on_when_asked_to_and_counts(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    kinesis.put("lost")
    clock.pass_hours(30)
    kinesis.put("left")
    query.restart(failOnDataLoss="false")
    assert query.texts() == ["left"]
    assert lost_hours(query.log[-1]) == 6.0
    query.restart()
    assert query.texts() == []
    clock.pass_hours(25)
    query.restart()
    query.trigger()
    assert lost_hours(query.log[-1]) == 7.0


def test_a_loss_behind_which_nothing_has_come_is_counted_once(kinesis, clock, start):
    query = start(failOnDataLoss="false")
    kinesis.put("a")
    query.trigger()
    clock.pass_hours(30)
    for _ in range(3):
        query.restart()
        assert query.texts() == []
    assert lost_hours(query.log[-1]) == 6.0


def test_a_loss_of_a_shard_that_has_been_split_is_counted_once(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    clock.pass_hours(7)
    kinesis.split(0)
    kinesis.put("child", shard=1)
    clock.pass_hours(23)
    query.restart(failOnDataLoss="false")
    assert query.texts() + query.texts() == ["child"]
    assert lost_hours(query.log[-1]) == 6.0


def test_a_loss_is_counted_once_while_kinesis_fails(kinesis, clock, start):
    query = start(failOnDataLoss="false")
    kinesis.put("a")
    query.trigger()
    clock.pass_hours(30)
    kinesis.faults["GetRecords"] = [(500, "InternalFailure")] * 2
    for _ in range(3):
        query.trigger()
    assert lost_hours(query.log[-1]) == 6.0


def test_a_stream_that_keeps_records_for_longer(kinesis, clock, start):
    kinesis.retention_hours = 48
    query = start()
    kinesis.put("a")
    query.trigger()
    kinesis.put("b")
    clock.pass_hours(47)
    query.restart()
    assert query.texts() == ["b"]


def test_a_query_that_was_down_for_less_than_the_retention_of_a_stream_idle_for_days(kinesis, clock, start):
    """Its last record is long gone, and yet nothing was lost."""
    query = start()
    kinesis.put("a")
    assert query.texts() == ["a"]
    for _ in range(3 * 24 * 2):
        clock.pass_hours(0.5)
        assert query.texts() == []
    clock.pass_hours(22.5)
    kinesis.put("b")
    clock.pass_hours(0.25)
    query.restart()
    assert query.texts() == ["b"]


def test_a_start_at_the_tip_of_an_idle_stream(kinesis, clock, start):
    query = start(initialPosition="latest")
    for _ in range(60):
        query.trigger()
        clock.pass_hours(0.5)
    clock.pass_hours(22)
    kinesis.put("a")
    query.restart()
    assert query.texts() == ["a"]


def test_a_query_that_runs_once_a_day_is_not_on_the_safe_side(kinesis, clock, start):
    query = start(initialPosition="latest")
    query.trigger()
    clock.pass_hours(25)
    with pytest.raises(KinesisError, match=r"in the 1.0 hours"):
        query.trigger()


def test_a_running_query_that_is_overtaken_by_the_retention(kinesis, clock, start):
    query = start(maxRecordsPerTrigger="1")
    kinesis.put("a", "b", "c")
    assert query.texts() == ["a"]
    clock.pass_hours(24.5)
    with pytest.raises(KinesisError, match=r"in the 0.5 hours"):
        query.trigger()


def test_a_moment_to_start_at_that_is_older_than_the_retention(kinesis, clock, start):
    kinesis.put("lost")
    clock.pass_hours(29)
    kinesis.put("left")
    clock.pass_hours(1)
    query = start(initialPosition='{"at_timestamp": "2027-01-15T09:30:00Z"}')
    with pytest.raises(KinesisError, match=r"in the 4.5 hours from 2027-01-15 09:30 UTC to 2027-01-15 14:00 UTC"):
        query.trigger()
    query.restart(failOnDataLoss="false")
    assert query.texts() == ["left"]
    assert lost_hours(query.log[-1]) == 4.5


def test_a_moment_to_start_at_that_is_older_than_the_stream(kinesis, clock, start):
    kinesis.put("a")
    query = start(initialPosition='{"at_timestamp": "2026-01-15T08:00:00Z"}')
    assert query.texts() == ["a"]
    assert lost_hours(query.log[-1]) == 0.0


def test_the_beginning_is_what_is_there(kinesis, clock, start):
    kinesis.put("gone")
    clock.pass_hours(30)
    kinesis.put("left")
    assert start().texts() == ["left"]


def test_a_micro_batch_to_be_done_again_that_is_no_longer_there(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    kinesis.put("b")
    query.trigger(crash=True)
    clock.pass_hours(30)
    query.restart()
    with pytest.raises(KinesisError, match=r"in the 6.0 hours"):
        query.trigger()
    query.restart(failOnDataLoss="false")
    assert query.texts() == []
    kinesis.put("c")
    assert query.texts() == ["c"]


def test_a_first_micro_batch_to_be_done_again_that_is_no_longer_there(kinesis, clock, start):
    [number] = kinesis.put("a")
    query = start()
    query.trigger(crash=True)
    clock.pass_hours(30)
    kinesis.put("b")
    began = clock.now
    query.restart()
    with pytest.raises(
        KinesisError, match=f"the records up to {number}, which a micro-batch has to read again, are no"
    ):
        query.trigger()
    assert clock.now == began  # what lies behind says it: there is nothing to wait for


def test_a_micro_batch_to_be_done_again_behind_which_nothing_came(kinesis, clock, start):
    kinesis.put("a")
    query = start()
    query.trigger(crash=True)
    clock.pass_hours(30)
    began = clock.now
    query.restart()
    with pytest.raises(KinesisError, match="which a micro-batch has to read again, are no longer there"):
        query.trigger()
    assert 5 < clock.now - began < 6


def test_a_shard_that_is_gone(kinesis, clock, start, caplog):
    query = start(maxRecordsPerTrigger="1")
    kinesis.put("a", "lost")
    kinesis.split(0)
    assert query.texts() == ["a"]
    clock.pass_hours(30)
    kinesis.put("child", shard=1)
    query.restart()
    with pytest.raises(KinesisError) as raised:
        query.trigger()
    assert str(raised.value) == (
        "stream pins: no longer there, and not read to their end: shardId-000000000000; the stream's retention is over "
        "for them, or it was made anew. Start from a new checkpoint, or set failOnDataLoss=false to go on with what "
        "there is"
    )
    query.restart(failOnDataLoss="false")
    with caplog.at_level(logging.WARNING):
        assert query.texts() == ["child"]
    assert "not read to their end: shardId-000000000000; going on with what there is" in caplog.text
    assert {shard: position["lost"] for shard, position in query.offset().items()} == {
        name(1): 6 * 3_600_000,
        name(2): 6 * 3_600_000,
    }


def test_a_shard_of_a_micro_batch_to_be_done_again_that_is_gone(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    kinesis.put("lost")
    kinesis.split(0)
    query.trigger(crash=True)
    clock.pass_hours(30)
    kinesis.retention_hours = 100  # raised too late: the shard has been dropped
    del kinesis.shards[name(0)]
    query.restart()
    with pytest.raises(KinesisError, match="which a micro-batch has to read again, are no longer there"):
        query.trigger()
    query.restart(failOnDataLoss="false")
    assert query.texts() == []
    kinesis.put("child", shard=1)
    assert query.texts() == ["child"]


@pytest.mark.parametrize("ends_late", [False, True])
def test_children_that_were_split_off_long_before_their_parent_was_read(kinesis, clock, start, ends_late):
    """That the parent is read now says nothing of them."""
    kinesis.ends_late = ends_late
    query = start()
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("lost", shard=1)
    clock.pass_hours(20)
    assert query.texts() == ["parent"]
    if ends_late:
        assert query.trigger() == []
    assert query.offset()[name(0)]["closed"] is True
    clock.pass_hours(10)
    query.restart()
    with pytest.raises(KinesisError, match=r"in the 6.0 hours from 2027-01-15 08:00 UTC"):
        query.trigger()


def test_a_shard_that_goes_while_it_is_read(kinesis, clock, start):
    query = start(maxRecordsPerTrigger="1", shardFetchInterval="100h")
    kinesis.put("a", "lost")
    kinesis.split(0)
    assert query.texts() == ["a"]
    clock.pass_hours(24.1)
    query.options["failOnDataLoss"] = "false"
    with pytest.raises(KinesisError, match=r"0.1 hours"):
        query.trigger()
    kinesis.retention_hours = 100
    del kinesis.shards[name(0)]
    clock.sleep(61)
    with pytest.raises(KinesisError, match=r"shardId-0+: no longer there, and not read to its end \(Shard shardId-0"):
        query.trigger()


def test_a_shard_that_goes_while_it_is_read_is_passed_over_when_asked_to(kinesis, clock, start):
    query = start(maxRecordsPerTrigger="1", shardFetchInterval="100h", failOnDataLoss="false")
    kinesis.put("a", "lost")
    kinesis.split(0)
    kinesis.put("child", shard=2)
    assert query.texts() == ["a"]
    gone = kinesis.shards.pop(name(0))
    assert query.texts() == []
    assert gone.closed_at is not None
    assert [query.texts(), query.texts()] == [["child"], []]


def test_a_stream_made_anew(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    clock.pass_hours(2)
    kinesis.make(1)
    kinesis.put("b")
    query.restart()
    with pytest.raises(KinesisError) as raised:
        query.trigger()
    assert str(raised.value) == (
        "stream pins: shardId-000000000000 is not the shard that was read; was the stream made anew? Start from a new "
        "checkpoint, or set failOnDataLoss=false to go on with what there is"
    )
    query.restart(failOnDataLoss="false")
    assert query.texts() == ["b"]
    assert lost_hours(query.log[-1]) == 2.0
    kinesis.put("c")
    query.trigger(crash=True)
    query.restart(failOnDataLoss="true")
    assert [query.texts(), query.texts()] == [["c"], []]


def test_a_micro_batch_over_a_stream_made_anew_is_done_again(kinesis, start):
    query = start(failOnDataLoss="false")
    kinesis.put("a")
    query.trigger()
    kinesis.make(1)
    kinesis.put("b", "c")
    query.restart()
    query.trigger(crash=True)
    query.restart()
    assert [query.texts(), query.texts()] == [["b", "c"], []]


def test_an_emulator_that_does_not_find_the_position(kinesis, start):
    """As LocalStack says it."""
    query = start()
    kinesis.put("a")
    query.trigger()
    message = "Unable to find record with provided SequenceNumber SequenceNumber(1) in stream Some(pins)"
    kinesis.faults["GetShardIterator"] = [(400, "ResourceNotFoundException", message)]
    query.restart()
    with pytest.raises(KinesisError, match="was the stream made anew"):
        query.trigger()


def test_the_summary_is_not_asked_for_in_the_usual_course(kinesis, clock, start):
    query = start()
    for _ in range(10):
        kinesis.put("a")
        query.trigger()
        clock.pass_hours(20)
        query.restart()
    assert kinesis.called("DescribeStreamSummary") == []


def test_the_summary_is_not_asked_for_with_each_fetch(kinesis, clock, start):
    kinesis.retention_hours = 168
    kinesis.put(*"abcde")
    query = start(maxRecordsPerTrigger="1")
    clock.pass_hours(30)
    for _ in range(5):
        query.trigger()
        clock.sleep(25)
    assert len(kinesis.called("DescribeStreamSummary")) == 2


def test_the_age_of_what_is_not_read_yet(kinesis, clock, start):
    kinesis.put("a")
    clock.sleep(50)
    kinesis.put("b", "c")
    clock.sleep(10)
    query = start(maxRecordsPerTrigger="2")
    assert query.texts() == ["a", "b"]
    assert age_seconds(query.log[-1], clock.now) == 10.0
    assert query.texts() == ["c"]
    assert age_seconds(query.log[-1], clock.now) == 0.0
    assert age_seconds(query.log[-1], clock.now + 5) == 5.0


def test_a_quiet_shard_is_no_older_than_its_busy_neighbour(kinesis, clock, start):
    kinesis.make(2)
    query = start()
    query.trigger()
    clock.sleep(1800)
    kinesis.put("a")
    assert query.texts() == ["a"]
    assert age_seconds(query.log[-1], clock.now) == 0.0


def test_an_idle_stream_makes_no_micro_batches_but_one_an_hour(kinesis, clock, start):
    kinesis.put("a")
    query = start()
    for _ in range(24 * 6):
        query.trigger()
        clock.sleep(601)
    assert len(query.log) == 24
    assert {json.loads(text)[name(0)]["after"] for text in query.log} == {query.offset()[name(0)]["after"]}
