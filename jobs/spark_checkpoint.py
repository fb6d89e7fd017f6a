"""How far Spark has read a stream, from the checkpoint of its streaming query: another engine goes on there."""

import json
from typing import Any

from jobs.stored import Objects
from jobs.stream_progress import StreamProgress
from pipeline.estate import Estate


def positions_of(estate: Estate, checkpoint: str, progress: StreamProgress) -> dict[str, Any] | None:
    """The positions behind the last micro-batch that is in the tables; None when there was none.

    A checkpoint has the offsets of each micro-batch before it is done (`offsets/<number>`: a version, metadata, and a
    line a source), and says when it is (`commits/<number>`). What is counted is in the tables too.
    """
    objects = Objects(estate)
    metadata = objects.get(f"{checkpoint}/metadata")
    if metadata is None:
        return None
    done = max((int(name) for name in objects.names(f"{checkpoint}/commits/") if name.isdecimal()), default=-1)
    if json.loads(metadata)["id"] == progress.query:
        done = max(done, progress.last_batch)
    offsets = objects.get(f"{checkpoint}/offsets/{done}") if done >= 0 else None
    if offsets is None:
        return None
    positions: dict[str, Any] = json.loads(offsets.decode().splitlines()[2])
    return positions
