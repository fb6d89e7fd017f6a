"""Amazon Kinesis for Spark Structured Streaming, on Spark's Python Data Source API: see README.md.

Needs pyspark 4.1 or later, boto3 and pyarrow, and nothing else of this repository.
"""

from jobs.kinesis.errors import KinesisError
from jobs.kinesis.positions import age_seconds, lost_hours
from jobs.kinesis.source import KinesisDataSource

__all__ = ["KinesisDataSource", "KinesisError", "age_seconds", "lost_hours"]
