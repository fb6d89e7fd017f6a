"""One entity's streaming query: from its Kinesis stream into its table, a micro-batch at a time."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from jobs.figures import Figures
from jobs.spark.intake import Origin, Taken, as_text, ingest
from jobs.spark.session import ON_DATABRICKS
from jobs.spark.tables import Table
from jobs.stored import Objects
from jobs.stream_progress import KEPT, MicroBatch, StreamProgress
from pipeline.entities import Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

SOURCE = "kinesis"  # of rejected records, beside their stream
SEQUENCE_DIGITS = 64  # sequence numbers have 56: padded, they sort as text
PERCENTS = 101  # from 0 to 100
COMPACT_EVERY = 20  # micro-batches: each adds a file or two, and an upsert opens those that may hold its keys

# What a query says of the error that ended it: a traceback, with the line that is for people somewhere in it.
PLAIN = re.compile(r"^(?:\S+\.)?(?:KinesisError|DataLoss): (.+)$", re.MULTILINE)


class Stopping(Exception):
    """Ends a query before its next micro-batch, which is then the first one of the next run."""


@dataclass(frozen=True)
class Done:
    """A micro-batch that is in the tables: its records, how many of them were rejected, and their latencies in seconds,
    ascending, one for each percent of them."""

    records: int
    rejected: int
    latencies: list[float]


class StreamQuery:
    """Of this run: `batches` micro-batches are in the tables; `done`: what the last ones did, by their number."""

    def __init__(
        self, spark: SparkSession, estate: Estate, settings: Settings, entity: Entity, progress: StreamProgress
    ) -> None:
        self.stream = estate.streams[entity.name]
        self.progress = progress
        self.before = progress.figures
        self.done: dict[int, Done] = {}
        self.batches = 0
        self._spark = spark
        self._estate = estate
        self._settings = settings
        self._entity = entity
        self._objects = Objects(estate)
        self._stopping = Event()
        self._query: StreamingQuery | None = None

    def start(self, until: float | None) -> None:
        """Begin where the checkpoint says. `until`: seconds since the epoch; what arrives later is left unread."""
        source = self._spark.readStream.format("kinesis").options(**self._options(until))
        self._query = (
            source.load()
            .writeStream.queryName(self.stream)
            .option("checkpointLocation", self._estate.uri(self._estate.checkpoint_prefix(self._entity.name)))
            .trigger(processingTime=f"{self._settings.trigger * 1000:.0f} milliseconds")
            .foreachBatch(self._take)
            .start()
        )

    def drain(self) -> None:
        """Return when all that the stream holds is in the table, or the query has ended."""
        if self._query:
            self._query.processAllAvailable()

    def stop(self) -> None:
        """Let the micro-batch under way come to its end, and begin no other."""
        self._stopping.set()
        while self._query and self._query.isActive:
            if not self._query.status["isTriggerActive"]:
                self._query.stop()
            time.sleep(0.05)

    def failure(self) -> str | None:
        """What ended the query, in a line; None while it runs, and when it was asked to stop."""
        error = self._query.exception() if self._query else None
        if error is None or self._stopping.is_set():
            return None
        text = str(error)
        plain = PLAIN.findall(text)
        return plain[-1] if plain else text.strip().splitlines()[0]

    def _options(self, until: float | None) -> dict[str, str]:
        options = {
            "streamName": self.stream,
            "region": self._estate.region,
            "initialPosition": "trim_horizon",
            "failOnDataLoss": str(self._settings.fail_on_data_loss).lower(),
        }
        if self._estate.service_credential:
            options["serviceCredential"] = self._estate.service_credential
        if until is not None and not ON_DATABRICKS:  # whose source knows no end: it is drained
            moment = datetime.fromtimestamp(until, UTC).isoformat()
            options["endingPosition"] = f'{{"at_timestamp": "{moment}"}}'
        if self._estate.aws_endpoint_url:
            credentials = self._estate.credentials()
            options |= {
                "endpoint": self._estate.aws_endpoint_url,
                "awsAccessKey": credentials.access_key,
                "awsSecretKey": credentials.secret_key,
            }
        return options

    def _take(self, frame: DataFrame, number: int) -> None:
        if self._stopping.is_set():
            raise Stopping
        spark = frame.sparkSession  # a query has a session of its own
        query = spark.sparkContext.getLocalProperty("sql.streaming.queryId")
        if self.progress.holds(query, number):
            return
        table = Table(spark, self._estate, self._entity.name, "stream")
        rejected = Table(spark, self._estate, "rejected", "stream")
        arrivals = F.percentile(F.unix_millis("arrival"), [n / (PERCENTS - 1) for n in range(PERCENTS)])
        origin = Origin(SOURCE, self.stream)
        taken = ingest(stream_lines(frame), self._entity, table, rejected, origin, (arrivals.alias("arrivals"),))
        if not taken.lines:
            return
        committed = time.time()
        figures = self._figures(taken, table, rejected)
        latencies = [max(0.0, committed - arrival / 1000) for arrival in reversed(taken.measured["arrivals"])]
        batch = MicroBatch(
            committed=committed, records=taken.lines, latency_p50=latencies[50], latency_p99=latencies[99]
        )
        self.progress.add(query, number, figures, batch)
        key = self._estate.stream_progress_key(self._entity.name)
        self._objects.put(key, self.progress.model_dump_json().encode())
        self.batches += 1
        self.done[number] = Done(taken.lines, taken.refused, latencies)
        self.done.pop(number - KEPT, None)
        if self.batches % COMPACT_EVERY == 0 and table.exists():
            table.compact()

    def _figures(self, taken: Taken, table: Table, rejected: Table) -> Figures:
        """What they are with a micro-batch. Once a run they are taken from the tables, which may hold more than was
        counted: the last run may have been killed in between."""
        before, counted = self.progress.figures, self.batches > 0
        records_in = before.records_in + taken.lines
        clean = before.clean + taken.added if counted else table.rows().count()
        refused = before.rejected
        if taken.refused or not counted:
            refused = rejected.rows().where(F.col("topic") == self.stream).count()
        return Figures(records_in=records_in, clean=clean, rejected=refused, superseded=records_in - clean - refused)


def stream_lines(records: DataFrame) -> DataFrame:
    """Records of Kinesis as lines (`jobs.spark.intake`), with their `arrival`, a timestamp.

    `position` is <shard>/<sequence number>, and /<place> behind it for a record packed with others. What is no UTF-8
    is `base64:...`.
    """
    if "subSequenceNumber" not in records.columns:  # Databricks' source has none
        records = records.withColumn("subSequenceNumber", F.lit(0))
    place = F.when(F.col("subSequenceNumber") > 0, F.col("subSequenceNumber").cast("string"))
    return records.select(
        as_text(F.col("data")).alias("raw"),
        F.concat_ws("/", "shardId", "sequenceNumber", place).alias("position"),
        F.struct(F.lpad("sequenceNumber", SEQUENCE_DIGITS, "0"), "subSequenceNumber").alias("place"),
        F.col("approximateArrivalTimestamp").alias("arrival"),
    )
