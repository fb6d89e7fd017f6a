"""Records of the Kinesis Producer Library, which packs many into one.

The format (aws/amazon-kinesis-producer, aggregation-format.md): four magic bytes, a protobuf message AggregatedRecord,
and its MD5. What does not hold to that is a record like any other.
"""

from collections.abc import Iterator
from hashlib import md5
from typing import NamedTuple

MAGIC = b"\xf3\x89\x9a\xc2"
DIGEST = 16  # bytes
# Field numbers: of AggregatedRecord, and of a Record in it.
PARTITION_KEYS, RECORDS = 1, 3
KEY_INDEX, DATA = 1, 3
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5


class UserRecord(NamedTuple):
    """What the producer was given."""

    partition_key: str
    data: bytes


def user_records(data: bytes) -> list[UserRecord] | None:
    """The records packed in `data`, at least one; None when it is no pack.

    The producer sends some of them twice while the stream is resharded.
    """
    if not data.startswith(MAGIC) or len(data) < len(MAGIC) + DIGEST:
        return None
    message = data[len(MAGIC) : -DIGEST]
    if md5(message, usedforsecurity=False).digest() != data[-DIGEST:]:
        return None
    try:
        fields = list(_fields(message))
        keys = [value.decode() for number, value in fields if number == PARTITION_KEYS and isinstance(value, bytes)]
        packed = [value for number, value in fields if number == RECORDS and isinstance(value, bytes)]
        return [_user_record(record, keys) for record in packed] or None
    except (ValueError, IndexError, KeyError, TypeError):
        return None


def _user_record(message: bytes, keys: list[str]) -> UserRecord:
    fields = dict(_fields(message))
    key, data = fields[KEY_INDEX], fields[DATA]
    if not isinstance(key, int) or not isinstance(data, bytes):
        raise TypeError("not the fields of a record")
    return UserRecord(keys[key], data)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of a protobuf message's fields, in order. Raises ValueError or IndexError when it is none."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in (FIXED_32, FIXED_64):
            length = 4 if kind == FIXED_32 else 8
        else:
            raise ValueError(f"protobuf type {kind}")
        if at + length > len(message):
            raise ValueError("ends too early")
        yield number, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number at this place, and the place behind it."""
    value = shift = 0
    while shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")
