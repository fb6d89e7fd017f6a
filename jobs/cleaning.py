"""Events → rows of the clean tables (data contract, section 2): one definition for both lanes.

Each function takes valid events (`jobs.events`) as plain columns and returns exactly its table's columns.
Markers that a scraper left in place of a value become null.
"""

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.times import to_time

NO_TITLE = ("", "No Title Data Available")
NO_DESCRIPTION = (
    "",
    "No description available",
    "No description available Story format",
    "Untitled",
    "Art.",
)
NO_POSTER = ("", "User Info Error")
NO_TAGS = ("", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e")
NO_IMAGE = ("", "Image src error.")
SAVE_LOCATION_PREFIX = "Local save in "


def clean_pin(events: DataFrame) -> DataFrame:
    return events.select(
        F.col("index").alias("ind"),
        "unique_id",
        without("title", NO_TITLE),
        without("description", NO_DESCRIPTION),
        followers("follower_count"),
        without("poster_name", NO_POSTER),
        without("tag_list", NO_TAGS),
        "is_image_or_video",
        without("image_src", NO_IMAGE),
        F.regexp_replace("save_location", f"^{SAVE_LOCATION_PREFIX}", "").alias("save_location"),
        "category",
    )


def clean_geo(events: DataFrame) -> DataFrame:
    located = F.col("latitude").isNotNull() | F.col("longitude").isNotNull()
    return events.select(
        "ind",
        "country",
        F.when(located, F.array("latitude", "longitude")).alias("coordinates"),
        to_time(F.col("timestamp")).alias("timestamp"),
    )


def clean_user(events: DataFrame) -> DataFrame:
    return events.select(
        "ind",
        F.concat("first_name", F.lit(" "), "last_name").alias("user_name"),
        "age",
        to_time(F.col("date_joined")).alias("date_joined"),
    )


CLEANERS: dict[str, Callable[[DataFrame], DataFrame]] = {"pin": clean_pin, "geo": clean_geo, "user": clean_user}


def without(name: str, markers: tuple[str, ...]) -> Column:
    """The column with its markers as null."""
    return F.when(~F.col(name).isin(*markers), F.col(name)).alias(name)


def followers(name: str) -> Column:
    """`12k`, `1.5M`, `300` as a number; null for anything else and for what no bigint holds."""
    shape = r"^(\d{1,19})(\.\d{1,9})?([kKmMbB]?)\z"  # not $, before which a newline may stand
    unit = F.lower(F.regexp_extract(name, shape, 3))
    times = F.when(unit == "k", 1_000).when(unit == "m", 1_000_000).when(unit == "b", 1_000_000_000).otherwise(1)
    whole = F.regexp_extract(name, shape, 1).try_cast("bigint")
    fraction = F.regexp_extract(name, shape, 2).try_cast("decimal(9,9)")
    product = F.try_multiply(whole, times.cast("bigint"))
    extra = F.coalesce((fraction * times).cast("bigint"), F.lit(0))
    return F.try_add(product, extra).alias(name)
