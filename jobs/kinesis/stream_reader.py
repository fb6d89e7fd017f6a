"""Reads a stream: its shards side by side, on from positions, with the children of those that were split or merged."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from jobs.kinesis import lineage
from jobs.kinesis.client import Client, Patience, Shard, insist
from jobs.kinesis.errors import Transient
from jobs.kinesis.options import Options
from jobs.kinesis.positions import Positions, worth_telling
from jobs.kinesis.rows import Record
from jobs.kinesis.shard_reader import ShardReader

SHARDS_AT_ONCE = 16


@dataclass(frozen=True)
class Fetch:
    """Records by shard, and the positions before and behind them. `news`: whether those behind are worth keeping."""

    before: Positions
    reached: Positions
    records: dict[str, list[Record]]
    news: bool


class StreamReader:
    """One consumer's reader; one thread at a time may use it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._client: Client | None = None
        self._shards: dict[str, Shard] = {}
        self._listed_at: float | None = None
        self._resharded = False  # a shard has ended: its children are to be read next
        self._patience = Patience()
        self._begun: Positions | None = None
        self._readers: dict[str, ShardReader] = {}

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(self._options)
        return self._client

    @property
    def behind(self) -> bool:
        """Whether there was more than the latest fetch took."""
        return self._resharded or any(reader.behind for reader in self._readers.values())

    def begin(self) -> Positions:
        """Where a new consumer begins."""
        if self._begun is None and self._options.starting_positions is not None:
            self._begun = self._options.starting_positions
        elif self._begun is None:
            now = insist(self._list)
            self._begun = lineage.begin(self._shards, now, self._options.initial_position)
        return self._begun

    def fetch(self, known: Positions) -> Fetch:
        """What is new behind the positions, within the limits of a micro-batch.

        Raises KinesisError when Kinesis is ill for too long, DataLoss when it has dropped what was not read.
        """
        before = self._follow(known)
        shards = [shard for shard, position in before.items() if not position.closed]
        records = self._fetch(shards, before)
        reached = before | {shard: self._readers[shard].position for shard in shards}
        self._resharded = self._resharded or any(reached[shard].closed for shard in shards)
        return Fetch(before, reached, records, worth_telling(known, reached))

    def _list(self) -> datetime:
        self._shards, now = self.client.shards()
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
        return lineage.follow(positions, self._shards, self._options, lambda: insist(self.client.span)[0])

    def _fetch(self, shards: list[str], positions: Positions) -> dict[str, list[Record]]:
        if not shards:
            return {}
        for shard in shards:
            reader = self._readers.get(shard)
            if reader is None or reader.position.closed or reader.position.began != positions[shard].began:
                self._readers[shard] = ShardReader(self.client, self._options, shard, positions[shard])
        records = max(1, self._options.max_records_per_trigger // len(shards))
        size = max(1, self._options.max_bytes_per_trigger // len(shards))
        with ThreadPoolExecutor(min(SHARDS_AT_ONCE, len(shards))) as pool:
            found = pool.map(lambda shard: self._readers[shard].fetch(records, size), shards)
            return dict(zip(shards, found, strict=True))
