"""Lines → typed events, or the reason for which a line is refused."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from jobs.rejections import (
    NOT_AN_OBJECT,
    NOT_JSON,
    belongs_to,
    is_no,
    key_is_no_integer,
    lacks_key,
    numbers,
    own_columns,
    used_columns,
)
from pipeline.entities import ENTITIES, Entity

INT, BIGINT = 2**31, 2**63
# Each escape in turn: of a whole pair, of half of one, any other.
HEX = "[0-9a-fA-F]"
ESCAPE = re.compile(rf"\\(?:u[dD][89abAB]{HEX}{HEX}\\u[dD][c-fC-F]{HEX}{HEX}|(u[dD][89a-fA-F]{HEX}{HEX})|.)")

Event = tuple[Any, ...]


class Refused(Exception):
    """Carries the reason."""


class Members(list[tuple[str, Any]]):
    """An object's, each as often as it is there."""


def reader(entity: Entity) -> Callable[[bytes], Event]:
    """What reads a line of the entity's: its values in the order of `used_columns`. Raises Refused with the reason."""
    columns = used_columns(entity)
    shape = _shape(entity)
    decode = msgspec.json.Decoder(shape).decode
    key = list(columns).index(entity.key)
    first, *others = (list(columns).index(name) for name in own_columns(entity))

    def read(line: bytes) -> Event:
        try:
            if not line.isascii():
                line.decode()  # msgspec does not look into strings that it passes over
            event = msgspec.structs.astuple(decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _look_again(line, entity)
        if event[key] is None or (event[first] is None and all(event[other] is None for other in others)):
            return _look_again(line, entity)
        return event

    return read


def _shape(entity: Entity) -> type[msgspec.Struct]:
    """The entity's columns as most lines have them: each of its type or null, the key there."""
    types: dict[str, Any] = {"text": str | None, "datetime": str | None, "double": float | None}
    types["int"] = Annotated[int, msgspec.Meta(ge=-INT, le=INT - 1)] | None
    fields: list[Any] = [
        (f"column_{number}", types[kind], msgspec.field(default=None, name=name))
        for number, (name, kind) in enumerate(used_columns(entity).items())
    ]
    key = list(used_columns(entity)).index(entity.key)
    fields[key] = (
        f"column_{key}",
        Annotated[int, msgspec.Meta(ge=-BIGINT, le=BIGINT - 1)] | None,
        msgspec.field(default=None, name=entity.key),
    )
    return msgspec.defstruct(entity.name, fields, gc=False)


def _look_again(line: bytes, entity: Entity) -> Event:
    """Read a line that is not as most are. Raises Refused with the first reason that holds."""
    try:
        text = whole_characters(line.decode())
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=Members)
    except (ValueError, RecursionError):
        raise Refused(NOT_JSON) from None
    if not isinstance(document, Members):
        raise Refused(NOT_AN_OBJECT)
    values = dict(document)
    for other in ENTITIES:
        own, others = own_columns(entity), own_columns(other)
        if other is not entity and values.keys().isdisjoint(own) and not values.keys().isdisjoint(others):
            raise Refused(belongs_to(other))
    key = values.get(entity.key)
    if key is None:
        raise Refused(lacks_key(entity))
    if type(key) is not int or not -BIGINT <= key < BIGINT:
        raise Refused(key_is_no_integer(entity))
    for name in numbers(entity):
        if values.get(name) is not None and not _is_number(values[name], entity.columns[name]):
            raise Refused(is_no(entity, name))
    try:
        return tuple(_value(kind, values.get(name)) for name, kind in used_columns(entity).items())
    except RecursionError:
        raise Refused(NOT_JSON) from None


def whole_characters(text: str) -> str:
    """JSON in which each escape of half a surrogate pair is U+FFFD."""
    return ESCAPE.sub(lambda escape: "\ufffd" if escape[1] else escape[0], text) if "\\u" in text else text


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_number(value: Any, kind: str) -> bool:
    if kind == "int":
        return type(value) is int and -INT <= value < INT
    return type(value) in (int, float)


def _value(kind: str, value: Any) -> Any:
    if value is None or kind == "int" or isinstance(value, str):
        return value
    return _double(value) if kind == "double" else _json_text(value)


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return float("inf") if value > 0 else float("-inf")


def _json_text(value: Any) -> str:
    if isinstance(value, Members):
        return "{" + ",".join(f"{_json_text(name)}:{_json_text(member)}" for name, member in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return _double_text(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _double_text(value: float) -> str:
    """As Java writes it: 100000.0, but 1.0E7; what no double holds is a string in what it writes."""
    if value in (float("inf"), float("-inf")):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    whole, *fraction = map(str, digits)
    point = len(digits) - 1 + int(exponent)
    return f"{'-' * sign}{whole}.{''.join(fraction) or 0}E{point}"
