"""Bodies of produce requests: which records they hold, in which embedded format."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

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
    request = _parsed(body.removeprefix(BYTE_ORDER_MARK))
    if not isinstance(request, dict):
        raise unprocessable("the body is no JSON object")
    records = request.get("records")
    if not isinstance(records, list) or not records:
        raise unprocessable("records may not be null or empty")
    return [_record(record, number, encode) for number, record in enumerate(records)]


def _parsed(body: bytes) -> Any:
    """The body's value. An escape of half a surrogate pair is JSON (RFC 8259, section 8.2), which orjson refuses."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        problem = Problem(400, f"Bad Request: the body is not JSON: {error}")
        if b"\\u" not in body:
            raise problem from None
        try:
            return json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise problem from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _to_json(value: Any) -> bytes:
    """JSON text; a string that is half a surrogate pair stays the escape that it came as."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        if "surrogates" not in str(error):  # nested too deep
            raise
        return json.dumps(value, separators=(",", ":")).encode()


def _encoder(content_type: str) -> Encoder:
    if content_type == JSON:
        return _to_json
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
