"""The stream lane on Spark: one streaming query over the three streams, with one checkpoint."""

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import reduce
from threading import Event, Thread
from typing import Any

from pyspark import inheritable_thread_target
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.listener import QueryProgressEvent, StreamingQueryListener
from pyspark.sql.streaming.query import StreamingQuery

from jobs import contract
from jobs.figures import Figures
from jobs.kinesis import KinesisDataSource, age_seconds, lost_hours
from jobs.spark.intake import Origin, Taken, as_text, ingest
from jobs.spark.session import ON_DATABRICKS, SMALL, kept, session
from jobs.spark.stream_table import StreamTable
from jobs.spark_checkpoint import is_there, positions_of
from jobs.stream_engine import IDLE, PERCENTS, SOURCE, Done, LaneStream, StreamLoader, source_options
from jobs.stream_progress import StreamProgress, load_stream_progress
from jobs.stream_tables import compaction_failed
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

SMALL_FILES = 100  # micro-batches: so many files of a table become one of some megabytes
LARGE_FILES = 3_600  # micro-batches: those become large ones
SEQUENCE_DIGITS = 64  # sequence numbers have 56: padded, they sort as text
PATIENCE = 3.0  # seconds in which Spark tells of a micro-batch that has ended
CHECKPOINT = "lane-%Y%m%dT%H%M%SZ"  # when it was begun

# What a query says of the error that ended it: a traceback, with the line that is for people somewhere in it.
PLAIN = re.compile(r"^(?:\S+\.)?(?:KinesisError|DataLoss): (.+)$", re.MULTILINE)


class Stopping(Exception):
    """Ends the query before its next micro-batch, which is then the first one of the next run."""


@contextmanager
def spark_loader(
    settings: Settings, estate: Estate, generation: str, writes: Callable[[int], None]
) -> Iterator[StreamLoader]:
    """See `jobs.stream_engine.stream_loader`."""
    began = time.monotonic()
    records = 0 if settings.once else SMALL  # what goes on without end is worth compiling for
    with session(settings, estate, "stream", records, writes) as spark:
        print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
        if not ON_DATABRICKS:  # which has a source of this name, with the same options and columns
            spark.dataSource.register(KinesisDataSource)
        lane = SparkLane(spark, settings, estate, generation)
        hearing = Listener(lane)
        spark.streams.addListener(hearing)
        yield lane
        spark.streams.removeListener(hearing)


