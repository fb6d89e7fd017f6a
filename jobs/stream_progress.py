"""How far each stream has been brought into its table, as an object in S3 a stream, put when the table holds it.

A micro-batch that is done again after a kill is counted once. Spark's checkpoint says what it reads next, and the
number here what was counted. The embedded engine's commit carries both itself (`jobs.embedded.stream_table`); the
object says it to others, and the next run brings it up to the commit.
"""

from typing import Any, Literal

from pydantic import BaseModel

from jobs.figures import Figures
from jobs.stored import Objects
from pipeline.entities import ENTITIES
from pipeline.estate import Estate

KEPT = 1000  # micro-batches
MINUTE = 60.0  # seconds


class MicroBatch(BaseModel, frozen=True):
    """One micro-batch with records: `committed` in seconds since the epoch; latency, from a record's arrival in Kinesis
    to its being in the table, in seconds."""

    committed: float
    records: int
    latency_p50: float
    latency_p99: float


class StreamProgress(BaseModel):
    """`engine`: which one came this far; `figures`: over all runs; `batches`: the last ones, in order; `first`: when
    the first record that was ever read arrived, in seconds since the epoch; `positions`: how far each shard has been
    read, and `age`, the iterator age then, in seconds.

    `version`: the number of the embedded engine's last commit. Of Spark: `checkpoint`, the name of its checkpoint;
    `query`: the id that is in there, and `last_batch`, the number of the last micro-batch counted."""

    engine: Literal["duckdb", "spark"] = "spark"
    figures: Figures = Figures()
    batches: list[MicroBatch] = []
    first: float | None = None
    positions: dict[str, Any] | None = None
    age: float = 0.0
    version: int = -1
    checkpoint: str = ""
    query: str = ""
    last_batch: int = -1

    def holds(self, query: str, batch: int) -> bool:
        """Whether this micro-batch of Spark's is in the tables and counted. A new checkpoint numbers them anew."""
        return query == self.query and batch <= self.last_batch

    def add(self, figures: Figures, done: MicroBatch, first: float) -> None:
        """Take note of a micro-batch; `figures`: what they are with it; `first`: when its first record arrived."""
        self.figures = figures
        self.batches = [*self.batches, done][-KEPT:]
        self.first = first if self.first is None else self.first

    @property
    def rate(self) -> float:
        """Records a second, in the minute up to the last commit."""
        last = self.batches[-1].committed if self.batches else 0.0
        return sum(batch.records for batch in self.batches if batch.committed > last - MINUTE) / MINUTE


class StreamLane(BaseModel):
    """`generation`: where the lane's tables are, "" until they were rebuilt; `contract`: digest of the SQL that made
    them."""

    generation: str = ""
    contract: str | None = None


def load_stream_progress(estate: Estate, generation: str | None = None) -> dict[str, StreamProgress]:
    """By entity, of the generation, that of now where none is given; without any figures where nothing was streamed."""
    generation = load_stream_lane(estate).generation if generation is None else generation
    objects = Objects(estate)
    found = {entity.name: objects.get(estate.stream_progress_key(entity.name, generation)) for entity in ENTITIES}
    return {
        name: StreamProgress() if stored is None else StreamProgress.model_validate_json(stored)
        for name, stored in found.items()
    }


def load_stream_lane(estate: Estate) -> StreamLane:
    stored = Objects(estate).get(estate.stream_lane_key)
    return StreamLane() if stored is None else StreamLane.model_validate_json(stored)


def save_stream_lane(estate: Estate, lane: StreamLane) -> None:
    Objects(estate).put(estate.stream_lane_key, lane.model_dump_json().encode())
