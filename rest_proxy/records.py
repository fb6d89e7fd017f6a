"""Bodies of produce requests: which records they hold, in which embedded format."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from pipeline import json_text
from rest_proxy.problems import Problem, unprocessable

JSON = "application/vnd.kafka.json.v2+json"
BINARY = "application/vnd.kafka.binary.v2+json"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LAST_PARTITION = 2**31 - 1  # that Kafka can number

Encoder = Callable[[Any], bytes]


class Record(NamedTuple):
    """What Kafka stores. No partition: the key's hash chooses it, or chance where there is no key."""

    key: bytes | None
    value: bytes | None
    partition: int | None


def parse(body: bytes, content_type: str) -> list[Record]:
    """The records of a request's body: `{"records": [{"key": any, "value": any, "partition": int}, ...]}`.

    Value and key are stored as JSON text (json.v2), or decoded from base64 (binary.v2); a null is stored as a null.
    Raises Problem: 415 for another content type, 400 for a body that is not JSON, 422 for one without proper records.
    """
    encode = _encoder(content_type)
    try:
        request = json_text.parse(body.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"Bad Request: the body is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise unprocessable("the body is no JSON object")
    records = request.get("records")
    if not isinstance(records, list) or not records:
        raise unprocessable("records may not be null or empty")
    return [_record(record, number, encode) for number, record in enumerate(records)]


def _encoder(content_type: str) -> Encoder:
    if content_type == JSON:
        return json_text.write
    if content_type == BINARY:
        return _from_base64
    raise Problem(415, f"HTTP 415 Unsupported Media Type: send {JSON} or {BINARY}")


def _record(record: Any, number: int, encode: Encoder) -> Record:
    if not isinstance(record, dict) or "value" not in record:
        raise unprocessable(f"records[{number}].value is missing")
    key, value, partition = record.get("key"), record["value"], record.get("partition")
    if partition is not None and (type(partition) is not int or not 0 <= partition <= LAST_PARTITION):
        raise unprocessable(f"records[{number}].partition is no partition number")
    try:
        return Record(None if key is None else encode(key), None if value is None else encode(value), partition)
    except (binascii.Error, TypeError, ValueError, RecursionError):
        # orjson reads deeper nesting than it writes
        fault = "is not in base64" if encode is _from_base64 else "is nested too deep"
        raise unprocessable(f"records[{number}] {fault}") from None


def _from_base64(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)
