"""The source itself, as Spark sees it.

The driver reads: `latestOffset` fetches what is new, and the micro-batch's partitions carry it to the executors, so
that each record is read from Kinesis once. When a micro-batch is done again after a restart, the executors read it
themselves, between the very sequence numbers that it had.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from jobs.kinesis import lineage
from jobs.kinesis.client import Client, Patience, Shard, insist
from jobs.kinesis.errors import Transient
from jobs.kinesis.options import Options, parse
from jobs.kinesis.positions import Position, Positions, begin_at, decode, encode, worth_telling
from jobs.kinesis.rows import SCHEMA, Record, blocks, to_batch, to_bytes
from jobs.kinesis.shard_reader import ShardReader

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
        self._resharded = False  # a shard has ended: its children are to be read next
        self._patience = Patience()
        self._begun: Positions | None = None
        self._positions: Positions | None = None
        self._readers: dict[str, ShardReader] = {}
        # Rows of the micro-batch that comes next: (shard, sequence number before, last sequence number) → partitions.
        self._fetched: dict[tuple[str, str | None, str], list[Fetched]] = {}

    def initialOffset(self) -> dict[str, Any]:
        """Where the query begins. Spark asks twice, and again after a restart for a first micro-batch to be redone."""
        return encode(self._begin())

    def latestOffset(self) -> dict[str, Any]:
        """Fetch what is new, within the limits of a micro-batch."""
        known = self._begin() if self._positions is None else self._positions
        before = self._follow(known)
        shards = [shard for shard, position in before.items() if not position.closed]
        records = self._fetch(shards, before)
        reached = before | {shard: self._readers[shard].position for shard in shards}
        self._resharded = self._resharded or any(reached[shard].closed for shard in shards)
        self._positions = reached if worth_telling(known, reached) else known
        self._fetched = {
            (shard, before[shard].after, str(reached[shard].after)): self._partitions(shard, found)
            for shard, found in records.items()
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
            reader = ShardReader(self._kinesis(), self._options, partition.shard, partition.start)
            for records in reader.replay(partition.end):
                yield to_batch(self._options.stream_name, partition.shard, records)

    def _begin(self) -> Positions:
        if self._begun is None:
            now = insist(self._list)
            self._begun = lineage.begin(self._shards, now, self._options.initial_position)
        return self._begun

    def _list(self) -> datetime:
        self._shards, now = self._kinesis().shards()
        self._listed_at, self._resharded = time.monotonic(), False
        return now

    def _follow(self, positions: Positions) -> Positions:
        """The positions for the shards there are now; while Kinesis is ill, for those there were.

        Up to an endingPosition Kinesis is awaited: children left out would be taken for the end.
        """
        if self._listed_at is None or (self._resharded and self._options.ending_position is not None):
            insist(self._list)
        elif self._resharded or time.monotonic() - self._listed_at >= self._options.shard_fetch_interval:
            try:
                self._list()
                self._patience.restore()
            except Transient as error:  # the next micro-batch asks again
                self._patience.strain(error)
        return lineage.follow(positions, self._shards, self._options, lambda: insist(self._kinesis().span)[0])

    def _fetch(self, shards: list[str], positions: Positions) -> dict[str, list[Record]]:
        if not shards:
            return {}
        for shard in shards:
            reader = self._readers.get(shard)
            if reader is None or reader.position.closed or reader.position.began != positions[shard].began:
                self._readers[shard] = ShardReader(self._kinesis(), self._options, shard, positions[shard])
        records = max(1, self._options.max_records_per_trigger // len(shards))
        size = max(1, self._options.max_bytes_per_trigger // len(shards))
        with ThreadPoolExecutor(min(SHARDS_AT_ONCE, len(shards))) as pool:
            found = pool.map(lambda shard: self._readers[shard].fetch(records, size), shards)
            return dict(zip(shards, found, strict=True))

    def _partitions(self, shard: str, records: list[Record]) -> list[Fetched]:
        stream = self._options.stream_name
        return [Fetched(to_bytes(to_batch(stream, shard, block))) for block in blocks(records)]

    def _kinesis(self) -> Client:
        if self._client is None:
            self._client = Client(self._options)
        return self._client
