"""In which order rows become events: `replay` or, as the course's emulator does it, `random`."""

import random
from collections.abc import Iterator, Mapping
from itertools import islice, zip_longest
from typing import Literal, NamedTuple

from emulator.source import Position, Row, Source
from pipeline.entities import ENTITIES, Entity

COURSE_SEED = 100
COURSE_LAST_OFFSET = 11000

ROUND = 1000  # rows of each table that a replay hands over at a time


class Mark(NamedTuple):
    """How far a table's replay has come: so many rows, and the position to go on from."""

    rows: int = 0
    position: Position = None


class Event(NamedTuple):
    """A row on its way, and of which table."""

    entity: Entity
    row: Row


class Round(NamedTuple):
    """Events that go out together, after a pause in seconds."""

    pause: float
    events: list[Event]


def rounds(
    order: Literal["replay", "random"], source: Source, marks: Mapping[str, Mark], limit: int | None
) -> Iterator[Round]:
    """The source's rows in an order; `marks` and `limit` as in `replay`."""
    return course_random(source, limit) if order == "random" else replay(source, marks, limit)


def replay(source: Source, marks: Mapping[str, Mark], limit: int | None) -> Iterator[Round]:
    """Each row once, behind the marks (entity name to mark): row k of the three tables next to each other.

    `limit` counts a table's rows from its first one, so a replay that goes on ends where the first would have.
    """
    tables = []
    for entity in ENTITIES:
        mark = marks.get(entity.name, Mark())
        left = None if limit is None else max(0, limit - mark.rows)
        tables.append(islice(source.rows(entity, mark.position), left))
    side_by_side = zip_longest(*tables)
    while rows := list(islice(side_by_side, ROUND)):
        events = [Event(entity, row) for abreast in rows for entity, row in zip(ENTITIES, abreast, strict=True) if row]
        yield Round(0, events)


def course_random(source: Source, limit: int | None) -> Iterator[Round]:
    """The course's sequence: sleep 0 or 1 second, then one random row offset for all three tables; without end.

    An offset behind a table's last row sends nothing of it; a round that sends nothing at all has no pause.
    """
    rng = random.Random(COURSE_SEED)
    left = {entity.name: limit if source.count(entity) else 0 for entity in ENTITIES}
    while any(number is None or number > 0 for number in left.values()):
        pause = rng.randrange(0, 2)
        offset = rng.randint(0, COURSE_LAST_OFFSET)
        events = []
        for entity in ENTITIES:
            number = left[entity.name]
            row = None if number == 0 else source.row_at(entity, offset)
            if row:
                events.append(Event(entity, row))
                left[entity.name] = None if number is None else number - 1
        if events:
            yield Round(pause, events)
