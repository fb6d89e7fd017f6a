"""A query whose process dies and starts again with its checkpoint."""

import json

import pytest

from tests.unit.jobs.kinesis.simulator import name


def test_it_goes_on_where_it_was(kinesis, start):
    query = start()
    kinesis.put("a", "b")
    assert query.texts() == ["a", "b"]
    query.restart()
    assert query.texts() == []
    kinesis.put("c")
    assert query.texts() == ["c"]


def test_a_micro_batch_done_again_has_the_very_same_rows(kinesis, start):
    kinesis.make(2)
    query = start()
    kinesis.put("before")
    query.trigger()
    kinesis.put("a", "b")
    kinesis.put("c", shard=1)
    query.trigger(crash=True)
    kinesis.put("behind")
    query.restart()
    assert query.texts() == ["a", "b", "c"]
    assert not query.fetched()
    assert query.texts() == ["behind"]
    assert query.fetched()


def test_a_micro_batch_done_again_twice(kinesis, start):
    query = start()
    kinesis.put("a")
    query.trigger(crash=True)
    for _ in range(2):
        query.restart()
        query.trigger(crash=True)
    assert query.texts() == ["a"]


def test_the_first_micro_batch_done_again_does_not_take_the_stream_from_its_beginning(kinesis, start):
    """Spark asks for the initial offset then: it must not become what the query goes on from."""
    query = start(maxRecordsPerTrigger="2")
    kinesis.put("a", "b", "c", "d", "e")
    query.trigger(crash=True)
    query.restart()
    assert [query.texts() for _ in range(4)] == [["a", "b"], ["c", "d"], ["e"], []]


@pytest.mark.parametrize("crash", [False, True])
def test_latest_is_not_moved_by_a_restart(kinesis, clock, start, crash):
    query = start(initialPosition="latest")
    query.trigger(crash)
    clock.sleep(60)
    kinesis.put("while it was down")
    clock.sleep(60)
    query.restart()
    assert query.drain() + query.drain() == ["while it was down"]


def test_the_first_micro_batch_from_latest_done_again_has_the_same_rows(kinesis, clock, start):
    kinesis.put("old")
    clock.sleep(60)
    reader = start(initialPosition="latest").reader
    reader.initialOffset()
    kinesis.put("a", "b")
    end = reader.latestOffset()

    query = start(initialPosition="latest")
    clock.sleep(60)
    kinesis.put("c")
    query.log.append(json.dumps(end))
    query.restart()
    assert query.texts() == ["a", "b"]
    assert query.texts() == ["c"]


def test_another_initial_position_is_of_no_effect(kinesis, start):
    query = start(initialPosition="latest")
    kinesis.put("a")
    query.drain()
    query.restart(initialPosition="trim_horizon")
    assert query.drain() == []


def test_a_micro_batch_done_again_takes_several_answers(kinesis, start):
    query = start()
    kinesis.put(*"abcdefg")
    query.trigger(crash=True)
    query.restart(maxRecordsPerFetch="2")
    kinesis.calls.clear()
    kinesis.gaps = 40  # eight seconds of them
    kinesis.put("h")
    assert query.texts() == list("abcdefg")
    assert [body["Limit"] for body in kinesis.called("GetRecords")] == [2] * 44


def test_an_iterator_that_expires_while_a_micro_batch_is_done_again(kinesis, clock, start):
    kinesis.put(*"abcd")
    query = start()
    query.trigger(crash=True)
    query.restart(maxRecordsPerFetch="2")
    reader = query.reader
    [partition] = reader.partitions(reader.initialOffset(), query.offset())
    batches = reader.read(partition)
    first = next(batches)["data"].to_pylist()
    clock.sleep(301)
    assert [first] + [batch["data"].to_pylist() for batch in batches] == [[b"a", b"b"], [b"c", b"d"]]


def test_a_child_first_read_in_a_micro_batch_that_is_done_again(kinesis, start):
    query = start()
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("child", shard=1)
    assert query.texts() == ["parent"]
    query.trigger(crash=True)
    query.restart()
    assert query.texts() == ["child"]
    assert query.texts() == []


def test_a_shard_that_closed_in_a_micro_batch_that_is_done_again(kinesis, start):
    query = start()
    query.trigger()
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("child", shard=2)
    query.trigger(crash=True)
    query.restart()
    assert [query.texts(), query.texts(), query.texts()] == [["parent"], ["child"], []]
    assert query.offset()[name(0)]["closed"] is True


def test_a_new_query_goes_on_at_the_positions_of_another(kinesis, start):
    kinesis.make(2)
    one = start()
    kinesis.put("a")
    kinesis.put("b", shard=1)
    assert sorted(one.texts()) == ["a", "b"]
    kinesis.put("c")
    other = start(startingPositions=json.dumps(one.offset()))
    assert other.texts() == ["c"]
    other.restart()
    kinesis.put("d", shard=1)
    assert other.texts() == ["d"]
