"""python -m bench.baseline notebook|duckdb: one of the other ways over the landed objects, as a process of its own."""

import sys
import time

from pyspark.sql import SparkSession

from bench import duck, notebook
from jobs.spark.session import JARS, s3a
from pipeline.estate import load_estate
from pipeline.settings import load


def main() -> None:
    settings = load()
    if sys.argv[1] == "duckdb":
        started = time.perf_counter()
        duck.run({name: f"{settings.data}/{name}/*.json" for name in ("pin", "geo", "user")})
        print(f"work {time.perf_counter() - started:.2f}")
        return
    estate = load_estate(settings)
    # Spark as a notebook finds it: its own settings, but for those that reach S3, and the same memory.
    builder = SparkSession.builder.master("local[*]").config("spark.driver.memory", settings.spark_memory)
    builder = builder.config("spark.driver.extraClassPath", f"{JARS}/*").config("spark.sql.session.timeZone", "UTC")
    for option, value in s3a(estate).items():
        builder = builder.config(option, value)
    spark = builder.getOrCreate()
    started = time.perf_counter()
    notebook.run(
        spark, {name: estate.uri(f"{estate.topic_prefix(topic)}*/*.json") for name, topic in estate.topics.items()}
    )
    print(f"work {time.perf_counter() - started:.2f}")
    spark.stop()


if __name__ == "__main__":
    main()
