"""The lines of landed objects (`jobs.landed`), with their position in Kafka."""

from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.landed import LandedObject
from jobs.rejections import NO_LETTER
from jobs.spark.intake import as_text
from pipeline.estate import Estate

OBJECT_NAME = r"\+(\d+)\+(\d+)\.json$"  # of those that `Estate.landed` knows
DEAD_LETTER = "topic string, partition int, offset bigint, reason string, timestamp bigint, value_base64 string"


def landed_lines(spark: SparkSession, estate: Estate, objects: list[LandedObject]) -> DataFrame:
    """(raw string, position string, place struct<partition, offset>), one row a line of the objects.

    `position` is <partition>/<offset>, in Kafka.
    """
    # An object at a time: only so is it known which line is which.
    whole = spark.read.text([estate.uri(landed.key) for landed in objects], wholetext=True)
    name = F.col("_metadata.file_name")
    return (
        whole.select(
            F.regexp_extract(name, OBJECT_NAME, 1).cast("int").alias("partition"),
            F.regexp_extract(name, OBJECT_NAME, 2).cast("bigint").alias("first_offset"),
            F.posexplode(F.split("value", "\n")).alias("number", "raw"),
        )
        .where("raw != ''")  # an offset without a record; what follows the last newline
        .withColumn("offset", F.col("first_offset") + F.col("number"))
        .select("raw", _position("partition", "offset"), F.struct("partition", "offset").alias("place"))
    )


def dead_letters(lines: DataFrame, topic: str) -> DataFrame:
    """Lines of the dead-letter topic (`topic`) as what they tell of: (topic, position, raw, reason).

    `raw` is the refused value as text, `base64:...` where it is none, null where there was no value. Whoever may write
    to topics may write to this one: what is no dead letter is rejected itself.
    """
    letter = lines.withColumn("letter", F.from_json("raw", DEAD_LETTER)).withColumn(
        "value", F.try_to_binary("letter.value_base64", F.lit("base64"))
    )
    fields = [F.col(f"letter.{name}").isNotNull() for name in ("topic", "partition", "offset", "reason")]
    whole = F.col("letter.value_base64").isNull() | F.col("value").isNotNull()
    is_letter = reduce(and_, fields, whole)
    return letter.select(
        F.when(is_letter, F.col("letter.topic")).otherwise(topic).alias("topic"),
        F.when(is_letter, F.concat_ws("/", "letter.partition", "letter.offset"))
        .otherwise(F.col("position"))
        .alias("position"),
        F.when(is_letter, as_text(F.col("value"))).otherwise(as_text(F.col("raw").cast("binary"))).alias("raw"),
        F.when(is_letter, F.col("letter.reason")).otherwise(NO_LETTER).alias("reason"),
    )


def _position(partition: str, offset: str) -> Column:
    return F.concat_ws("/", partition, offset).alias("position")
