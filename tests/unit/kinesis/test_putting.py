"""What PutRecord and PutRecords take, where it goes, and what they refuse in which words."""

from tests.unit.kinesis.conftest import Kinesis, name, record

MIB = 2**20


def test_a_partition_key_goes_where_its_md5_says():
    kinesis = Kinesis(2)
    # md5("a") = 0cc1..., md5("b") = 92eb..., md5("c") = 4a8a...
    told = kinesis.call("PutRecords", Records=[record(b"", key) for key in "abc"])
    assert [one["ShardId"] for one in told["Records"]] == [name(0), name(1), name(0)]
    assert told["FailedRecordCount"] == 0


def test_a_hash_key_that_is_given_comes_before_the_partition_key():
    kinesis = Kinesis(2)
    middle = 2**127
    keys = ["0", str(middle - 1), str(middle), str(2**128 - 1)]
    told = kinesis.call("PutRecords", Records=[record(b"", "a", ExplicitHashKey=key) for key in keys])
    assert [one["ShardId"] for one in told["Records"]] == [name(0), name(0), name(1), name(1)]


def test_numbers_have_56_digits_and_grow_in_the_order_of_the_records(kinesis):
    numbers = [*kinesis.put("1", "2", "3"), kinesis.call("PutRecord", **record(b"4"))["SequenceNumber"]]
    assert all(len(number) == 56 for number in numbers)
    assert numbers == sorted(set(numbers))
    assert kinesis.read(kinesis.iterator()) == ["1", "2", "3", "4"]


def test_500_records_are_taken_and_501_are_not(kinesis):
    assert len(kinesis.put(*map(str, range(500)))) == 500
    code, message = kinesis.refusal("PutRecords", Records=[record(b"")] * 501)
    assert code == "ValidationException"
    assert message.endswith(
        "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500"
    )
    assert kinesis.refusal("PutRecords", Records=[]) == (
        "ValidationException",
        "1 validation error detected: Value '...' at 'records' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    )


def test_a_record_has_a_mebibyte_with_its_key(kinesis):
    assert kinesis.put("x" * (MIB - 1))
    assert kinesis.refusal("PutRecords", Records=[record(b""), record(b"x" * MIB)]) == (
        "ValidationException",
        "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: "
        "Member must have length less than or equal to 1048576",
    )
    assert kinesis.refusal("PutRecord", **record(b"x" * MIB)) == (
        "ValidationException",
        "1 validation error detected: Value at 'data' failed to satisfy constraint: "
        "Member must have length less than or equal to 1048576",
    )


def test_a_request_has_five_mebibytes_with_its_keys_or_puts_none_of_its_records(kinesis):
    whole = [record(b"x" * (MIB - 1))] * 5
    assert kinesis.call("PutRecords", Records=whole)["FailedRecordCount"] == 0
    assert kinesis.refusal("PutRecords", Records=[*whole, record(b"")]) == (
        "InvalidArgumentException",
        "Records size exceeds 5 MB limit",
    )
    assert len(kinesis.get(kinesis.iterator())["Records"]) == 5


def test_what_is_no_record_is_refused_by_its_place(kinesis):
    def refused(**wrong: object) -> tuple[str, str]:
        return kinesis.refusal("PutRecords", Records=[record(b""), record(b"") | wrong])

    place = "1 validation error detected: Value {} at 'records.2.member.{}' failed to satisfy constraint: {}"
    assert refused(PartitionKey="") == (
        "ValidationException",
        place.format("''", "partitionKey", "Member must have length greater than or equal to 1"),
    )
    assert refused(PartitionKey="é" * 257) == (
        "ValidationException",
        place.format(f"'{'é' * 257}'", "partitionKey", "Member must have length less than or equal to 256"),
    )
    assert refused(Data=None) == ("ValidationException", place.format("null", "data", "Member must not be null"))
    assert refused(ExplicitHashKey="01")[0] == "ValidationException"
    assert refused(ExplicitHashKey=str(2**128))[0] == "InvalidArgumentException"
    assert refused(Data="not base64")[0] == "SerializationException"
    assert kinesis.read(kinesis.iterator()) == []


def test_a_call_is_held_against_the_model_of_the_service(kinesis):
    code, message = kinesis.refusal("ListShards", StreamName="no name")
    assert code == "ValidationException"
    assert message.endswith("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    assert kinesis.refusal("PutRecord", StreamName="pins", Data="") == (
        "ValidationException",
        "1 validation error detected: "
        "Value null at 'partitionKey' failed to satisfy constraint: Member must not be null",
    )
    assert kinesis.refusal("PutAll")[0] == "UnknownOperationException"
