"""What brings the streams into the stream lane's tables: DuckDB in this process, or Spark. The tables are the same."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from jobs.figures import Figures
from jobs.stream_progress import StreamProgress
from pipeline.estate import Estate
from pipeline.settings import Settings

SOURCE = "kinesis"  # of the stream lane's rejected records, beside their stream
PERCENTS = 101  # from 0 to 100


@dataclass(frozen=True)
class Done:
    """A micro-batch that is in the tables: its records, how many of them were rejected, and their latencies in seconds,
    ascending, one for each percent of them; when it began, in seconds since the epoch, and how many it took; and the
    iterator age with it, in seconds."""

    records: int
    rejected: int
    latencies: list[float]
    began: float
    seconds: float
    age: float


class StreamQuery(Protocol):
    """Brings one stream into its table, a micro-batch at a time, by threads of its own.

    Of this run: `batches` micro-batches are in the tables; `done`: what the last ones did, by their number; `before`:
    the figures when it began; `age`: iterator age in seconds; `lost`: hours whose records were lost to it.
    """

    stream: str
    progress: StreamProgress
    before: Figures
    done: dict[int, Done]
    batches: int
    age: float
    lost: float

    def start(self, until: float | None) -> None:
        """Go on where the lane stands. `until`: seconds since the epoch; what arrives later is left unread."""

    def drain(self) -> None:
        """Return when all that the stream holds is in the table, or the query has ended."""

    def stop(self) -> None:
        """Let the micro-batch under way come to its end, and begin no other."""

    def failure(self) -> str | None:
        """What ended the query, in a line; None while it runs, and when it was asked to stop."""


def stream_queries(
    settings: Settings, estate: Estate, generation: str, writes: Callable[[int], None]
) -> AbstractContextManager[list[StreamQuery]]:
    """A query for each stream, into a generation of the tables, while the block lasts.

    `writes` is called with the pid of a process of its own that writes. Raises UserError when it does not start.
    """
    if settings.engine == "spark":
        from jobs.spark.stream import spark_queries

        return spark_queries(settings, estate, generation, writes)
    from jobs.embedded.stream import embedded_queries

    return embedded_queries(settings, estate, generation)


def source_options(settings: Settings, estate: Estate, stream: str, until: float | None) -> dict[str, str]:
    """How the Kinesis reader (`jobs.kinesis`) reads a stream. `until` as `StreamQuery.start` takes it."""
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
