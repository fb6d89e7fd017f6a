"""What only Kafka itself knows: committed offsets, ends of topics, the keys that a topic holds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.kafka import connection

TIMEOUT = 10.0  # seconds for an answer of the broker


class Kafka:
    """The estate's broker. Every call raises UserError when the broker does not answer."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def committed(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """Per partition the offset up to which a connector has landed or dead-lettered the topic."""
        furthest = dict.fromkeys(partitions, 0)
        for name, configuration in self._estate.connectors.items():
            if topic in configuration["topics"].split(","):
                with self._consumer(f"connect-{name}") as consumer:
                    asked = [TopicPartition(topic, n) for n in furthest]
                    for place in consumer.committed(asked, timeout=TIMEOUT):
                        furthest[place.partition] = max(furthest[place.partition], place.offset)
        return furthest

    def ends(self, topic: str) -> dict[int, int]:
        """Per partition the offset behind the topic's last record; empty when there is no such topic."""
        with self._consumer() as consumer:
            partitions = _partitions(consumer, topic)
            return {place.partition: consumer.get_watermark_offsets(place, timeout=TIMEOUT)[1] for place in partitions}

    def keys(self, topic: str) -> Counter[str | None]:
        """How often each key stands in the topic, from its first record to the end that it has when it gets there."""
        keys: Counter[str | None] = Counter()
        with self._consumer() as consumer:
            partitions = _partitions(consumer, topic)
            reading = {place.partition for place in partitions}
            consumer.assign(partitions)
            while reading:
                messages = consumer.consume(10_000, timeout=TIMEOUT)
                if not messages:
                    raise UserError(f"Kafka gave no record of {topic} for {TIMEOUT:.0f} s")
                for message in messages:
                    error = message.error()
                    if error is None:
                        keys[_key(message.key())] += 1
                    elif error.code() == KafkaError._PARTITION_EOF:
                        reading.discard(message.partition())
                    else:
                        raise KafkaException(error)
        return keys

    @contextmanager
    def _consumer(self, group: str = "emulator") -> Iterator[Consumer]:
        consumer = Consumer(_settings(self._estate, group))
        try:
            yield consumer
        except KafkaException as error:
            address = self._estate.bootstrap_servers
            raise UserError(f"Kafka at {address} does not answer: {error.args[0].str()}") from None
        finally:
            consumer.close()


def _settings(estate: Estate, group: str) -> dict[str, Any]:
    return connection(estate.bootstrap_servers, None if estate.aws_endpoint_url else estate.region) | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "log_level": 0,  # what goes wrong is raised, not printed
    }


def _partitions(consumer: Consumer, topic: str) -> list[TopicPartition]:
    """The topic's partitions, each at its first record."""
    found = consumer.list_topics(topic, timeout=TIMEOUT).topics[topic]
    return [TopicPartition(topic, n, OFFSET_BEGINNING) for n in found.partitions]


def _key(raw: bytes | None) -> str | None:
    """The key as it was given to the REST proxy, which stores it as JSON."""
    if raw is None:
        return None
    try:
        return str(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return raw.decode(errors="replace")
