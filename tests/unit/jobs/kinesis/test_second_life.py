"""A stream that was deleted and created again under its name: nothing of its second life is taken for the first."""

import json

import pytest

from jobs.kinesis.errors import KinesisError
from tests.unit.jobs.kinesis.simulator import name


def everything(query):
    return sorted(text for _ in range(6) for text in query.texts())


def read_one_and_split(kinesis, query, *children):
    """Read a shard to its end, and what its children hold."""
    kinesis.put("a")
    query.trigger()
    kinesis.split(0)
    for shard, text in enumerate(children, start=1):
        kinesis.put(text, shard=shard)
    for _ in range(6):
        query.trigger()


@pytest.mark.parametrize("children", [(), ("b",), ("b", "c")])
@pytest.mark.parametrize("shards", [1, 2, 3, 5])
def test_all_of_the_second_life_is_read_when_asked_to(kinesis, start, children, shards):
    query = start(failOnDataLoss="false")
    read_one_and_split(kinesis, query, *children)
    kinesis.make(shards)
    texts = "vwxyz"[:shards]
    for shard, text in enumerate(texts):
        kinesis.put(text, shard=shard)
    query.restart()
    assert everything(query) == list(texts)


@pytest.mark.parametrize("children", [(), ("b",), ("b", "c")])
@pytest.mark.parametrize("shards", [1, 2, 3, 5])
def test_a_second_life_is_never_silent(kinesis, start, children, shards):
    query = start()
    read_one_and_split(kinesis, query, *children)
    kinesis.make(shards)
    query.restart()
    with pytest.raises(KinesisError, match="made anew"):
        query.trigger()


@pytest.mark.parametrize("read", [True, False])
def test_a_stream_with_the_same_shards_is_told_from_the_first(kinesis, start, read):
    kinesis.make(2)
    query = start()
    if read:
        kinesis.put("a")
    query.trigger()
    kinesis.make(2)
    query.restart()
    with pytest.raises(KinesisError, match=f"{name(0)} is not the shard that was read; was the stream made anew"):
        query.trigger()


def test_a_second_life_that_was_split_already_is_read_in_order(kinesis, start):
    query = start(failOnDataLoss="false")
    read_one_and_split(kinesis, query, "b")
    kinesis.make(1)
    kinesis.put("x")
    kinesis.split(0)
    kinesis.put("y", shard=1)
    query.restart()
    assert [text for _ in range(6) for text in query.texts()] == ["x", "y"]


def test_a_second_life_while_the_query_runs(kinesis, clock, start):
    query = start(failOnDataLoss="false")
    kinesis.put("a")
    assert query.texts() == ["a"]
    kinesis.make(1)
    kinesis.put("b")
    assert everything(query) == ["b"]


def test_a_third_life_is_read_as_well(kinesis, start):
    query = start(failOnDataLoss="false")
    for text in "abc":
        kinesis.put(text)
        assert everything(query) == [text]
        kinesis.make(1)
        query.restart()


def test_a_checkpoint_of_before_knows_a_second_life_by_a_shard_that_opened_again(kinesis, start):
    query = start()
    read_one_and_split(kinesis, query, "b")
    stored = query.offset()
    for position in stored.values():
        del position["began"]
    query.log[-1] = json.dumps(stored)
    kinesis.make(1)
    query.restart()
    with pytest.raises(KinesisError, match="was the stream made anew"):
        query.trigger()


def test_a_checkpoint_of_before_goes_on(kinesis, start):
    query = start()
    kinesis.put("a")
    assert query.texts() == ["a"]
    stored = query.offset()
    del stored[name(0)]["began"]
    query.log[-1] = json.dumps(stored)
    query.restart()
    kinesis.put("b")
    assert everything(query) == ["b"]
    assert query.offset()[name(0)]["began"] == str(kinesis.shards[name(0)].first_number)
