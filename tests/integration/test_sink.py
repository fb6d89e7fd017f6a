"""The S3 sink on the real broker, where only a real one shows it: transactions, and records that retention took.

Each test has a topic and a connector of its own, configured as the estate's but for one record per object.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from local.connectors import ConnectWorker
from local.estate import offline
from tests.waiting import until


@dataclass
class Landing:
    """A topic that lands, and what does it."""

    running: object
    topic: str
    connector: str
    worker: ConnectWorker

    def produce(self, *values: str, producer: Producer | None = None) -> None:
        producer = producer or Producer({"bootstrap.servers": self.running.estate.bootstrap_servers})
        for value in values:
            producer.produce(self.topic, value.encode(), partition=0)
        assert producer.flush(60) == 0

    def keys(self) -> list[str]:
        """Names of what has landed, without the partition's prefix."""
        prefix = f"topics/{self.topic}/partition=0/{self.topic}+0+"
        return [key.removeprefix(prefix) for key in self.running.object_keys(self.topic)]


@pytest.fixture
def landing(running, new_topic, connect_url) -> Iterator[Landing]:
    estate = running.estate
    usual = offline(estate.connectors[estate.connector_of(estate.topics["pin"])], str(estate.aws_endpoint_url))
    connector = f"sink-{new_topic}"
    worker = ConnectWorker(connect_url)
    worker.configure(connector, usual | {"topics": new_topic, "flush.size": "1"}, restart=False)
    yield Landing(running, new_topic, connector, worker)
    worker.pause(connector)


def test_what_a_producer_aborted_does_not_land(landing):
    settings = {"bootstrap.servers": landing.running.estate.bootstrap_servers, "transactional.id": landing.topic}
    producer = Producer(settings)
    producer.init_transactions(60)
    producer.begin_transaction()
    landing.produce('{"index":1}', producer=producer)
    producer.abort_transaction(60)
    producer.begin_transaction()
    landing.produce('{"index":2}', producer=producer)
    producer.commit_transaction(60)

    until(landing.keys, moved=landing.keys)

    assert landing.keys() == ["0000000002.json"]  # 0 was aborted, 1 is the mark of that
    assert landing.running.landed_lines(landing.topic) == ['{"index":2}']


def test_records_that_kafka_dropped_before_they_landed_are_named(landing):
    landing.worker.pause(landing.connector)
    landing.produce(*(f'{{"index":{number}}}' for number in range(100)))
    admin = AdminClient({"bootstrap.servers": landing.running.estate.bootstrap_servers})
    before = TopicPartition(landing.topic, 0, 90)
    admin.delete_records([before])[before].result()

    landing.worker.resume(landing.connector)

    until(lambda: len(landing.keys()) == 11, moved=landing.keys)
    assert landing.keys() == [
        "0000000000+0000000090.missing",
        *(f"{number:010}.json" for number in range(90, 100)),
    ]
    found = landing.running.estate.landed(landing.running.object_keys(landing.topic)[0])
    assert (found.first, found.next, found.missing) == (0, 90, 90)
