"""A Kinesis stream as the stream tests use it: made, cut anew into shards, filled, and read to its end."""

import json
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from emulator.generator import generate
from pipeline.entities import ENTITIES
from tests.waiting import PATIENCE

AT_ONCE = 500  # records that PutRecords takes


def events(rows: int, seed: int) -> dict[str, list[tuple[str, bytes]]]:
    """By entity, (partition key, event) of so many generated rows."""
    found: dict[str, list[tuple[str, bytes]]] = {entity.name: [] for entity in ENTITIES}
    for block in generate(seed, rows):
        for entity in ENTITIES:
            named = [dict(zip(entity.columns, row, strict=True)) for row in getattr(block, entity.name)]
            found[entity.name] += [(str(row[entity.key]), json.dumps(row).encode()) for row in named]
    return found


class Found(NamedTuple):
    """A record as it lies in a shard."""

    shard: str
    sequence_number: int
    key: str
    data: bytes


class Stream:
    """A stream by its name; `kinesis` is a boto3 client."""

    def __init__(self, kinesis: Any, name: str) -> None:
        self.kinesis = kinesis
        self.name = name

    def create(self, shards: int = 1) -> "Stream":
        """Make it, and return when it is ready."""
        self.kinesis.create_stream(StreamName=self.name, ShardCount=shards)
        self.await_active()
        return self

    def await_active(self) -> None:
        """Return when nothing of it is being made or changed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            told = self.kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]
            if told["StreamStatus"] == "ACTIVE":
                return
            assert time.monotonic() < deadline, told
            time.sleep(0.05)

    def shards(self) -> list[dict[str, Any]]:
        """Every shard as ListShards tells it, closed ones too."""
        pages = self.kinesis.get_paginator("list_shards").paginate(StreamName=self.name)
        return [shard for page in pages for shard in page["Shards"]]

    def open_shards(self) -> list[dict[str, Any]]:
        """Those that take records, by what they take."""
        found = [shard for shard in self.shards() if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
        return sorted(found, key=lambda shard: _hashes(shard)[0])

    def split(self, shard: dict[str, Any]) -> None:
        """Part an open shard in the middle."""
        first, last = _hashes(shard)
        middle = str((first + last + 1) // 2)
        self.kinesis.split_shard(StreamName=self.name, ShardToSplit=shard["ShardId"], NewStartingHashKey=middle)
        self.await_active()

    def merge(self, left: dict[str, Any], right: dict[str, Any]) -> None:
        """Join two open shards that lie side by side."""
        ids = {"ShardToMerge": left["ShardId"], "AdjacentShardToMerge": right["ShardId"]}
        self.kinesis.merge_shards(StreamName=self.name, **ids)
        self.await_active()

    def reshard(self, shards: int) -> None:
        """Split the widest, or merge the narrowest neighbours, until so many are open."""
        while (now := self.open_shards()) and len(now) < shards:
            self.split(max(now, key=_width))
        while (now := self.open_shards()) and len(now) > shards:
            self.merge(*min(pairwise(now), key=lambda pair: _width(pair[0]) + _width(pair[1])))

    def put(self, pairs: Iterable[tuple[str, bytes]]) -> None:
        """Put records, (partition key, data) each, 500 a request; those that fail are put again, behind the others."""
        waiting = [{"PartitionKey": key, "Data": data} for key, data in pairs]
        deadline = time.monotonic() + PATIENCE
        while waiting:
            now, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            told = self.kinesis.put_records(StreamName=self.name, Records=now)["Records"]
            failed = [record for record, answer in zip(now, told, strict=True) if "ErrorCode" in answer]
            waiting = failed + waiting
            assert time.monotonic() < deadline, told
            if failed:
                time.sleep(0.05)

    def read(self, shards: Sequence[str] | None = None) -> list[Found]:
        """All that the shards hold, closed ones too, shard by shard and each in its order."""
        ids = shards if shards is not None else [shard["ShardId"] for shard in self.shards()]
        return [found for shard in ids for found in self._read(shard)]

    def _read(self, shard: str) -> list[Found]:
        at = {"StreamName": self.name, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = self.kinesis.get_shard_iterator(**at)["ShardIterator"]
        found: list[Found] = []
        while iterator:
            told = self.kinesis.get_records(ShardIterator=iterator)
            found += [Found(shard, int(r["SequenceNumber"]), r["PartitionKey"], r["Data"]) for r in told["Records"]]
            if not told["Records"] and not told["MillisBehindLatest"]:
                break  # an open shard's end
            iterator = told.get("NextShardIterator")
        return found


def _hashes(shard: dict[str, Any]) -> tuple[int, int]:
    """The first and the last hash key of a shard."""
    told = shard["HashKeyRange"]
    return int(told["StartingHashKey"]), int(told["EndingHashKey"])


def _width(shard: dict[str, Any]) -> int:
    first, last = _hashes(shard)
    return last - first
