"""The source itself, as Spark sees it.

The driver reads: `latestOffset` fetches what is new, and the micro-batch's partitions carry it to the executors, so
that each record is read from Kinesis once. When a micro-batch is done again after a restart, the executors read it
themselves, between the very sequence numbers that it had.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from jobs.kinesis.options import Options, parse
from jobs.kinesis.positions import Position, Positions, begin_at, decode, encode
from jobs.kinesis.rows import SCHEMA, Record, blocks, to_batch, to_bytes
from jobs.kinesis.shard_reader import ShardReader
from jobs.kinesis.stream_reader import StreamReader


class KinesisDataSource(DataSource):
    """`spark.dataSource.register(KinesisDataSource)`, then `spark.readStream.format("kinesis")`."""

    @classmethod
    def name(cls) -> str:
        return "kinesis"

    def schema(self) -> str:
        """Raises KinesisError when an option is not as it must be: this is where Spark looks first."""
        parse(self.options)
        return SCHEMA

    def streamReader(self, schema: StructType) -> "KinesisStreamReader":
        return KinesisStreamReader(parse(self.options))


@dataclass
class Fetched(InputPartition):
    """Rows on their way to an executor, as an Arrow stream."""

    rows: bytes


@dataclass
class Range(InputPartition):
    """What an executor reads itself: a shard's records behind `start`, up to the sequence number `end`."""

    shard: str
    start: Position
    end: str


class KinesisStreamReader(DataSourceStreamReader):
    """One query's reader. Spark keeps one in a process of the driver's, and makes others to read partitions."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._reader = StreamReader(options)
        self._positions: Positions | None = None
        # Rows of the micro-batch that comes next: (shard, sequence number before, last sequence number) → partitions.
        self._fetched: dict[tuple[str, str | None, str], list[Fetched]] = {}

    def initialOffset(self) -> dict[str, Any]:
        """Where the query begins. Spark asks twice, and again after a restart for a first micro-batch to be redone."""
        return encode(self._reader.begin())

    def latestOffset(self) -> dict[str, Any]:
        """Fetch what is new, within the limits of a micro-batch."""
        known = self._reader.begin() if self._positions is None else self._positions
        fetch = self._reader.fetch(known)
        self._positions = fetch.reached if fetch.news else known
        self._fetched = {
            (shard, fetch.before[shard].after, str(fetch.reached[shard].after)): self._partitions(shard, found)
            for shard, found in fetch.records.items()
            if found
        }
        return encode(self._positions)

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> Sequence[InputPartition]:
        """The micro-batch between two offsets. Spark also calls this to tell, after a restart, where it stands."""
        begun, reached = decode(start), decode(end)
        if start == end:
            self._positions = reached if self._positions is None else self._positions
            return []
        planned: list[InputPartition] = []
        for shard, position in reached.items():
            before = begun.get(shard)
            other = before is not None and before.began is not None and before.began != position.began
            if before is None or other or (before.after is None and before.start != position.start):
                # A child; another stream's shard of the same id; or after a restart initialOffset has answered with
                # another `latest` than at first.
                before = begin_at(position.start)
            if position.after is not None and position.after != before.after:
                fetched = self._fetched.get((shard, before.after, position.after))
                planned += fetched or [Range(shard, before, position.after)]
        return planned

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a partition, on an executor."""
        if isinstance(partition, Fetched):
            yield from pa.ipc.open_stream(partition.rows)
        elif isinstance(partition, Range):
            reader = ShardReader(self._reader.client, self._options, partition.shard, partition.start)
            for records in reader.replay(partition.end):
                yield to_batch(self._options.stream_name, partition.shard, records)

    def _partitions(self, shard: str, records: list[Record]) -> list[Fetched]:
        stream = self._options.stream_name
        return [Fetched(to_bytes(to_batch(stream, shard, block))) for block in blocks(records)]
