"""How much a micro-batch takes."""

import pytest

from tests.unit.jobs.kinesis.simulator import name


def test_so_many_records_and_no_more(kinesis, start):
    kinesis.put(*"abcde")
    query = start(maxRecordsPerTrigger="2")
    assert [query.texts() for _ in range(4)] == [["a", "b"], ["c", "d"], ["e"], []]


def test_shards_share_the_records(kinesis, start):
    kinesis.make(2)
    kinesis.put(*"abc")
    kinesis.put(*"xyz", shard=1)
    query = start(maxRecordsPerTrigger="5")
    assert [query.texts() for _ in range(3)] == [["a", "b", "x", "y"], ["c", "z"], []]


def test_each_shard_gives_a_record_at_least(kinesis, start):
    kinesis.make(3)
    for shard in range(3):
        kinesis.put("a", "b", shard=shard)
    query = start(maxRecordsPerTrigger="1")
    assert [query.texts() for _ in range(3)] == [["a"] * 3, ["b"] * 3, []]


def test_a_shard_that_is_read_to_its_end_takes_no_share(kinesis, start):
    kinesis.split(0)
    kinesis.put(*"abcd", shard=1)
    kinesis.split(2)
    query = start(maxRecordsPerTrigger="6")
    assert [query.texts() for _ in range(4)] == [[], ["a", "b", "c"], ["d"], []]


def test_a_record_that_reaches_the_size_is_the_last(kinesis, start):
    kinesis.put(*[b"x" * 1000] * 5)
    query = start(maxBytesPerTrigger="1500b")
    assert [len(query.trigger()) for _ in range(5)] == [2, 2, 1, 0, 0]


def test_shards_share_the_size(kinesis, start):
    kinesis.make(4)
    for shard in range(4):
        kinesis.put(*[b"x" * 1000] * 3, shard=shard)
    query = start(maxBytesPerTrigger="4000b")
    assert [len(query.trigger()) for _ in range(4)] == [4, 4, 4, 0]


def test_large_records_are_asked_for_one_by_one_once_their_size_is_known(kinesis, start):
    query = start(maxBytesPerTrigger="128kb")
    kinesis.put(b"x" * 100_000)
    query.trigger()
    kinesis.put(*[b"x" * 100_000] * 3)
    assert len(query.trigger()) == 2
    assert [body["Limit"] for body in kinesis.called("GetRecords")] == [128, 1, 1]


def test_so_many_records_a_call(kinesis, start):
    kinesis.put(*"abcde")
    assert start(maxRecordsPerFetch="2").texts() == list("abcde")
    assert [body["Limit"] for body in kinesis.called("GetRecords")] == [2, 2, 2]


@pytest.mark.parametrize(
    ("records", "tasks"),
    [([b""] * 10_001, [10_000, 1]), ([b"x" * 1_000_000] * 20, [16, 4]), ([b"x" * 20_000_000] * 2, [1, 1])],
)
def test_a_task_carries_only_so_much(kinesis, start, records, tasks):
    kinesis.put(*records)
    query = start(maxBytesPerTrigger="1gb")
    assert len(query.trigger()) == len(records)
    reader = query.reader
    rows = [sum(batch.num_rows for batch in reader.read(partition)) for partition in query.partitions]
    assert rows == tasks


def test_many_shards_are_read(kinesis, start):
    kinesis.make(40)
    for shard in range(40):
        kinesis.put(f"{shard}", shard=shard)
    query = start()
    assert query.texts() == [f"{shard}" for shard in range(40)]
    assert list(query.offset()) == [name(shard) for shard in range(40)]
