"""moto 5.2.5's Kinesis, mended until it splits, merges and reads as AWS does; `apply` does it, once in a process.

As it is, it numbers each shard's records 1, 2, 3 ..., goes on putting into shards that were split or merged (and copies
what a merged one holds), never tells that such a shard has ended, takes any number for a position, and answers
GetRecords with all there is.
"""

import itertools
from bisect import bisect_left, bisect_right
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import unix_time
from moto.kinesis import models, utils
from moto.kinesis.exceptions import InvalidArgumentError
from moto.kinesis.responses import KinesisResponse

MOST_RECORDS = 10_000  # that GetRecords answers
MOST_BYTES = 10 * 2**20
compose_new_shard_iterator = utils.compose_new_shard_iterator
NUMBERS = itertools.count(495 * 10**53, 2**40)  # 56 digits; of all streams, so that none is right elsewhere


class Shard(models.Shard):
    """Keeps its records to itself: moto carries off what it finds in `records` when the shard is split or merged."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.start = next(NUMBERS)
        self._kept: list[models.Record] = []
        self._numbers: list[int] = []

    def put_record(self, partition_key: str, data: str, explicit_hash_key: str) -> str:
        record = models.Record(partition_key, data, next(NUMBERS), explicit_hash_key)
        self._kept.append(record)
        self._numbers.append(record.sequence_number)
        return str(record.sequence_number)

    def get_records(self, last_sequence_id: str, limit: int | None) -> tuple[list[models.Record], int, int]:
        last = int(last_sequence_id)
        first = bisect_right(self._numbers, last)
        found: list[models.Record] = []
        size = 0
        for record in self._kept[first : first + (limit or MOST_RECORDS)]:
            size += len(record.data) * 3 // 4 + len(record.partition_key)
            if found and size > MOST_BYTES:
                break
            found.append(record)
        if found:
            last = found[-1].sequence_number
        unread = self._kept[first + len(found) :]
        behind = int(1000 * (unix_time() - unread[0].created_at)) if unread else 0
        return found, last, max(behind, 1) if unread else 0

    def has(self, number: int) -> bool:
        """Whether one can read on from this sequence number."""
        at = bisect_left(self._numbers, number)
        return number == self.start or self._numbers[at : at + 1] == [number]

    def get_min_sequence_number(self) -> int:
        return self.start

    def get_max_sequence_number(self) -> int:
        return self._numbers[-1] if self._numbers else self.start

    def get_sequence_number_at(self, at_timestamp: float) -> int:
        if at_timestamp > unix_time():
            raise InvalidArgumentError("The timestampInMillis parameter cannot be greater than the current time.")
        at = bisect_left(self._kept, at_timestamp, key=lambda record: record.created_at)
        return self._numbers[at - 1] if at else 0

    def ended(self, after: int) -> bool:
        """Whether nothing will ever come after this sequence number."""
        return not self.is_open and (not self._numbers or after >= self._numbers[-1])


class Stream(models.Stream):
    """Puts into open shards alone, and tells how many there are."""

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        shard = self.get_shard_for_key(partition_key, explicit_hash_key)
        return shard.put_record(partition_key, data, explicit_hash_key), shard.shard_id

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> Shard:
        digest = models.md5_hash(partition_key.encode()).hexdigest()
        key = int(explicit_hash_key) if explicit_hash_key else int(digest, 16)
        [shard] = [s for s in self.shards.values() if s.is_open and s.starting_hash <= key <= s.ending_hash]
        return shard

    def to_json_summary(self) -> dict[str, Any]:
        self.shard_count = sum(shard.is_open for shard in self.shards.values())
        return super().to_json_summary()

    def children(self, parent: str) -> list[dict[str, Any]]:
        """The shards made of this one, as GetRecords tells them at its end."""
        made = [s.to_json() for s in self.shards.values() if parent in (s.parent, s.adjacent_parent)]
        parents = ("ParentShardId", "AdjacentParentShardId")
        return [
            {
                "ShardId": child["ShardId"],
                "ParentShards": [child[name] for name in parents if name in child],
                "HashKeyRange": child["HashKeyRange"],
            }
            for child in made
        ]


def get_records(self: KinesisResponse) -> ActionResult:
    """GetRecords: no next iterator at the end of a shard that is closed, but the shards made of it."""
    try:
        name, shard_id, last = utils.decompose_shard_iterator(self._get_param("ShardIterator"))
    except ValueError:
        raise InvalidArgumentError("Invalid ShardIterator.") from None
    limit = self._get_param("Limit")
    if limit is not None and not 1 <= limit <= MOST_RECORDS:
        raise InvalidArgumentError(f"Limit must be between 1 and {MOST_RECORDS}.")
    stream: Stream = self.kinesis_backend.describe_stream(None, name)
    shard: Shard = stream.shards[shard_id]
    records, reached, behind = shard.get_records(last, limit)
    answer = {"Records": [record.to_json() for record in records], "MillisBehindLatest": behind}
    if shard.ended(reached):
        answer["ChildShards"] = stream.children(shard_id)
    else:
        answer["NextShardIterator"] = utils.compose_shard_iterator(name, shard, reached)
    return ActionResult(answer)


def new_iterator(stream: str, shard: Shard, kind: str, number: str | None, timestamp: float) -> str:
    """GetShardIterator; a sequence number must be one of the shard's."""
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER") and not (number.isdigit() and shard.has(int(number))):
        raise InvalidArgumentError(
            f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard.shard_id} in stream {stream} "
            "is invalid."
        )
    return compose_new_shard_iterator(stream, shard, kind, number, timestamp)


def apply() -> None:
    """Mend it."""
    models.Shard = Shard
    models.Stream = Stream
    models.compose_new_shard_iterator = new_iterator
    KinesisResponse.get_records = get_records
    models.KinesisBackend._send_stream_metrics = lambda *_, **__: None  # grows, and nobody reads it
