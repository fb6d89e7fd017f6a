"""The incremental load: what the sink has landed since the last run goes into the clean tables and `rejected`.

Structured Streaming keeps, in each topic's checkpoint, which objects a run has read. It hands a micro-batch over again
when the run that had it did not come to its end, so everything here may be done twice:
- `loads`, one row a micro-batch, is written before the tables are, and not again: its figures stay those of the first
  time, when the tables did not hold the rows yet;
- `rejected` takes what it does not hold at that position;
- the clean tables take what differs from what they hold (`Table.upsert`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.streaming import StreamingQuery

from jobs.cleaning import CLEANERS
from jobs.events import events
from jobs.landed import dead_letters, landed_lines
from jobs.tables import SCHEMAS, Table
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate

SOURCE = "kafka"  # of rejected records, beside their topic
OBJECTS_A_BATCH = 1000

Batch = tuple[str, int]  # id of the streaming query, number of its micro-batch


@dataclass(frozen=True)
class Figures:
    """Records of a topic: `records_in` = `clean` + `rejected` + `superseded`.

    `clean`: events of a key that the table did not hold; `superseded`: events of a key that has a later one, or that
    took the place of an earlier one, or were there already as they are.
    """

    records_in: int = 0
    clean: int = 0
    rejected: int = 0
    superseded: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.records_in + other.records_in,
            self.clean + other.clean,
            self.rejected + other.rejected,
            self.superseded + other.superseded,
        )


class Load:
    """One run over all topics."""

    def __init__(self, spark: SparkSession, estate: Estate, on_new: Callable[[], None]) -> None:
        """`on_new` is called before the first table changes."""
        self._spark = spark
        self._estate = estate
        self._on_new = on_new
        self._shared = threading.Lock()  # `loads` and `rejected` are written by every query

    def run(self) -> dict[str, Figures]:
        """Load what is new; figures of each topic that had something new, the dead-letter topic among them."""
        self._done: set[Batch] = set()
        queries = [self._start(name, topic) for name, topic in self._topics().items()]
        try:
            for query in queries:
                query.awaitTermination()
        finally:
            for query in queries:
                query.stop()
        return self._sum({batch: noted for batch, noted in self._noted.items() if batch in self._done})

    def totals(self) -> dict[str, Figures]:
        """Figures of each topic over all runs."""
        return self._sum(self._noted)

    @cached_property
    def _noted(self) -> dict[Batch, tuple[str, Figures]]:
        """Topic and figures of all micro-batches that there ever were, as `loads` has them."""
        rows = Table(self._spark, self._estate, "loads").rows().collect()
        return {
            (row["query"], row["batch"]): (
                row["topic"],
                Figures(row["records_in"], row["clean"], row["rejected"], row["superseded"]),
            )
            for row in rows
        }

    def _topics(self) -> dict[str, str]:
        return self._estate.topics | {"dead-letter": self._estate.dead_letter_topic}

    def _sum(self, noted: dict[Batch, tuple[str, Figures]]) -> dict[str, Figures]:
        sums: dict[str, Figures] = {}
        for topic, figures in noted.values():
            sums[topic] = sums.get(topic, Figures()) + figures
        return {topic: sums[topic] for topic in self._topics().values() if topic in sums}

    def _start(self, name: str, topic: str) -> StreamingQuery:
        entities = {entity.name: entity for entity in ENTITIES}
        step = partial(self._events, entity=entities[name]) if name in entities else self._dead_letters
        return (
            landed_lines(self._spark, self._estate, topic, OBJECTS_A_BATCH)
            .writeStream.queryName(topic)
            .option("checkpointLocation", self._estate.uri(self._estate.checkpoint_prefix(name)))
            .trigger(availableNow=True)
            .foreachBatch(step)
            .start()
        )

    def _events(self, lines: DataFrame, batch: int, *, entity: Entity) -> None:
        """A micro-batch of an entity's topic: (raw, partition, offset)."""
        topic = self._estate.topics[entity.name]
        read = (
            events(lines, entity)
            .withColumn("raw", F.when(F.col("rejection").isNotNull(), F.col("raw")))
            .persist(StorageLevel.MEMORY_AND_DISK)
        )
        valid = read.where("rejection is null").select("event.*", "partition", "offset")
        counts = read.agg(
            F.count("*").alias("records_in"),
            F.count("rejection").alias("rejected"),
            F.count_distinct(F.when(F.col("rejection").isNull(), F.col("event")[entity.key])).alias("keys"),
        ).first()
        repeated = counts["records_in"] - counts["rejected"] > counts["keys"]
        rows = CLEANERS[entity.name](latest(valid, entity.key) if repeated else valid)
        table = Table(rows.sparkSession, self._estate, entity.name)
        change = table.compare(rows, counts["keys"])
        self._note(lines, batch, topic, counts["records_in"], change.new, counts["rejected"])
        if counts["rejected"]:
            refused = read.where("rejection is not null")
            self._reject(refused.select(F.lit(topic).alias("topic"), "partition", "offset", "raw", "rejection"))
        table.upsert(rows, change)
        read.unpersist()

    def _dead_letters(self, lines: DataFrame, batch: int) -> None:
        letters = dead_letters(lines)
        number = letters.count()
        self._note(lines, batch, self._estate.dead_letter_topic, number, 0, number)
        self._reject(letters)

    def _note(self, lines: DataFrame, batch: int, topic: str, records: int, clean: int, rejected: int) -> None:
        """Write the micro-batch's figures, unless they were written before."""
        spark = lines.sparkSession
        key = (spark.sparkContext.getLocalProperty("sql.streaming.queryId"), batch)
        figures = Figures(records, clean, rejected, records - rejected - clean)
        with self._shared:
            self._on_new()
            if key not in self._noted:
                row = (*key, topic, records, clean, rejected, figures.superseded)
                load = spark.createDataFrame([row], SCHEMAS["loads"].rsplit(", ", 1)[0])
                Table(spark, self._estate, "loads").append(load.withColumn("loaded_at", F.current_timestamp()))
                self._noted[key] = (topic, figures)
            self._done.add(key)

    def _reject(self, refused: DataFrame) -> None:
        """Put (topic, partition, offset, raw, reason) into `rejected`, unless that position is there."""
        spark = refused.sparkSession
        table = Table(spark, self._estate, "rejected")
        topic, partition, offset, raw, reason = map(F.col, refused.columns)
        rows = refused.select(
            F.lit(SOURCE).alias("source"),
            topic.alias("topic"),
            F.concat_ws("/", partition, offset).alias("position"),
            raw.alias("raw"),
            reason.alias("reason"),
            F.current_timestamp().alias("first_seen"),
        )
        with self._shared:
            known = table.rows().select("source", "topic", "position")
            table.append(rows.join(known, ["source", "topic", "position"], how="left_anti").select(rows.columns))


def latest(events: DataFrame, key: str) -> DataFrame:
    """Of the events of one key the last one, by its position in the topic."""
    order = Window.partitionBy(key).orderBy(F.desc("partition"), F.desc("offset"))
    return events.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank")
