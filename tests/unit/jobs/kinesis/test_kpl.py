"""Packs of the Kinesis Producer Library, made by hand from its description of the format."""

from hashlib import md5

import pytest

from jobs.kinesis.kpl import user_records

MAGIC = b"\xf3\x89\x9a\xc2"


def bytes_field(number: int, value: bytes) -> bytes:
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


def varint_field(number: int, value: int) -> bytes:
    assert value < 128
    return bytes([number << 3, value])


def record(key: int, data: bytes, more: bytes = b"") -> bytes:
    return bytes_field(3, varint_field(1, key) + more + bytes_field(3, data))


def pack(message: bytes) -> bytes:
    return MAGIC + message + md5(message, usedforsecurity=False).digest()


KEYS = bytes_field(1, b"k0") + bytes_field(1, "schlüssel".encode())
TWO = KEYS + record(0, b"first") + record(1, b"second")


def test_a_pack():
    assert user_records(pack(TWO)) == [("k0", b"first"), ("schlüssel", b"second")]


def test_keys_that_several_records_share():
    message = KEYS + record(1, b"a") + record(0, b"b") + record(1, b"c")
    assert user_records(pack(message)) == [("schlüssel", b"a"), ("k0", b"b"), ("schlüssel", b"c")]


def test_explicit_hash_keys_and_tags_are_passed_over():
    tag = bytes_field(4, bytes_field(1, b"name") + bytes_field(2, b"value"))
    message = KEYS + bytes_field(2, b"123456789") + record(0, b"a", more=varint_field(2, 0)) + record(1, b"b", more=tag)
    assert user_records(pack(message)) == [("k0", b"a"), ("schlüssel", b"b")]


def test_fields_of_every_kind_that_are_not_known_are_passed_over():
    unknown = varint_field(9, 1) + bytes([9 << 3 | 1]) + b"8 bytes." + bytes([9 << 3 | 5]) + b"four"
    assert user_records(pack(unknown + TWO)) == [("k0", b"first"), ("schlüssel", b"second")]


def test_an_empty_record_and_a_long_one():
    long = b"x" * 300
    field = varint_field(1, 0) + bytes([3 << 3 | 2, 0xAC, 0x02]) + long
    message = KEYS + record(0, b"") + bytes([3 << 3 | 2, 0xB1, 0x02]) + field
    assert user_records(pack(message)) == [("k0", b""), ("k0", long)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        MAGIC,
        MAGIC + b"fifteen bytes..",
        b"\xf3\x89\x9a\xc3" + pack(TWO)[4:],
        pack(TWO)[:-16] + pack(TWO + b"?")[-16:],
        pack(TWO)[:-1],
        pack(TWO) + b"?",
        pack(b""),  # no record in it: as one that is none, it is not lost
        pack(KEYS),
        pack(TWO[:-1]),
        pack(TWO[:-8]),
        pack(KEYS + record(2, b"no such key")),
        pack(KEYS + bytes_field(3, varint_field(1, 0))),
        pack(KEYS + bytes_field(3, bytes_field(3, b"no key"))),
        pack(KEYS + bytes_field(3, varint_field(1, 0) + varint_field(3, 5))),
        pack(KEYS + bytes_field(3, bytes_field(1, b"0") + bytes_field(3, b"x"))),
        pack(bytes_field(1, b"\xff") + record(0, b"x")),
        pack(TWO + bytes([9 << 3 | 3])),
        pack(TWO + bytes([9 << 3]) + b"\xff" * 1000 + b"\x01"),
        pack(TWO + b"\x80"),
    ],
)
def test_what_is_no_whole_pack_is_a_record_like_any_other(data):
    assert user_records(data) is None


def test_packs_and_plain_records_in_a_stream(kinesis, start):
    kinesis.put("plain", pack(TWO), pack(KEYS), "plain")
    rows = start().trigger()
    assert [(row["partitionKey"], row["data"], row["subSequenceNumber"]) for row in rows] == [
        ("plain", b"plain", 0),
        ("k0", b"first", 0),
        ("schlüssel", b"second", 1),
        ("key", pack(KEYS), 0),
        ("plain", b"plain", 0),
    ]
    assert rows[1]["sequenceNumber"] == rows[2]["sequenceNumber"]


def test_a_pack_is_not_cut_by_the_end_of_a_micro_batch(kinesis, start):
    kinesis.put(*[pack(TWO)] * 3)
    query = start(maxRecordsPerTrigger="3", maxRecordsPerFetch="1")
    assert [query.texts() for _ in range(3)] == [["first", "second"] * 2, ["first", "second"], []]


def test_packs_done_again(kinesis, start):
    query = start()
    kinesis.put(pack(TWO), pack(KEYS))
    query.trigger(crash=True)
    query.restart()
    assert [row["data"] for row in query.trigger()] == [b"first", b"second", pack(KEYS)]
