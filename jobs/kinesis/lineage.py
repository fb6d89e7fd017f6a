"""Shards come and go: a split or a merge closes parents and opens children.

A child is read from the micro-batch on that follows the one in which the last of its parents was read to its end: so
the records of one partition key come in their order, across batches as within one.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from jobs.kinesis.client import Shard
from jobs.kinesis.errors import DataLoss
from jobs.kinesis.positions import LATEST, Position, Positions, Start


def begin(shards: Mapping[str, Shard], now: datetime, initial: Start) -> Positions:
    """Where a new query begins. `latest` is frozen as the moment `now`, so that a restart does not move it."""
    moment = now.timestamp() if initial == LATEST else initial
    as_of = int(moment * 1000) if isinstance(moment, float) else None
    past = initial == LATEST  # what is closed already holds nothing that comes after now
    return {shard.id: Position(start=moment, as_of=as_of, closed=past and not shard.open) for shard in shards.values()}


def follow(positions: Positions, shards: Mapping[str, Shard], fail_on_data_loss: bool) -> Positions:
    """The positions brought up to the shards that are there: children added, shards read to their end forgotten once
    the stream has forgotten them.

    Raises DataLoss when the stream has forgotten a shard before it was read to its end.
    """
    gone = [shard for shard, position in positions.items() if shard not in shards and not position.closed]
    if gone and fail_on_data_loss:
        raise DataLoss(
            f"no longer in the stream, and not read to the end: {', '.join(gone)}; their records are older than its "
            "retention, or it was made anew. Start from a new checkpoint, or set failOnDataLoss=false to go on with "
            "what there is"
        )
    kept = {shard: position for shard, position in positions.items() if shard in shards}
    return {shard.id: _child(shard, positions) for shard in shards.values()} | kept


def readable(positions: Positions, shards: Mapping[str, Shard]) -> list[str]:
    """The shards to read now: not read to their end, and no parent of theirs is left to read."""
    unfinished = {shard for shard, position in positions.items() if not position.closed}
    return [shard for shard in positions if shard in unfinished and not unfinished & set(shards[shard].parents)]


def _child(shard: Shard, positions: Positions) -> Position:
    """Where a shard begins that was not there at the query's start: at its first record."""
    known = [positions[parent].as_of for parent in shard.parents if parent in positions]
    read_until = [as_of for as_of in known if as_of is not None]
    return replace(Position(), as_of=min(read_until) if read_until else None)
