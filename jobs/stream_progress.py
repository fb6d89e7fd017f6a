"""What each streaming query has brought into its table, as an object in S3 a query, put when the tables hold it.

Spark's checkpoint says what is read next; this says what was counted. A micro-batch that is done again after a kill is
counted once: its number is known.
"""

from pydantic import BaseModel

from jobs.figures import Figures
from jobs.stored import Objects
from pipeline.entities import ENTITIES
from pipeline.estate import Estate

KEPT = 1000  # micro-batches


class MicroBatch(BaseModel, frozen=True):
    """One micro-batch with records: `committed` in seconds since the epoch; latency, from a record's arrival in Kinesis
    to its being in the table, in seconds."""

    committed: float
    records: int
    latency_p50: float
    latency_p99: float


class StreamProgress(BaseModel):
    """`query`: id of the checkpoint that `last_batch`, the number of the last micro-batch counted, belongs to;
    `figures`: over all runs; `batches`: the last ones, in order."""

    query: str = ""
    last_batch: int = -1
    figures: Figures = Figures()
    batches: list[MicroBatch] = []

    def holds(self, query: str, batch: int) -> bool:
        """Whether this micro-batch is in the tables and counted. A new checkpoint numbers them anew."""
        return query == self.query and batch <= self.last_batch

    def add(self, query: str, batch: int, figures: Figures, done: MicroBatch) -> None:
        """Take note of a micro-batch; `figures`: what they are with it."""
        self.query, self.last_batch, self.figures = query, batch, figures
        self.batches = [*self.batches, done][-KEPT:]


def load_stream_progress(estate: Estate) -> dict[str, StreamProgress]:
    """By entity; one without any figures where nothing was ever streamed."""
    objects = Objects(estate)
    found = {entity.name: objects.get(estate.stream_progress_key(entity.name)) for entity in ENTITIES}
    return {
        name: StreamProgress() if stored is None else StreamProgress.model_validate_json(stored)
        for name, stored in found.items()
    }
