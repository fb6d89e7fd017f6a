"""The proxy's side of Kafka: one idempotent producer, and what it knows of the topics."""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from rest_proxy.problems import RECORD_MAY_PASS, RECORD_REFUSED, kafka_unreachable
from rest_proxy.records import Record

LOG = logging.getLogger("rest_proxy")
METADATA_TIMEOUT = 3.0  # seconds
KNOWN_FOR = 30.0  # seconds in which a topic counts as it was seen
UNKNOWN_FOR = 1.0  # seconds in which a topic that was not there is not asked for again
ANY_PARTITION = -1  # the partitioner's choice

# Below API Gateway's 29 s, so that the sender reads what became of each record rather than a 504.
DELIVERY_TIMEOUT_MS = 20_000

# Errors, by librdkafka's names, after which another attempt may succeed; no other attempt changes any other error.
TRANSIENT = {
    # of the client: no broker, no answer, or no room in time
    *("_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_MSG_TIMED_OUT", "_TIMED_OUT_QUEUE", "_QUEUE_FULL", "_RETRY"),
    *("_WAIT_COORD", "_RESOLVE", "_INTR", "_PURGE_QUEUE", "_PURGE_INFLIGHT", "_DESTROY", "_NODE_UPDATE"),
    # of brokers: leaders move, replicas are slow, topics are being made
    *("LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "REQUEST_TIMED_OUT", "BROKER_NOT_AVAILABLE"),
    *("REPLICA_NOT_AVAILABLE", "NETWORK_EXCEPTION", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
    *("COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "NOT_CONTROLLER"),
    *("KAFKA_STORAGE_ERROR", "THROTTLING_QUOTA_EXCEEDED", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"),
    *("OFFSET_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PART", "INVALID_MSG", "CONCURRENT_TRANSACTIONS"),
}

Offset = dict[str, Any]


class Broker:
    """Produces records and lists topics. `connection`: librdkafka settings that reach the cluster."""

    def __init__(self, connection: dict[str, Any], max_record_bytes: int) -> None:
        self._producer = Producer(
            connection
            | {
                "acks": "all",
                "enable.idempotence": True,
                "partitioner": "murmur2_random",  # as Kafka's Java clients do
                "linger.ms": 5,
                "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
                "message.max.bytes": max_record_bytes,
                # Requests wait for room before they are read (rest_proxy.room); the queue needs no bound of its own.
                "queue.buffering.max.messages": 0,
                "queue.buffering.max.kbytes": 2_097_151,
            },
            logger=LOG,
        )
        self._topics: dict[str, Any] = {}
        self._refreshed = float("-inf")
        self._refreshing: asyncio.Task[Any] | None = None
        self._closing = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="delivery-reports", daemon=True)
        self._poller.start()

    async def produce(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        """Store the records; what became of each, in their order, once that is known of all.

        Records of one key, or of one partition, are stored in their order.
        """
        delivery = _Delivery(len(records))
        # produce_batch takes one partition for all: it documents a partition of each message, and ignores it (2.16).
        for partition, run in groupby(enumerate(records), lambda numbered: numbered[1].partition):
            messages: list[dict[str, Any]] = [
                {"key": record.key, "value": record.value, "callback": partial(delivery.report, number)}
                for number, record in run
            ]
            self._producer.produce_batch(topic, messages, ANY_PARTITION if partition is None else partition)
            for message in messages:
                if error := message.get("_error"):
                    message["callback"](error, None)
        return await delivery.done

    async def topics(self) -> dict[str, Any]:
        """Metadata of all topics by name, as they are now. Raises Problem (503) when Kafka does not answer."""
        await self._refresh()
        return self._topics

    async def topic(self, name: str) -> Any | None:
        """Metadata of a topic, None when there is no such topic. Raises Problem (503) as `topics` does."""
        if self._is_stale(name):
            # Of many that ask at the same time, one asks Kafka, and all get its answer or its failure.
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = asyncio.create_task(self._refresh())
            await asyncio.shield(self._refreshing)
        return self._topics.get(name)

    async def brokers(self) -> list[int]:
        """Ids of the brokers. Raises Problem (503) as `topics` does."""
        return sorted((await self._refresh()).brokers)

    def close(self) -> int:
        """Wait for what is under way; the number of records whose fate remains unknown."""
        left: int = self._producer.flush(DELIVERY_TIMEOUT_MS / 1000 + 1)
        self._closing.set()
        self._poller.join()
        return left

    def _is_stale(self, name: str) -> bool:
        age = time.monotonic() - self._refreshed
        return age > (KNOWN_FOR if name in self._topics else UNKNOWN_FOR)

    async def _refresh(self) -> Any:
        try:
            metadata = await asyncio.to_thread(self._producer.list_topics, timeout=METADATA_TIMEOUT)
        except KafkaException as error:
            raise kafka_unreachable(error.args[0].str()) from None
        self._topics = dict(metadata.topics)
        self._refreshed = time.monotonic()
        return metadata

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(0.1)


class _Delivery:
    """Collects the reports on one batch, which come from the poller's thread, until there is one for each record."""

    def __init__(self, number: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._left = number
        self._offsets: list[Offset] = [{}] * number
        self.done: asyncio.Future[list[Offset]] = self._loop.create_future()

    def report(self, number: int, error: KafkaError | None, message: Message | None) -> None:
        self._offsets[number] = refused_record(error) if error or message is None else _stored(message)
        with self._lock:
            self._left -= 1
            last = self._left == 0
        if last:
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.done.done():  # else the sender has gone away meanwhile
            self.done.set_result(self._offsets)


def _stored(message: Message) -> Offset:
    return {"partition": message.partition(), "offset": message.offset(), "error_code": None, "error": None}


def refused_record(error: KafkaError | None) -> Offset:
    """Confluent's answer for a record that was not stored; without an error its fate is unknown, and may pass."""
    may_pass = error is None or error.name() in TRANSIENT
    return {
        "partition": None,
        "offset": None,
        "error_code": RECORD_MAY_PASS if may_pass else RECORD_REFUSED,
        "error": error.str() if error else "unknown",
    }
