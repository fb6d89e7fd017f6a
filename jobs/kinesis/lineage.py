"""Shards come and go: a split or a merge closes parents and opens children.

A child is taken up by the micro-batch that follows the one in which the last of its parents was read to its end: so the
records of one partition key come in their order, across batches as within one.
"""

import logging
from collections.abc import Mapping
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
        return {shard.id: replace(position, closed=not shard.open) for shard in shards.values()}
    return {shard.id: begin_at(initial) for shard in shards.values() if not shards.keys() & set(shard.parents)}


def follow(positions: Positions, shards: Mapping[str, Shard], options: Options) -> Positions:
    """The positions brought up to the shards that are there: children added whose parents are read to their end, and
    shards forgotten that the stream has forgotten.

    Raises DataLoss when the stream has forgotten a shard before it was read to its end.
    """
    gone = [shard for shard, position in positions.items() if shard not in shards and not position.closed]
    if gone:
        message = f"stream {options.stream_name}: no longer there, and not read to their end: {', '.join(gone)}"
        if options.fail_on_data_loss:
            raise DataLoss(
                f"{message}; the stream's retention is over for them, or it was made anew. Start from a new "
                "checkpoint, or set failOnDataLoss=false to go on with what there is"
            )
        log.warning("%s; going on with what there is", message)
    kept = {shard: position for shard, position in positions.items() if shard in shards}
    unread = {shard for shard in shards if shard not in kept or not kept[shard].closed}
    new = [shard for shard in shards.values() if shard.id not in kept and not unread & set(shard.parents)]
    return kept | {shard.id: _child(shard, positions) for shard in new}


def _child(shard: Shard, positions: Positions) -> Position:
    """Where a shard begins that was not there, or not to be read yet, at the query's start: where that began, since all
    of it may lie before (a shard split early, read from a moment) or behind."""
    known = [positions[parent] for parent in shard.parents if parent in positions] or list(positions.values())
    read_until = [position.as_of for position in known if position.as_of is not None]
    return Position(start=known[0].start if known else TRIM_HORIZON, as_of=min(read_until, default=None))
