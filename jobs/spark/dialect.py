"""The functions that the contract's SQL calls, as Spark knows them."""

from pyspark.sql import SparkSession

from jobs import contract

OWN = (
    "instant(text string) returns timestamp return try_cast(text as timestamp)",
    "pair(a double, b double) returns array<double> return array(a, b)",
)
RETURNS = {"followers": "bigint", "moment": "timestamp"}


def define(spark: SparkSession) -> None:
    """Make them known to the session."""
    ours = (f"{name}(text string) returns {RETURNS[name]} return {sql}" for name, sql in contract.functions().items())
    for function in (*OWN, *ours):
        spark.sql(f"create or replace temporary function {function}")