class SparkLane:
    """See `jobs.stream_engine.StreamLoader`."""

    def __init__(self, spark: SparkSession, settings: Settings, estate: Estate, generation: str) -> None:
        progress = load_stream_progress(estate, generation)
        self.streams = [SparkStream(estate, entity, generation, progress[entity.name]) for entity in ENTITIES]
        self._spark = spark
        self._settings = settings
        self._estate = estate
        self._generation = generation
        self._tables: dict[str, StreamTable] = {}
        self._checkpoint = _checkpoint(estate, progress) or self._begin()
        self._stopping = Event()
        self._heard = Event()  # Spark has told of the last micro-batch
        self._query: StreamingQuery | None = None
        self._batches = 0
        self._tidying: Thread | None = None

    def start(self, until: float | None) -> None:
        self._stopping.clear()
        self._tables = {}  # of the query's session
        sources = [
            self._spark.readStream.format("kinesis").options(**self._options(stream, until)).load()
            for stream in self.streams
        ]
        self._query = (
            reduce(DataFrame.unionByName, sources)
            .writeStream.option(
                "checkpointLocation", self._estate.uri(self._estate.checkpoint_prefix(self._checkpoint))
            )
            .trigger(processingTime=f"{max(self._settings.trigger, IDLE) * 1000:.0f} milliseconds")
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
        if any(stream.batches for stream in self.streams):
            self._heard.wait(PATIENCE)

    def failure(self) -> str | None:
        error = self._query.exception() if self._query else None
        if error is None or self._stopping.is_set():
            return None
        text = str(error)
        plain = PLAIN.findall(text)
        log = self._settings.state / "logs" / "spark.log"
        return f"{plain[-1] if plain else text.strip().splitlines()[0]} (see {log})"

    def hear(self, offsets: list[str], began: float) -> None:
        """Take note of a micro-batch's end: the offset of each stream behind it (JSON), and when it began."""
        for stream, offset in zip(self.streams, offsets, strict=True):
            stream.look_at(offset, began)
        self._heard.set()

    def _begin(self) -> str:
        """Begin a checkpoint, which goes on from where the lane stands; its name."""
        name = datetime.now(UTC).strftime(CHECKPOINT)
        for stream in self.streams:
            stream.begin(name)
        if ON_DATABRICKS and any(stream.before.records_in for stream in self.streams):
            print(
                "new checkpoint: the streams are read again from their beginning, which leaves each key its last event"
            )
        return name

    def _options(self, stream: "SparkStream", until: float | None) -> dict[str, str]:
        if not ON_DATABRICKS:
            options = source_options(self._settings, self._estate, stream.stream, until)
            positions = stream.progress.positions
            return options | ({"startingPositions": json.dumps(positions)} if positions else {})
        # Its source knows no end, it is drained; nor positions: an upsert takes what was there before.
        options = source_options(self._settings, self._estate, stream.stream, None)
        if self._estate.service_credential:
            options["serviceCredential"] = self._estate.service_credential
        return options

    def _take(self, frame: DataFrame, number: int) -> None:
        if self._stopping.is_set():
            raise Stopping
        self._heard.clear()
        began = time.time()
        spark = frame.sparkSession  # a query has a session of its own
        self._tables = self._tables or {
            name: StreamTable(spark, self._estate, name, self._generation) for name in contract.SCHEMAS
        }
        query = spark.sparkContext.getLocalProperty("sql.streaming.queryId")
        records = frame.coalesce(spark.sparkContext.defaultParallelism)

        def take(stream: SparkStream) -> None:
            if not stream.progress.holds(query, number):
                own = lines.where(F.col("stream") == stream.stream)
                stream.take(own, self._tables[stream.entity.name], self._tables["rejected"], query, number, began)

        with kept(stream_lines(records)) as lines, ThreadPoolExecutor(len(self.streams)) as pool:
            list(pool.map(inheritable_thread_target(take), self.streams))
        self._tidy()

    def _tidy(self) -> None:
        """Now and then keep the tables in shape, beside the micro-batches that follow."""
        self._batches += 1
        if self._batches % SMALL_FILES == 0 and not (self._tidying and self._tidying.is_alive()):
            self._tidying = Thread(target=self._tidy_all, args=(self._batches % LARGE_FILES == 0,), daemon=True)
            self._tidying.start()

    def _tidy_all(self, large: bool) -> None:
        for table in self._tables.values():
            try:
                table.tidy(large)
            except Exception as error:
                if not self._stopping.is_set():  # Spark may have ended under it
                    compaction_failed(table.name, str(error).strip().partition("\n")[0])


class SparkStream(LaneStream):
    """One of the streams of the query."""

    def __init__(self, estate: Estate, entity: Entity, generation: str, progress: StreamProgress) -> None:
        super().__init__(estate, entity, generation, progress)
        self._estate = estate

    def begin(self, checkpoint: str) -> None:
        """Go on with a checkpoint that is new from where the stream stands."""
        progress = self.progress
        if progress.engine == "spark":
            progress.positions = positions_of(self._estate, self.entity, progress)
        progress.engine, progress.checkpoint, progress.query, progress.last_batch = "spark", checkpoint, "", -1
        self.put_progress()

    def take(
        self, lines: DataFrame, table: StreamTable, rejected: StreamTable, query: str, number: int, began: float
    ) -> None:
        """Bring its lines of a micro-batch, which began at a moment, into its table."""
        arrivals = F.percentile(F.unix_millis("arrival"), [n / (PERCENTS - 1) for n in range(PERCENTS)])
        taken = ingest(lines, self.entity, table, rejected, Origin(SOURCE, self.stream), (arrivals.alias("arrivals"),))
        if not taken.lines:
            return
        committed = time.time()
        figures = self._figures(taken, table, rejected)
        latencies = [max(0.0, committed - arrival / 1000) for arrival in reversed(taken.measured["arrivals"])]
        self.progress.query, self.progress.last_batch = query, number
        done = Done(taken.lines, taken.refused, latencies, began, committed - began)
        self.add(number, done, figures, taken.measured["arrivals"][0] / 1000)
        self.put_progress()

    def look_at(self, offset: str, now: float) -> None:
        """Take note of how far it has been read."""
        self.age, self.lost = age_seconds(offset, now), lost_hours(offset)
        positions = json.loads(offset)
        if positions != self.progress.positions:
            self.progress.positions, self.progress.age = positions, self.age
            self.put_progress()

    def _figures(self, taken: Taken, table: StreamTable, rejected: StreamTable) -> Figures:
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

    def __init__(self, lane: SparkLane) -> None:
        self._lane = lane

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        began = datetime.fromisoformat(event.progress.timestamp).timestamp()
        self._lane.hear([source.endOffset for source in event.progress.sources], began)

    def onQueryStarted(self, event: Any) -> None:
        pass

    def onQueryIdle(self, event: Any) -> None:
        pass

    def onQueryTerminated(self, event: Any) -> None:
        pass


def _checkpoint(estate: Estate, progress: dict[str, StreamProgress]) -> str | None:
    """The name of the checkpoint that all streams have come this far with; None when they have none in common."""
    names = {stream.checkpoint if stream.engine == "spark" else "" for stream in progress.values()}
    return next((name for name in names if len(names) == 1 and is_there(estate, name)), None)


def stream_lines(records: DataFrame) -> DataFrame:
    """Records of Kinesis as lines (`jobs.spark.intake`), with their `stream` and their
    `arrival`, a timestamp.

    `position` is <shard>/<sequence number>, and /<place> behind it for a record packed with others. What is no UTF-8
    is `base64:...`.
    """
    if "subSequenceNumber" not in records.columns:  # Databricks' source has none
        records = records.withColumn("subSequenceNumber", F.lit(0))
    place = F.when(F.col("subSequenceNumber") > 0, F.col("subSequenceNumber").cast("string"))
    return records.select(
        "stream",
        as_text(F.col("data")).alias("raw"),
        F.concat_ws("/", "shardId", "sequenceNumber", place).alias("position"),
        F.struct(F.lpad("sequenceNumber", SEQUENCE_DIGITS, "0"), "subSequenceNumber").alias("place"),
        F.col("approximateArrivalTimestamp").alias("arrival"),
    )
