"""Amazon Kinesis for Spark Structured Streaming, on Spark's Python Data Source API: see README.md.

Needs pyspark 4.1 or later, boto3 and pyarrow, and nothing else of this repository. Its readers do without Spark.
"""

from typing import Any

from jobs.kinesis.errors import KinesisError
from jobs.kinesis.positions import age_seconds, lost_hours

__all__ = ["KinesisDataSource", "KinesisError", "age_seconds", "lost_hours"]


def __getattr__(name: str) -> Any:
    if name == "KinesisDataSource":  # all else does without Spark
        from jobs.kinesis.source import KinesisDataSource

        return KinesisDataSource
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
