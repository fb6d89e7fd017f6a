"""What the S3 sink landed, as lines with their position in Kafka.

Objects are named `<topic>+<partition>+<offset of the first record>.json` and hold records without a gap (see connect/),
so a line's offset is the one in its object's name plus its place in the object.
"""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from pipeline.estate import Estate

OBJECT_NAME = r"\+(\d+)\+(\d+)\.json$"

DEAD_LETTER = "topic string, partition int, offset bigint, reason string, timestamp bigint, value_base64 string"


def landed_lines(spark: SparkSession, estate: Estate, topic: str, objects_a_batch: int) -> DataFrame:
    """Stream of (raw string, partition int, offset bigint), one row a line of the topic's objects."""
    objects = (
        spark.readStream.format("text")
        .option("wholetext", True)  # an object at a time: only so is it known which line is which
        .option("maxFilesPerTrigger", objects_a_batch)
        .load(estate.uri(f"{estate.topic_prefix(topic)}partition=*"))
    )
    name = F.col("_metadata.file_name")
    return (
        objects.select(
            F.regexp_extract(name, OBJECT_NAME, 1).cast("int").alias("partition"),
            F.regexp_extract(name, OBJECT_NAME, 2).cast("bigint").alias("first_offset"),
            F.posexplode(F.split("value", "\n")).alias("number", "raw"),
        )
        .where("raw != ''")  # what follows the last newline
        .select("raw", "partition", (F.col("first_offset") + F.col("number")).alias("offset"))
    )


def dead_letters(lines: DataFrame) -> DataFrame:
    """Lines of the dead-letter topic as what they tell of: (topic, partition, offset, raw, reason).

    `raw` is the refused value as text, `base64:...` where it is none, null where there was no value.
    """
    letter = F.from_json("raw", DEAD_LETTER)
    return lines.select(letter.alias("letter")).select(
        "letter.topic",
        "letter.partition",
        "letter.offset",
        _text(F.col("letter.value_base64")).alias("raw"),
        "letter.reason",
    )


def _text(base64: Column) -> Column:
    value = F.unbase64(base64)
    return F.coalesce(F.try_validate_utf8(value.cast("string")), F.concat(F.lit("base64:"), base64))
