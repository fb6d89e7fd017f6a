"""Iterators, where they begin, how long they live, and what is left when records are older than the retention."""

import pytest

from tests.unit.kinesis.conftest import Kinesis, name, record


def test_an_iterator_begins_where_it_is_asked_to(kinesis, clock):
    first, second = kinesis.put("a", "b")
    clock.now += 10
    between = clock.now - 5
    kinesis.put("c")

    def read(kind: str, **where: object) -> list[str]:
        return kinesis.read(kinesis.iterator(0, kind, **where))

    assert read("TRIM_HORIZON") == ["a", "b", "c"]
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=second) == ["b", "c"]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first) == ["b", "c"]
    assert read("AT_TIMESTAMP", Timestamp=between) == ["c"]
    assert read("AT_TIMESTAMP", Timestamp=clock.now) == ["c"]
    latest = kinesis.iterator(0, "LATEST")
    assert kinesis.read(latest) == []
    kinesis.put("d")
    assert kinesis.read(latest) == ["d"]


def test_a_shard_may_be_read_from_the_number_that_it_began_with(kinesis):
    [shard] = kinesis.call("ListShards")["Shards"]
    start = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    kinesis.put("a")
    assert kinesis.read(kinesis.iterator(0, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=start)) == ["a"]


@pytest.mark.parametrize("number", ["1", "", "x", str(495 * 10**53)])
def test_a_number_of_another_stream_is_none_to_begin_at(kinesis, number):
    where = {"ShardId": name(0), "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": number}
    code, message = kinesis.refusal("GetShardIterator", **where)
    assert code in ("InvalidArgumentException", "ValidationException")
    assert "tartingSequenceNumber" in message


def test_a_moment_that_is_to_come_is_none_to_begin_at(kinesis, clock):
    asked = {"ShardId": name(0), "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": clock.now + 1}
    assert kinesis.refusal("GetShardIterator", **asked)[0] == "InvalidArgumentException"


def test_an_answer_ends_at_its_limit_and_says_how_far_behind_it_is(kinesis, clock):
    kinesis.put("a", "b")
    clock.now += 2
    kinesis.put("c")
    told = kinesis.get(kinesis.iterator(), Limit=1)
    assert (len(told["Records"]), told["MillisBehindLatest"]) == (1, 2000)
    told = kinesis.get(told["NextShardIterator"], Limit=5)
    assert (len(told["Records"]), told["MillisBehindLatest"]) == (2, 0)
    assert kinesis.get(told["NextShardIterator"])["Records"] == []


def test_an_answer_has_ten_mebibytes_or_ten_thousand_records_at_most(kinesis):
    for _ in range(3):
        kinesis.call("PutRecords", Records=[record(b"x" * (2**20 - 1))] * 5)
    told = kinesis.get(kinesis.iterator())
    assert len(told["Records"]) == 10
    assert len(kinesis.get(told["NextShardIterator"])["Records"]) == 5
    small = Kinesis(1)
    for _ in range(21):
        small.put(*["x"] * 500)
    assert len(small.get(small.iterator())["Records"]) == 10_000
    assert kinesis.refusal("GetRecords", ShardIterator="x", Limit=10_001)[0] == "ValidationException"


def test_a_record_is_told_as_it_was_put(kinesis, clock):
    clock.now += 0.125
    [number] = kinesis.put("ü", key='"é\n')
    assert kinesis.get(kinesis.iterator())["Records"] == [
        {
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": 1_800_000_000.125,
            "Data": "w7w=",
            "PartitionKey": '"é\n',
            "EncryptionType": "NONE",
        }
    ]


def test_an_iterator_lives_for_five_minutes(kinesis, clock):
    iterator = kinesis.iterator()
    clock.now += 300
    assert kinesis.get(iterator)["Records"] == []
    clock.now += 0.001
    assert kinesis.refusal("GetRecords", ShardIterator=iterator) == (
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Fri, 15 Jan 2027 08:00:00 GMT while right now it is "
        "Fri, 15 Jan 2027 08:05:00 GMT which is further in the future than the tolerated delay of 300000 milliseconds.",
    )


def test_what_is_no_iterator_is_refused(kinesis):
    for wrong in ("x", "e30=", "bnVsbA=="):  # {}, null
        assert kinesis.refusal("GetRecords", ShardIterator=wrong) == (
            "InvalidArgumentException",
            "Invalid ShardIterator.",
        )


def test_an_iterator_is_no_good_for_a_stream_that_was_made_anew(kinesis):
    iterator = kinesis.iterator()
    kinesis.stream.shards = Kinesis(1).stream.shards
    assert kinesis.refusal("GetRecords", ShardIterator=iterator) == (
        "InvalidArgumentException",
        "Invalid ShardIterator.",
    )


def test_a_stream_that_was_made_anew_has_other_first_numbers():
    first, second = (Kinesis(1).call("ListShards")["Shards"][0]["SequenceNumberRange"] for _ in range(2))
    assert int(first["StartingSequenceNumber"]) < int(second["StartingSequenceNumber"])


def test_records_older_than_the_retention_are_gone_and_their_numbers_still_good_to_go_on_after(kinesis, clock):
    old = kinesis.put("a", "b")
    before = kinesis.iterator()
    clock.now += 3600 * 23
    kinesis.put("c")
    assert kinesis.read(kinesis.iterator()) == ["a", "b", "c"]
    clock.now += 3601
    assert kinesis.read(kinesis.iterator()) == ["c"]
    for number in old:
        assert kinesis.read(kinesis.iterator(0, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number)) == ["c"]
    assert kinesis.refusal("GetRecords", ShardIterator=before)[0] == "ExpiredIteratorException"
    clock.now += 3600 * 24
    assert kinesis.read(kinesis.iterator()) == []
    kinesis.stream.retention_period_hours = 48
    [number] = kinesis.put("d")
    clock.now += 3600 * 47
    assert kinesis.read(kinesis.iterator()) == ["d"]
