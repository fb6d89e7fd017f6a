"""What only Kinesis itself knows: the partition keys that a stream holds."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from emulator.backoff import Backoff, RetryPolicy, Sleep
from emulator.kinesis_sdk import SDK_ERRORS, kinesis_client, sdk_busy
from pipeline.estate import Estate

DENIED = (
    "have kinesis:ListShards, kinesis:GetShardIterator and kinesis:GetRecords on it allowed to these AWS credentials, "
    "or use others"
)
PAUSE = 0.2  # seconds: a shard takes five reads a second


class Kinesis:
    """The estate's streams. Raises UserError when there are no credentials that can be used."""

    def __init__(self, estate: Estate, sleep: Sleep = asyncio.sleep) -> None:
        self._kinesis = kinesis_client(estate)
        self._sleep = sleep

    def keys(self, stream: str) -> Counter[str | None]:
        """How often each partition key stands in the stream, from what it still holds to the end it then has.

        Raises UserError when Kinesis refuses, or does not answer for too long.
        """
        return asyncio.run(self._keys(stream))

    async def _keys(self, stream: str) -> Counter[str | None]:
        """Closed shards, whose records have not expired yet, are listed as well."""
        keys: Counter[str | None] = Counter()
        page: dict[str, str] = {"StreamName": stream}
        while page:
            listed = await self._call(stream, self._kinesis.list_shards, **page)
            for shard in listed["Shards"]:
                keys += await self._keys_of_shard(stream, shard["ShardId"])
            page = {"NextToken": listed["NextToken"]} if listed.get("NextToken") else {}
        return keys

    async def _keys_of_shard(self, stream: str, shard: str) -> Counter[str | None]:
        keys: Counter[str | None] = Counter()
        start = {"StreamName": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = (await self._call(stream, self._kinesis.get_shard_iterator, **start))["ShardIterator"]
        while iterator:
            answer = await self._call(stream, self._kinesis.get_records, ShardIterator=iterator)
            keys.update(record["PartitionKey"] for record in answer["Records"])
            # No iterator: a closed shard has ended. An answer without records may still be far from the end.
            iterator = answer["MillisBehindLatest"] and answer.get("NextShardIterator")
            if iterator:
                await self._sleep(PAUSE)
        return keys

    async def _call(self, stream: str, call: Callable[..., dict[str, Any]], **arguments: str) -> dict[str, Any]:
        backoff = Backoff(RetryPolicy(), self._sleep)
        while True:
            try:
                return await asyncio.to_thread(call, **arguments)
            except SDK_ERRORS as error:
                busy = sdk_busy(error, stream, DENIED)
            await backoff.wait(busy.reason)
