"""JSON that holds the escape of half a surrogate pair, as a text that was cut within an emoji does.

RFC 8259, section 8.2, allows it; Python's json and JavaScript write it; orjson takes it neither way.
"""

import json
from typing import Any

import orjson


def parse(text: bytes) -> Any:
    """The JSON value. Raises orjson.JSONDecodeError, a ValueError, when it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if b"\\u" not in text:
            raise
        try:
            return json.loads(text.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise error from None


def write(value: Any) -> bytes:
    """Compact JSON; half a surrogate pair stays an escape. Raises TypeError for what is nested too deep."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        if "surrogates" not in str(error):
            raise
        return json.dumps(value, separators=(",", ":")).encode()


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
