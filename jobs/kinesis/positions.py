"""How far each shard has been read. A dict of shard id → position is what Spark keeps as this source's offset."""

import json
import time
from dataclasses import dataclass, replace
from typing import Any

LATEST = "LATEST"
TRIM_HORIZON = "TRIM_HORIZON"

# In milliseconds: how stale the offset of a stream may get on which nothing happens. Each further offset costs an empty
# micro-batch; but a restart tells quiet from lost by it.
REFRESH = 3_600_000

Start = str | float  # LATEST, TRIM_HORIZON, or a moment in seconds since the epoch


@dataclass(frozen=True)
class Position:
    """Behind the record with the sequence number `after`; as long as none was read, at `start`, where the query began.

    `as_of`: milliseconds since the epoch; what arrived before then was read, or was not to be. None: not known yet.
    `closed`: the shard was split or merged away, and all of it is read.
    `began`: the shard's first sequence number, by which it is told from another stream's of the same id. None: unknown.
    `lost`: milliseconds whose records the stream had dropped before they could be read (failOnDataLoss=false).
    """

    start: Start = TRIM_HORIZON
    after: str | None = None
    as_of: int | None = None
    closed: bool = False
    lost: int = 0
    began: str | None = None


Positions = dict[str, Position]


def begin_at(start: Start) -> Position:
    return Position(start=start, as_of=int(start * 1000) if isinstance(start, float) else None)


def worth_telling(before: Positions, after: Positions) -> bool:
    """Whether there is more between these than a stream on which nothing happens."""
    if before.keys() != after.keys():
        return True
    return any(_differ(position, after[shard]) for shard, position in before.items())


def _differ(before: Position, after: Position) -> bool:
    if before.as_of is None or after.as_of is None:
        return before != after
    return after.as_of - before.as_of > REFRESH or replace(before, as_of=after.as_of) != after


def encode(positions: Positions) -> dict[str, Any]:
    """As Spark stores it: JSON, the same for the same positions."""
    return {shard: _encode(positions[shard]) for shard in sorted(positions)}


def decode(offset: dict[str, Any]) -> Positions:
    return {
        shard: Position(
            start=stored["start"],
            after=stored.get("after"),
            as_of=stored.get("asOf"),
            closed=stored.get("closed", False),
            lost=stored.get("lost", 0),
            began=stored.get("began"),
        )
        for shard, stored in offset.items()
    }


def age_seconds(offset: str | dict[str, Any], now: float | None = None) -> float:
    """The iterator age of an offset, or of its JSON from a query's progress: how old the oldest unread record may be.

    Seconds; of the shard that is furthest behind. 0 when all are read to their end.
    """
    open_shards = [position for position in _decoded(offset).values() if not position.closed]
    read_until = [position.as_of for position in open_shards if position.as_of is not None]
    return max(0.0, (now or time.time()) - min(read_until) / 1000) if read_until else 0.0


def lost_hours(offset: str | dict[str, Any]) -> float:
    """Hours whose records were lost to this query (failOnDataLoss=false), summed over the shards of an offset."""
    return sum(position.lost for position in _decoded(offset).values()) / 3_600_000


def _decoded(offset: str | dict[str, Any]) -> Positions:
    return decode(json.loads(offset) if isinstance(offset, str) else offset)


def _encode(position: Position) -> dict[str, Any]:
    stored: dict[str, Any] = {"start": position.start}
    if position.after is not None:
        stored["after"] = position.after
    if position.as_of is not None:
        stored["asOf"] = position.as_of
    if position.closed:
        stored["closed"] = True
    if position.began:
        stored["began"] = position.began
    if position.lost:
        stored["lost"] = position.lost
    return stored
