"""What both lanes do with the lines they read: events go into their clean table, the others into `rejected`.

Lines are (raw string, position string, place struct, ...). `position` names a line within its topic or stream; the
lines of one key came in the order of `place`. All of this may be done twice, by a run that follows one that was killed:
the tables take only what they do not hold (`jobs.spark.tables`).
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs import contract
from jobs.spark.events import event_columns, events
from jobs.spark.session import kept
from jobs.spark.tables import Keys, Table
from pipeline.entities import Entity


@dataclass(frozen=True)
class Origin:
    """Where lines come from, as `rejected` names it: kafka and a topic, or kinesis and a stream."""

    source: str
    topic: str


@dataclass(frozen=True)
class Taken:
    """How many lines were read, how many of them are no events, how many rows their table has now that it had not
    before, and what was measured of all lines."""

    lines: int
    refused: int
    added: int
    measured: Row


def ingest(
    lines: DataFrame, entity: Entity, table: Table, rejected: Table, origin: Origin, measures: tuple[Column, ...] = ()
) -> Taken:
    """Bring lines into the tables. `measures`: further aggregates over the lines' columns, computed on the way."""
    read = events(lines, entity).withColumn(
        "raw", F.when(F.col("rejection").isNotNull(), as_text(F.col("raw").cast("binary")))
    )
    with kept(read) as read:
        key = F.when(F.col("rejection").isNull(), F.col(entity.key))
        counts = read.agg(
            F.count("*").alias("lines"),
            F.count("rejection").alias("refused"),
            F.count_distinct(key).alias("keys"),
            F.min(key).alias("first"),
            F.max(key).alias("last"),
            *measures,
        ).first()
        keys = Keys(counts["keys"], counts["first"], counts["last"])
        valid = read.where("rejection is null").select(*event_columns(entity), "place")
        if counts["lines"] - counts["refused"] > keys.number:
            valid = latest(valid, entity.key)
        added = table.upsert(clean(valid, entity), keys) if keys.number else 0
        if counts["refused"]:
            refused = read.where("rejection is not null")
            topic = F.lit(origin.topic).alias("topic")
            reject(
                refused.select(topic, "position", "raw", F.col("rejection").alias("reason")), rejected, origin.source
            )
    return Taken(counts["lines"], counts["refused"], added, counts)


def clean(valid: DataFrame, entity: Entity) -> DataFrame:
    """Events as rows of their clean table."""
    valid.createOrReplaceTempView(f"{entity.name}_events")
    return valid.sparkSession.sql(contract.cleaning(entity.name))


def reject(refused: DataFrame, rejected: Table, source: str) -> None:
    """Put (topic, position, raw, reason) into `rejected`, once a position: dead letters may come twice."""
    rows = refused.select(
        F.lit(source).alias("source"), "topic", "position", "raw", "reason", F.current_timestamp().alias("first_seen")
    ).dropDuplicates(["topic", "position"])
    place = ["source", "topic", "position"]
    with rejected.lock:
        rejected.append(rows.join(rejected.rows().select(place), place, how="left_anti").select(rows.columns))


def as_text(data: Column) -> Column:
    """A record's bytes as text, `base64:...` where they are none."""
    return F.coalesce(F.try_validate_utf8(data.cast("string")), F.concat(F.lit("base64:"), F.base64(data)))


def latest(valid: DataFrame, key: str) -> DataFrame:
    """Of the events of one key the last one, by its place."""
    order = Window.partitionBy(key).orderBy(F.desc("place"))
    return valid.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank")
