"""What brings the streams into the stream lane's tables: DuckDB in this process, or Spark. The tables are the same."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Protocol

from jobs.figures import Figures
from jobs.stored import Objects
from jobs.stream_progress import KEPT, MicroBatch, StreamProgress
from pipeline.entities import Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

SOURCE = "kinesis"  # of the stream lane's rejected records, beside their stream
PERCENTS = 101  # from 0 to 100
IDLE = 1.0  # seconds from one look at a stream that had nothing to the next: a shard takes five a second, from all


@dataclass(frozen=True)
class Done:
    """A micro-batch that is in the tables: its records, how many of them were rejected, and their latencies in seconds,
    ascending, one for each percent of them; when it began, in seconds since the epoch, and how many it took."""

    records: int
    rejected: int
    latencies: list[float]
    began: float
    seconds: float


class LaneStream:
    """A stream on its way into its table, a micro-batch at a time.

    Of this run: `batches` micro-batches are in the tables; `done`: what the last ones did, by their number; `before`:
    the figures when it began; `age`: iterator age in seconds; `lost`: hours whose records were lost to it.
    """

    def __init__(self, estate: Estate, entity: Entity, generation: str, progress: StreamProgress) -> None:
        self.entity = entity
        self.stream = estate.streams[entity.name]
        self.progress = progress
        self.before = progress.figures
        self.done: dict[int, Done] = {}
        self.batches = 0
        self.age = 0.0
        self.lost = 0.0
        self.key = estate.stream_progress_key(entity.name, generation)
        self._objects = Objects(estate)
        self._putting = Lock()

    def add(self, number: int, done: Done, figures: Figures, first: float) -> None:
        """Take note of a micro-batch; `figures`: what they are with it; `first`: when its first record arrived."""
        committed = done.began + done.seconds
        p50, p99 = done.latencies[50], done.latencies[99]
        batch = MicroBatch(committed=committed, records=done.records, latency_p50=p50, latency_p99=p99)
        self.progress.add(figures, batch, first)
        self.batches += 1
        self.done[number] = done
        self.done.pop(number - KEPT, None)

    def put_progress(self) -> None:
        with self._putting:  # more than one thread tells of a stream
            self._objects.put(self.key, self.progress.model_dump_json().encode())


class StreamLoader(Protocol):
    """Brings the streams into their tables by threads of its own."""

    @property
    def streams(self) -> Sequence[LaneStream]: ...

    def start(self, until: float | None) -> None:
        """Go on where the lane stands. `until`: seconds since the epoch; what arrives later is left unread."""

    def drain(self) -> None:
        """Return when all that the streams hold is in the tables, or one of them has failed."""

    def stop(self) -> None:
        """Let the micro-batches under way come to their end, and begin no other."""

    def failure(self) -> str | None:
        """What ended it, in a line with the stream; None while it runs, and when it was asked to stop."""


def stream_loader(
    settings: Settings, estate: Estate, generation: str, writes: Callable[[int], None]
) -> AbstractContextManager[StreamLoader]:
    """The engine's, into a generation of the tables, while the block lasts.

    `writes` is called with the pid of a process of its own that writes. Raises UserError when it does not start.
    """
    if settings.engine == "spark":
        from jobs.spark.stream import spark_loader

        return spark_loader(settings, estate, generation, writes)
    from jobs.embedded.stream import embedded_loader

    return embedded_loader(settings, estate, generation)


def source_options(settings: Settings, estate: Estate, stream: str, until: float | None) -> dict[str, str]:
    """How the Kinesis reader (`jobs.kinesis`) reads a stream. `until` as `StreamLoader.start` takes it."""
    options = {
        "streamName": stream,
        "region": estate.region,
        "initialPosition": "trim_horizon",
        "failOnDataLoss": str(settings.fail_on_data_loss).lower(),
    }
    if until is not None:
        options["endingPosition"] = f'{{"at_timestamp": "{datetime.fromtimestamp(until, UTC).isoformat()}"}}'
    if estate.aws_endpoint_url:
        credentials = estate.credentials()
        options |= {
            "endpoint": estate.aws_endpoint_url,
            "awsAccessKey": credentials.access_key,
            "awsSecretKey": credentials.secret_key,
        }
    return options
