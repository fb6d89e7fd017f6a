"""Shards come and go: a split or a merge closes parents and opens children.

A child is taken up by the micro-batch that follows the one in which the last of its parents was read to its end: so the
records of one partition key come in their order, across batches as within one.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from jobs.kinesis.client import Shard
from jobs.kinesis.errors import DataLoss
from jobs.kinesis.options import Options
from jobs.kinesis.positions import LATEST, TRIM_HORIZON, Position, Positions, Start, begin_at

log = logging.getLogger("kinesis")


def begin(shards: Mapping[str, Shard], now: datetime, initial: Start) -> Positions:
    """Where a new query begins. `latest` is frozen as the moment `now`, so that a restart does not move it."""
    if initial == LATEST:  # what is closed already holds nothing that comes after now
        position = begin_at(now.timestamp())
        return {shard.id: replace(position, closed=not shard.open, began=shard.first) for shard in shards.values()}
    return {
        shard.id: replace(begin_at(initial), began=shard.first)
        for shard in shards.values()
        if not shards.keys() & set(shard.parents)
    }


def follow(positions: Positions, shards: Mapping[str, Shard], options: Options, made: Callable[[], int]) -> Positions:
    """The positions brought up to the shards that are there: children added whose parents are read to their end, and
    shards forgotten that the stream has forgotten, or that were another stream's.

    `made` says when the stream was created, in milliseconds since the epoch. Raises DataLoss when the stream has
    forgotten a shard before it was read to its end, or is not the one that was read.
    """
    lost = 0
    if other := [shard.id for shard in shards.values() if _is_other(positions.get(shard.id), shard)]:
        _lose(f"{other[0]} is not the shard that was read", "was the stream made anew?", options)
        lost = _lost(positions, made())
        positions = {}
    elif gone := [shard for shard, position in positions.items() if shard not in shards and not position.closed]:
        _lose(
            f"no longer there, and not read to their end: {', '.join(gone)}",
            "the stream's retention is over for them, or it was made anew.",
            options,
        )
    kept = {id: replace(at, began=shards[id].first or at.began) for id, at in positions.items() if id in shards}
    unread = {shard for shard in shards if shard not in kept or not kept[shard].closed}
    new = [shard for shard in shards.values() if shard.id not in kept and not unread & set(shard.parents)]
    children = {shard.id: _child(shard, positions) for shard in new}
    if lost:  # to be counted once, whatever shards it is of
        first = min(children)
        children[first] = replace(children[first], lost=lost)
    return kept | children


def _lost(positions: Positions, made: int) -> int:
    """Milliseconds lost until now, when another stream was made in place of the one that was read."""
    read_until = [position.as_of for position in positions.values() if position.as_of is not None]
    return sum(position.lost for position in positions.values()) + max(0, made - min(read_until, default=made))


def _lose(message: str, cause: str, options: Options) -> None:
    if options.fail_on_data_loss:
        raise DataLoss(
            f"stream {options.stream_name}: {message}; {cause} Start from a new checkpoint, or set "
            "failOnDataLoss=false to go on with what there is"
        )
    log.warning("stream %s: %s; going on with what there is", options.stream_name, message)


def _is_other(position: Position | None, shard: Shard) -> bool:
    """Whether the position is one of another stream's shard of this id."""
    if position is None:
        return False
    if position.began and shard.first:
        return position.began != shard.first
    return position.closed and shard.open  # a closed shard never opens again


def _child(shard: Shard, positions: Positions) -> Position:
    """Where a shard begins that was not there, or not to be read yet, at the query's start: where that began, since all
    of it may lie before (a shard split early, read from a moment) or after."""
    known = [positions[parent] for parent in shard.parents if parent in positions] or list(positions.values())
    read_until = [position.as_of for position in known if position.as_of is not None]
    start = known[0].start if known else TRIM_HORIZON
    return Position(start=start, as_of=min(read_until, default=None), began=shard.first)
