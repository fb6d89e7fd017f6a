"""Lines → typed events by Arrow, many at once, where each of them is plainly an event: most are.

`jobs.embedded.events` reads one line at a time, and says why a line is none. Whatever Arrow might take otherwise than
that is left to it.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from pipeline.entities import Entity

TYPES = {"text": pa.string(), "datetime": pa.string(), "double": pa.float64(), "int": pa.int32()}
NULL = re.compile(rb"}[ \t\r]*n")  # a second document in a line, which ends Arrow's process where there is no first


def plain_events(lines: list[bytes], entity: Entity) -> pa.Table | None:
    """The events, with all of the entity's columns; None when a line is not an object of these columns alone, each of
    its type or null, the key there.

    Arrow is as strict: no duplicate member, no number out of its type's range, no half of a surrogate pair. But it
    finds the documents by itself, passes over blanks between them, and knows NaN and infinity.
    """
    body = b"\n".join(lines)
    if not body.startswith(b"{") or not body.endswith(b"}") or body.count(b"}\n{") != len(lines) - 1:
        return None
    if body.count(b"\n") != len(lines) - 1 or NULL.search(body) or not _is_utf8(body):
        return None
    schema = pa.schema([(name, type_of(entity, name)) for name in entity.columns])
    try:
        events = json.read_json(
            pa.BufferReader(body),
            json.ReadOptions(use_threads=False, block_size=len(body) + 1),
            json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        )
    except pa.ArrowInvalid:
        return None
    if len(events) != len(lines) or events[entity.key].null_count:
        return None
    doubles = (events[name] for name, kind in entity.columns.items() if kind == "double")
    return None if any(pc.any(pc.invert(pc.is_finite(values))).as_py() for values in doubles) else events


def type_of(entity: Entity, column: str) -> pa.DataType:
    """A column's type in typed events: keys are longer than other integers."""
    return pa.int64() if column == entity.key else TYPES[entity.columns[column]]


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False
