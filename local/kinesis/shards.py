"""The shards of a stream: what each holds, and how they are split and merged."""

import itertools
import json
import time
from bisect import bisect_left, bisect_right
from hashlib import md5
from itertools import pairwise
from typing import Any, NamedTuple

from local.kinesis.limits import Limits

HASHES = 2**128
MOST_BYTES = 10 * 2**20  # of an answer of GetRecords
# 56 digits. Of all streams, so that none is right elsewhere; and by the clock, so that a stream that was made anew has
# other ones, also after a new start of this server.
NUMBERS = itertools.count(495 * 10**53 + (time.time_ns() << 40), 2**40)


class Record(NamedTuple):
    """`text`: it in an answer of GetRecords, made once, when it came."""

    arrival: float
    size: int
    text: str


class Shard:
    """A range of hash keys, and the records that came in it, oldest first. `parents`: what it was made of."""

    def __init__(self, number: int, first_hash: int, last_hash: int, parents: tuple[str, ...] = ()) -> None:
        self.id = f"shardId-{number:012}"
        self.first_hash, self.last_hash = first_hash, last_hash
        self.parents = parents
        self.start = self._gone = next(NUMBERS)  # all numbers up to the second are trimmed
        self.opened_at = time.time()
        self.closed_at: float | None = None
        self.end: int | None = None
        self.limits = Limits()
        self._records: list[Record] = []
        self._numbers: list[int] = []

    def put(self, key: str, data: str, size: int, encryption: str) -> int:
        """Take a record, its data in base64, and give its sequence number."""
        number, now = next(NUMBERS), time.time()
        text = (
            f'{{"SequenceNumber":"{number}","ApproximateArrivalTimestamp":{now:.3f},'
            f'"Data":"{data}","PartitionKey":{json.dumps(key)},"EncryptionType":"{encryption}"}}'
        )
        self._records.append(Record(now, size, text))
        self._numbers.append(number)
        return number

    def read(self, after: int, most: int) -> tuple[list[Record], int, int]:
        """At most so many records that come after the number, the number to go on after, and how many milliseconds
        that is behind the newest record."""
        first = bisect_right(self._numbers, after)
        last, size = first, 0
        for record in self._records[first : first + most]:
            size += record.size
            if last > first and size > MOST_BYTES:
                break
            last += 1
        if last > first:
            after = self._numbers[last - 1]
        behind = max(int(1000 * (time.time() - self._records[last].arrival)), 1) if last < len(self._records) else 0
        return self._records[first:last], after, behind

    def ends_at(self, after: int) -> bool:
        """Whether nothing will ever come after the number."""
        return self.closed_at is not None and (not self._numbers or after >= self._numbers[-1])

    def knows(self, number: int) -> bool:
        """Whether it gave the number, to a record that may be trimmed by now."""
        at = bisect_left(self._numbers, number)
        return self.start <= number <= self._gone or self._numbers[at : at + 1] == [number]

    def latest(self) -> int:
        """The newest record's number."""
        return self._numbers[-1] if self._numbers else self._gone

    def before(self, moment: float) -> int:
        """The number of the last record that came before the moment."""
        at = bisect_left(self._records, moment, key=lambda record: record.arrival)
        return self._numbers[at - 1] if at else 0

    def trim(self, horizon: float) -> None:
        """Drop what came before the moment."""
        if self._records and self._records[0].arrival < horizon:
            kept = bisect_left(self._records, horizon, key=lambda record: record.arrival)
            self._gone = self._numbers[kept - 1]
            del self._records[:kept], self._numbers[:kept]

    def close(self) -> None:
        self.closed_at, self.end = time.time(), next(NUMBERS)

    def to_json(self) -> dict[str, Any]:
        """As ListShards and DescribeStream tell it."""
        numbers = {"StartingSequenceNumber": str(self.start)}
        if self.end is not None:
            numbers["EndingSequenceNumber"] = str(self.end)
        told = self.as_child() | {"SequenceNumberRange": numbers}
        for name, parent in zip(("ParentShardId", "AdjacentParentShardId"), told.pop("ParentShards"), strict=False):
            told[name] = parent
        return told

    def as_child(self) -> dict[str, Any]:
        """As GetRecords tells it at the end of a parent."""
        hashes = {"StartingHashKey": str(self.first_hash), "EndingHashKey": str(self.last_hash)}
        return {"ShardId": self.id, "ParentShards": list(self.parents), "HashKeyRange": hashes}


class Shards(dict[str, Shard]):
    """All of a stream, by id: the open ones, and the closed ones of which a record may still be there."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._made = 0
        firsts = [part * HASHES // number for part in range(number)]
        self._open: list[Shard] = []
        for first, following in pairwise([*firsts, HASHES]):
            self._add(first, following - 1)

    @property
    def open(self) -> list[Shard]:
        """Those that take records, by what they take."""
        return self._open

    def of(self, hash_key: int) -> Shard:
        """The open shard that takes the hash key."""
        return self._open[bisect_right(self._firsts, hash_key) - 1]

    def split(self, shard: Shard, at: int) -> None:
        """Two shards in the place of an open one, the second of them from the hash key on."""
        self._close(shard)
        self._add(shard.first_hash, at - 1, shard.id)
        self._add(at, shard.last_hash, shard.id)

    def merge(self, shard: Shard, adjacent: Shard) -> None:
        """One shard in the place of two open ones that lie side by side."""
        self._close(shard)
        self._close(adjacent)
        self._add(
            min(shard.first_hash, adjacent.first_hash), max(shard.last_hash, adjacent.last_hash), shard.id, adjacent.id
        )

    def scale(self, number: int) -> None:
        """Split the widest, or merge the narrowest neighbours, until so many are open."""
        while len(self._open) < number:
            widest = max(self._open, key=_width)
            self.split(widest, (widest.first_hash + widest.last_hash + 1) // 2)
        while len(self._open) > number:
            self.merge(*min(pairwise(self._open), key=lambda pair: _width(pair[0]) + _width(pair[1])))

    def children(self, parent: str) -> list[Shard]:
        return [shard for shard in self.values() if parent in shard.parents]

    def trim(self, horizon: float) -> None:
        """Drop the records that came before the moment, and the shards that were closed before it."""
        for shard in list(self.values()):
            if shard.closed_at is not None and shard.closed_at < horizon:
                del self[shard.id]
            else:
                shard.trim(horizon)

    def _add(self, first_hash: int, last_hash: int, *parents: str) -> None:
        shard = Shard(self._made, first_hash, last_hash, parents)
        self._made += 1
        self[shard.id] = shard
        self._now_open([*self._open, shard])

    def _close(self, shard: Shard) -> None:
        shard.close()
        self._now_open([other for other in self._open if other is not shard])

    def _now_open(self, shards: list[Shard]) -> None:
        self._open = sorted(shards, key=lambda shard: shard.first_hash)
        self._firsts = [shard.first_hash for shard in self._open]


def hash_key(partition_key: str) -> int:
    """Which of 2^128 a partition key is."""
    return int.from_bytes(md5(partition_key.encode(), usedforsecurity=False).digest())


def _width(shard: Shard) -> int:
    return shard.last_hash - shard.first_hash
