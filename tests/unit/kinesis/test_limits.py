"""With the switch on, a shard takes and gives in a second what AWS's do; without it, whatever comes."""

from tests.unit.kinesis.conftest import Kinesis, name, record

EXCEEDED = "Rate exceeded for shard shardId-000000000000 in stream pins under account 000000000000."
MIB = 2**20


def put(kinesis: Kinesis, number: int, size: int = 1) -> int:
    """How many of so many records were put, in requests of five."""
    told = [kinesis.call("PutRecords", Records=[record(b"x" * (size - 1))] * 5) for _ in range(number // 5)]
    return number - sum(answer["FailedRecordCount"] for answer in told)


def test_a_shard_takes_a_thousand_records_a_second(clock):
    kinesis = Kinesis(1, limited=True)
    assert put(kinesis, 1200) == 1000
    failed = kinesis.call("PutRecords", Records=[record(b"")])
    assert failed == {
        "FailedRecordCount": 1,
        "Records": [{"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": EXCEEDED}],
        "EncryptionType": "NONE",
    }
    assert kinesis.refusal("PutRecord", **record(b"")) == ("ProvisionedThroughputExceededException", EXCEEDED)
    clock.now += 0.5
    assert put(kinesis, 1200) == 500


def test_a_shard_takes_a_mebibyte_a_second(clock):
    kinesis = Kinesis(1, limited=True)
    assert put(kinesis, 20, size=MIB // 10) == 10
    clock.now += 1
    assert put(kinesis, 5, size=MIB) == 1


def test_a_shard_is_read_five_times_a_second(clock):
    kinesis = Kinesis(1, limited=True)
    iterator = kinesis.iterator()
    for _ in range(5):
        kinesis.get(iterator)
    assert kinesis.refusal("GetRecords", ShardIterator=iterator) == ("ProvisionedThroughputExceededException", EXCEEDED)
    clock.now += 0.2
    assert kinesis.get(iterator)["Records"] == []


def test_a_shard_gives_two_mebibytes_a_second_so_that_ten_take_five(clock):
    kinesis = Kinesis(1, limited=True)
    for _ in range(10):
        kinesis.call("PutRecord", **record(b"x" * (MIB - 1)))
        clock.now += 1
    iterator = kinesis.iterator()
    assert len(kinesis.get(iterator)["Records"]) == 10
    clock.now += 4
    assert kinesis.refusal("GetRecords", ShardIterator=iterator)[0] == "ProvisionedThroughputExceededException"
    clock.now += 0.1
    assert len(kinesis.get(iterator)["Records"]) == 10


def test_each_shard_has_limits_of_its_own():
    kinesis = Kinesis(2, limited=True)
    records = [record(b"", key) for key in "ab"] * 250  # one each
    told = [kinesis.call("PutRecords", Records=records) for _ in range(5)]
    assert [answer["FailedRecordCount"] for answer in told] == [0, 0, 0, 0, 500]
    assert kinesis.get(kinesis.iterator(1))["Records"][0]["SequenceNumber"]
    assert {one.get("ShardId", "none") for one in told[0]["Records"]} == {name(0), name(1)}


def test_without_the_switch_nothing_is_throttled(kinesis):
    assert put(kinesis, 3000) == 3000
    iterator = kinesis.iterator()
    assert [len(kinesis.get(iterator)["Records"]) for _ in range(10)] == [3000] * 10
