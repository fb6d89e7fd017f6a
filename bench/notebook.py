"""The batch as the course's notebooks do it: inferred schema, a pass over the JSON for each of the eight questions."""

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

MARKERS = {
    "title": "No Title Data Available",
    "description": "No description available%",
    "poster_name": "User Info Error",
    "follower_count": "User Info Error",
    "tag_list": "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e",
    "image_src": "Image src error.",
}


def run(spark: SparkSession, folders: dict[str, str]) -> int:
    """Answer the eight questions; the number of rows of all answers. `folders`: entity → where its JSON lies."""
    pin, geo, user = (
        spark.read.format("json").option("inferSchema", "true").load(folders[name]) for name in ("pin", "geo", "user")
    )
    pin = _pin(pin)
    geo = (
        geo.withColumn("coordinates", F.array("latitude", "longitude"))
        .drop("latitude", "longitude")
        .withColumn("timestamp", F.to_timestamp("timestamp"))
        .dropDuplicates()
    )
    user = (
        user.withColumn("user_name", F.concat("first_name", F.lit(" "), "last_name"))
        .drop("first_name", "last_name")
        .withColumn("date_joined", F.to_timestamp("date_joined"))
        .dropDuplicates()
    )
    return sum(len(answer.collect()) for answer in _answers(pin, geo, user))


def _pin(pin: DataFrame) -> DataFrame:
    for name, marker in MARKERS.items():
        pin = pin.withColumn(name, F.when(F.col(name).like(marker), None).otherwise(F.col(name)))
    followers = F.regexp_replace(F.regexp_replace("follower_count", "k", "000"), "M", "000000")
    return (
        pin.withColumn("follower_count", followers.cast("int"))
        .withColumn("save_location", F.regexp_replace("save_location", "Local save in ", ""))
        .withColumnRenamed("index", "ind")
        .dropDuplicates()
    )


def _answers(pin: DataFrame, geo: DataFrame, user: DataFrame) -> list[DataFrame]:
    age = F.col("age")
    group = (
        F.when(age.between(18, 24), "18-24")
        .when(age.between(25, 35), "25-35")
        .when(age.between(36, 50), "36-50")
        .when(age > 50, "50+")
    )
    places = pin.join(geo, "ind").withColumn("post_year", F.year("timestamp"))
    people = pin.join(user, "ind").withColumn("age_group", group).withColumn("join_year", F.year("date_joined"))
    median = F.median("follower_count").alias("median_follower_count")
    joined = people.where("join_year between 2015 and 2020")
    return [
        _top(places, "country"),
        _top(places.where("post_year between 2018 and 2022"), "post_year"),
        places.groupBy("country", "poster_name").agg(F.max("follower_count").alias("follower_count")),
        _top(people, "age_group"),
        people.groupBy("age_group").agg(median),
        user.groupBy(F.year("date_joined").alias("join_year")).agg(F.count("*")),
        joined.groupBy("join_year").agg(median),
        joined.groupBy("join_year", "age_group").agg(median),
    ]


def _top(rows: DataFrame, group: str) -> DataFrame:
    counts = rows.groupBy(group, "category").agg(F.count("*").alias("category_count"))
    order = Window.partitionBy(group).orderBy(F.desc("category_count"))
    return counts.withColumn("place", F.row_number().over(order)).where("place = 1")
