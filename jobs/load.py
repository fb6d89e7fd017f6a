"""The incremental load: what the sink has landed since the last run goes into the clean tables and `rejected`.

Which objects are new, their names tell (`jobs.landed`). Everything here may be done twice, by a run that follows one
that was killed: the tables take only what they do not hold (`jobs.tables`), and the figures are taken from what they
hold in the end.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from jobs.cleaning import CLEANERS
from jobs.events import events
from jobs.landed import LandedObject, dead_letters, landed_lines, objects_behind
from jobs.progress import Figures, Progress
from jobs.tables import Table
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate

SOURCE = "kafka"  # of rejected records, beside their topic


@dataclass(frozen=True)
class Read:
    """What was read of a topic: lines, how many of them are no events, and the rows that its table then held.

    `reasons`: (topic, partition, offset, raw, reason) of the lines that are no events, None when all are.
    """

    lines: int
    refused: int
    clean: int
    reasons: DataFrame | None


def new_objects(estate: Estate, progress: Progress) -> dict[str, list[LandedObject]]:
    """By topic, the dead-letter topic included, the objects to read; topics without any are left out."""
    topics = [*estate.topics.values(), estate.dead_letter_topic]
    found = {topic: list(objects_behind(estate, topic, progress.last_read)) for topic in topics}
    return {topic: objects for topic, objects in found.items() if objects}


def load(spark: SparkSession, estate: Estate, objects: dict[str, list[LandedObject]], progress: Progress) -> None:
    """Bring the objects' records into the tables, and `progress` up to date."""
    rejected = Table(spark, estate, "rejected")

    def load_topic(entity: Entity) -> Read | None:
        topic = estate.topics[entity.name]
        if topic not in objects:
            return None
        found = events(landed_lines(spark, estate, objects[topic]), entity)
        read = _load_events(found, entity, Table(spark, estate, entity.name), topic)
        print(f"{topic}: {read.lines:,} lines read, {read.clean:,} rows in the table", flush=True)
        return read

    with ThreadPoolExecutor(len(ENTITIES)) as pool:  # most of a small load is waiting
        reads = {entity.name: read for entity, read in zip(ENTITIES, pool.map(load_topic, ENTITIES), strict=True)}
    refused = [read.reasons for read in reads.values() if read and read.reasons]
    if estate.dead_letter_topic in objects:
        refused.append(dead_letters(landed_lines(spark, estate, objects[estate.dead_letter_topic])))
    for records in refused:
        _reject(records, rejected)
    held = rejected.rows().groupBy("topic").count().collect() if refused else []
    _count({row["topic"]: row["count"] for row in held}, reads, estate, progress)
    for landed in objects.values():
        progress.read(landed)


def _load_events(found: DataFrame, entity: Entity, table: Table, topic: str) -> Read:
    """Bring events into their table."""
    read = found.withColumn("raw", F.when(F.col("rejection").isNotNull(), F.col("raw")))
    read = read.persist(StorageLevel.MEMORY_AND_DISK)
    counts = read.agg(
        F.count("*").alias("lines"),
        F.count("rejection").alias("refused"),
        F.count_distinct(F.when(F.col("rejection").isNull(), F.col("event")[entity.key])).alias("keys"),
    ).first()
    valid = read.where("rejection is null").select("event.*", "partition", "offset")
    if counts["lines"] - counts["refused"] > counts["keys"]:
        valid = latest(valid, entity.key)
    if counts["keys"]:
        table.upsert(CLEANERS[entity.name](valid), counts["keys"])
    reasons = None
    if counts["refused"]:
        refused = read.where("rejection is not null")
        reasons = refused.select(F.lit(topic).alias("topic"), "partition", "offset", "raw", "rejection")
    else:
        read.unpersist()
    return Read(counts["lines"], counts["refused"], table.rows().count(), reasons)


def latest(valid: DataFrame, key: str) -> DataFrame:
    """Of the events of one key the last one, by its position in the topic."""
    order = Window.partitionBy(key).orderBy(F.desc("partition"), F.desc("offset"))
    return valid.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank")


def _reject(refused: DataFrame, table: Table) -> None:
    """Put (topic, partition, offset, raw, reason) into `rejected`, once a position: dead letters may come twice."""
    topic, partition, offset, raw, reason = map(F.col, refused.columns)
    rows = refused.select(
        F.lit(SOURCE).alias("source"),
        topic.alias("topic"),
        F.concat_ws("/", partition, offset).alias("position"),
        raw.alias("raw"),
        reason.alias("reason"),
        F.current_timestamp().alias("first_seen"),
    ).dropDuplicates(["topic", "position"])
    known = table.rows().select("source", "topic", "position")
    table.append(rows.join(known, ["source", "topic", "position"], how="left_anti").select(rows.columns))


def _count(rejected: dict[str, int], reads: dict[str, Read | None], estate: Estate, progress: Progress) -> None:
    """Bring the figures up to what was read and to what the tables now hold.

    `rejected`: rows of that table by topic, as far as they may be more than before. Those that are not of the lines
    read are dead letters.
    """
    for name, read in reads.items():
        topic = estate.topics[name]
        before = progress.figures.get(topic, Figures())
        lines, refused, clean = (read.lines, read.refused, read.clean) if read else (0, 0, before.clean)
        now_rejected = rejected.get(topic, before.rejected)
        records_in = before.records_in + lines + (now_rejected - before.rejected - refused)
        if records_in:
            progress.figures[topic] = Figures(
                records_in=records_in,
                clean=clean,
                rejected=now_rejected,
                superseded=records_in - clean - now_rejected,
            )
