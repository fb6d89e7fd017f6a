import pytest
from pyspark.sql import SparkSession

from jobs.spark.dialect import define
from jobs.spark.session import COMMON, JARS


@pytest.fixture(scope="session")
def spark():
    """Spark with Delta in this process: no S3, no server."""
    builder = SparkSession.builder.master("local[2]")
    for option, value in COMMON.items():
        builder = builder.config(option, value)
    session = (
        builder.config("spark.driver.extraClassPath", f"{JARS}/*")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")  # compiling costs more than a few rows
        .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    define(session)
    yield session
    session.stop()
