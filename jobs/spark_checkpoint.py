"""Spark's checkpoint: where it is, and how far it has read a stream, for whatever goes on there."""

import json
from typing import Any

from jobs.stored import Objects
from jobs.stream_progress import StreamProgress
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate

SOURCES = 2  # lines of an offsets file before those of the sources, which are in the order of the entities


def is_there(estate: Estate, checkpoint: str) -> bool:
    """Whether the lane's query has begun with a checkpoint of this name."""
    return Objects(estate).get(f"{estate.checkpoint_prefix(checkpoint)}/metadata") is not None


def positions_of(estate: Estate, entity: Entity, progress: StreamProgress) -> dict[str, Any] | None:
    """The positions behind the last micro-batch that is in the tables; those of the progress when there was none.

    A checkpoint has the offsets of each micro-batch before it is done (`offsets/<number>`: a version, metadata, and a
    line a source), and says when it is (`commits/<number>`). What is counted is in the tables too. Until November 2026
    each stream had a query, and a checkpoint, of its own.
    """
    objects = Objects(estate)
    prefix, line = estate.checkpoint_prefix(progress.checkpoint), SOURCES + ENTITIES.index(entity)
    metadata = objects.get(f"{prefix}/metadata")
    if metadata is None:
        prefix, line = estate.checkpoint_prefix(progress.checkpoint, entity.name), SOURCES
        metadata = objects.get(f"{prefix}/metadata")
    if metadata is None:
        return progress.positions
    done = max((int(name) for name in objects.names(f"{prefix}/commits/") if name.isdecimal()), default=-1)
    if json.loads(metadata)["id"] == progress.query:
        done = max(done, progress.last_batch)
    offsets = objects.get(f"{prefix}/offsets/{done}") if done >= 0 else None
    if offsets is None:
        return progress.positions
    positions: dict[str, Any] = json.loads(offsets.decode().splitlines()[line])
    return positions
