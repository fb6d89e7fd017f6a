"""The stream lane on Spark: a streaming query for each stream, in one session."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.listener import QueryProgressEvent, StreamingQueryListener
from pyspark.sql.streaming.query import StreamingQuery

from jobs.figures import Figures
from jobs.kinesis import KinesisDataSource, age_seconds, lost_hours
from jobs.spark.intake import Origin, Taken, as_text, ingest
from jobs.spark.session import ON_DATABRICKS, session
from jobs.spark.tables import Table
from jobs.stored import Objects
from jobs.stream_engine import PERCENTS, SOURCE, Done, StreamQuery, source_options
from jobs.stream_progress import KEPT, MicroBatch, StreamProgress, load_stream_progress
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

SEQUENCE_DIGITS = 64  # sequence numbers have 56: padded, they sort as text
COMPACT_EVERY = 20  # micro-batches: each adds a file or two, and an upsert opens those that may hold its keys
PATIENCE = 3.0  # seconds in which Spark tells of a micro-batch that has ended

# What a query says of the error that ended it: a traceback, with the line that is for people somewhere in it.
PLAIN = re.compile(r"^(?:\S+\.)?(?:KinesisError|DataLoss): (.+)$", re.MULTILINE)


class Stopping(Exception):
    """Ends a query before its next micro-batch, which is then the first one of the next run."""


@contextmanager
def spark_queries(
    settings: Settings, estate: Estate, generation: str, writes: Callable[[int], None]
) -> Iterator[list[StreamQuery]]:
    """See `jobs.stream_engine.stream_queries`."""
    began = time.monotonic()
    with session(settings, estate, "stream", 0, writes) as spark:
        print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
        if not ON_DATABRICKS:  # which has a source of this name, with the same options and columns
            spark.dataSource.register(KinesisDataSource)
        progress = load_stream_progress(estate, generation)
        queries = [
            SparkQuery(spark, estate, settings, entity, generation, progress[entity.name]) for entity in ENTITIES
        ]
        hearing = Listener(queries)
        spark.streams.addListener(hearing)
        yield list(queries)
        spark.streams.removeListener(hearing)


@dataclass(frozen=True)
class Counted:
    """A micro-batch that is in the tables, before Spark has told of it: see `jobs.stream_engine.Done`."""

    records: int
    rejected: int
    latencies: list[float]


class SparkQuery:
    """See `jobs.stream_engine.StreamQuery`. `counted`: micro-batches, by number, of which Spark has yet to tell."""

    def __init__(
        self,
        spark: SparkSession,
        estate: Estate,
        settings: Settings,
        entity: Entity,
        generation: str,
        progress: StreamProgress,
    ) -> None:
        self.stream = estate.streams[entity.name]
        self.progress = progress
        self.before = progress.figures
        self.done: dict[int, Done] = {}
        self.counted: dict[int, Counted] = {}
        self.batches = 0
        self.age = 0.0
        self.lost = 0.0
        self._spark = spark
        self._estate = estate
        self._settings = settings
        self._entity = entity
        self._generation = generation
        self._key = estate.stream_progress_key(entity.name, generation)
        self._objects = Objects(estate)
        self._stopping = Event()
        self._putting = Lock()
        self._query: StreamingQuery | None = None
        if progress.engine != "spark":  # a checkpoint of its own goes on from there
            progress.engine, progress.query, progress.last_batch = "spark", "", -1
            progress.checkpoint = f"{generation or 'tables'}-{progress.version}"
            self._put_progress()

    def start(self, until: float | None) -> None:
        self._stopping.clear()
        checkpoint = self._estate.checkpoint_prefix(self._entity.name, self.progress.checkpoint)
        source = self._spark.readStream.format("kinesis").options(**self._options(until))
        self._query = (
            source.load()
            .writeStream.queryName(self.stream)
            .option("checkpointLocation", self._estate.uri(checkpoint))
            .trigger(processingTime=f"{self._settings.trigger * 1000:.0f} milliseconds")
            .foreachBatch(self._take)
            .start()
        )

    def drain(self) -> None:
        if self._query:
            self._query.processAllAvailable()

    def stop(self) -> None:
        self._stopping.set()
        while self._query and self._query.isActive:
            if not self._query.status["isTriggerActive"]:
                self._query.stop()
            time.sleep(0.05)
        deadline = time.monotonic() + PATIENCE
        while self.counted and time.monotonic() < deadline:
            time.sleep(0.05)

    def failure(self) -> str | None:
        error = self._query.exception() if self._query else None
        if error is None or self._stopping.is_set():
            return None
        text = str(error)
        plain = PLAIN.findall(text)
        log = self._settings.state / "logs" / "spark.log"
        return f"{plain[-1] if plain else text.strip().splitlines()[0]} (see {log})"

    def _options(self, until: float | None) -> dict[str, str]:
        if not ON_DATABRICKS:
            options = source_options(self._settings, self._estate, self.stream, until)
            positions = self.progress.positions
            return options | ({"startingPositions": json.dumps(positions)} if positions else {})
        # Its source knows no end, it is drained; nor positions: an upsert takes what was there before.
        options = source_options(self._settings, self._estate, self.stream, None)
        if self._estate.service_credential:
            options["serviceCredential"] = self._estate.service_credential
        return options

    def _take(self, frame: DataFrame, number: int) -> None:
        if self._stopping.is_set():
            raise Stopping
        spark = frame.sparkSession  # a query has a session of its own
        query = spark.sparkContext.getLocalProperty("sql.streaming.queryId")
        if self.progress.holds(query, number):
            return
        table = Table(spark, self._estate, self._entity.name, "stream", self._generation)
        rejected = Table(spark, self._estate, "rejected", "stream", self._generation)
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
        self.progress.query, self.progress.last_batch = query, number
        self.progress.add(figures, batch, taken.measured["arrivals"][0] / 1000)
        self._put_progress()
        self.batches += 1
        self.counted[number] = Counted(taken.lines, taken.refused, latencies)
        if self.batches % COMPACT_EVERY == 0 and table.exists():
            table.compact()

    def tell(self, number: int, began: float, seconds: float, offset: str) -> None:
        """Hear of a micro-batch's end, with the offset behind it (JSON)."""
        self.age, self.lost = age_seconds(offset, began), lost_hours(offset)
        if counted := self.counted.get(number):
            self.done[number] = Done(counted.records, counted.rejected, counted.latencies, began, seconds, self.age)
            self.done.pop(number - KEPT, None)
            self.progress.positions, self.progress.age = json.loads(offset), self.age
            self._put_progress()
            del self.counted[number]

    def _put_progress(self) -> None:
        with self._putting:  # Spark tells by a thread of its own
            self._objects.put(self._key, self.progress.model_dump_json().encode())

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


class Listener(StreamingQueryListener):
    """Hears of each micro-batch when it is committed."""

    def __init__(self, queries: list[SparkQuery]) -> None:
        self._queries = {query.stream: query for query in queries}

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        progress = event.progress
        began = datetime.fromisoformat(progress.timestamp).timestamp()
        seconds = progress.durationMs["triggerExecution"] / 1000
        self._queries[str(progress.name)].tell(progress.batchId, began, seconds, progress.sources[0].endOffset)

    def onQueryStarted(self, event: Any) -> None:
        pass

    def onQueryIdle(self, event: Any) -> None:
        pass

    def onQueryTerminated(self, event: Any) -> None:
        pass


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
