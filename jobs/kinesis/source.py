"""The source itself, as Spark sees it.

The driver reads: `latestOffset` fetches what is new, and the micro-batch's partitions carry it to the executors, so
that each record is read from Kinesis once. When a micro-batch is done again after a restart, the executors read it
themselves, between the very sequence numbers that it had.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from jobs.kinesis import lineage
from jobs.kinesis.client import Client, Shard, insist
from jobs.kinesis.errors import Transient
from jobs.kinesis.options import Options, parse
from jobs.kinesis.positions import Position, Positions, decode, encode
from jobs.kinesis.rows import SCHEMA, Record, to_batch, to_bytes
from jobs.kinesis.shard_reader import ShardReader

ROWS_A_PARTITION = 10_000
SHARDS_AT_ONCE = 16


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
        self._client: Client | None = None
        self._shards: dict[str, Shard] = {}
        self._listed_at: float | None = None
        self._positions: Positions | None = None
        self._readers: dict[str, ShardReader] = {}
        # Rows of the micro-batch that comes next: (shard, sequence number before, last sequence number) → partitions.
        self._fetched: dict[tuple[str, str | None, str | None], list[Fetched]] = {}

    def initialOffset(self) -> dict[str, Any]:
        self._shards, now = insist(self._kinesis().shards)
        self._listed_at = monotonic()
        self._positions = lineage.begin(self._shards, now, self._options.initial_position)
        return encode(self._positions)

    def latestOffset(self) -> dict[str, Any]:
        """Fetch what is new, within the limits of a micro-batch."""
        before = self._follow(self._positions or decode(self.initialOffset()))
        shards = lineage.readable(before, self._shards)
        records = self._fetch(shards, before)
        self._positions = before | {shard: self._readers[shard].position for shard in shards}
        if any(self._positions[shard].closed for shard in shards):
            self._listed_at = None  # its children are to be read next
        self._fetched = {
            (shard, before[shard].after, self._positions[shard].after): self._partitions(shard, found)
            for shard, found in records.items()
            if found
        }
        return encode(self._positions)

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> Sequence[InputPartition]:
        """The micro-batch between two offsets. Spark also calls this to tell, after a restart, where it stands."""
        reached = decode(end)
        if start == end:
            if reached != self._positions:
                self._positions, self._readers = reached, {}
            return []
        begun = decode(start)
        planned: list[InputPartition] = []
        for shard, position in reached.items():
            before = begun.get(shard, Position())
            if position.after is not None and position.after != before.after:
                fetched = self._fetched.get((shard, before.after, position.after))
                planned += fetched or [Range(shard, before, position.after)]
        return planned

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a partition, on an executor."""
        if isinstance(partition, Fetched):
            yield from pa.ipc.open_stream(partition.rows)
        elif isinstance(partition, Range):
            reader = ShardReader(self._kinesis(), self._options, partition.shard, partition.start)
            for records in reader.replay(partition.end):
                yield to_batch(self._options.stream_name, partition.shard, records)

    def _follow(self, positions: Positions) -> Positions:
        """The positions for the shards there are now; while Kinesis is ill, for those there were."""
        if self._listed_at is None or monotonic() - self._listed_at > self._options.shard_fetch_interval:
            try:
                self._shards, _ = self._kinesis().shards() if self._shards else insist(self._kinesis().shards)
                self._listed_at = monotonic()
            except Transient:
                pass  # the next micro-batch asks again
        return lineage.follow(positions, self._shards, self._options.fail_on_data_loss)

    def _fetch(self, shards: list[str], positions: Positions) -> dict[str, list[Record]]:
        if not shards:
            return {}
        for shard in shards:
            if shard not in self._readers:
                self._readers[shard] = ShardReader(self._kinesis(), self._options, shard, positions[shard])
        records = max(1, self._options.max_records_per_trigger // len(shards))
        size = max(1, self._options.max_bytes_per_trigger // len(shards))
        with ThreadPoolExecutor(min(SHARDS_AT_ONCE, len(shards))) as pool:
            found = pool.map(lambda shard: self._readers[shard].fetch(records, size), shards)
            return dict(zip(shards, found, strict=True))

    def _partitions(self, shard: str, records: list[Record]) -> list[Fetched]:
        blocks = [records[at : at + ROWS_A_PARTITION] for at in range(0, len(records), ROWS_A_PARTITION)]
        return [Fetched(to_bytes(to_batch(self._options.stream_name, shard, block))) for block in blocks]

    def _kinesis(self) -> Client:
        if self._client is None:
            self._client = Client(self._options)
        return self._client
