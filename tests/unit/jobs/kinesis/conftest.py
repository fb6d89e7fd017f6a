"""What the source's tests share: Kinesis on a clock of its own, and Spark's part in a streaming query."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from pyspark import cloudpickle

from jobs.kinesis import client, positions, shard_reader, stream_reader
from jobs.kinesis.rows import SCHEMA
from jobs.kinesis.source import Fetched, KinesisDataSource, KinesisStreamReader
from tests.unit.jobs.kinesis.simulator import Clock, Kinesis, serve


@pytest.fixture
def clock(monkeypatch):
    """The only clock: of the source as of Kinesis."""
    clock = Clock()
    for module in (client, positions, shard_reader, stream_reader):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def kinesis(monkeypatch, clock):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KINESIS"):
        monkeypatch.delenv(name, raising=False)
    # Each call once: what botocore tries again is no matter of these tests.
    monkeypatch.setattr(client, "CONFIG", Config(retries={"total_max_attempts": 1, "mode": "standard"}))
    kinesis = Kinesis(clock)
    with serve(kinesis):
        yield kinesis


class Query:
    """Plays Spark, as MicroBatchExecution calls a Python source: each batch is logged, then planned, then read by
    executors, then committed. `log`: offsets, as JSON."""

    def __init__(self, options: dict[str, str]) -> None:
        self.options = options
        self.log: list[str] = []
        self.committed = 0
        self.partitions: list[Any] = []  # of the latest micro-batch
        self.reader = self._reader()

    def trigger(self, crash: bool = False) -> list[dict[str, Any]]:
        """The rows of a micro-batch. With `crash`, it is logged and no more."""
        if len(self.log) == self.committed:
            offset = json.dumps(self.reader.latestOffset())
            if self.log and offset == self.log[-1]:
                return []
            self.log.append(offset)
        if crash:
            return []
        number = len(self.log)
        start = json.loads(self.log[number - 2]) if number > 1 else over_the_wire(self.reader.initialOffset())
        end = json.loads(self.log[-1])
        self.partitions = list(self.reader.partitions(start, end))
        assert [cloudpickle.dumps(p) for p in self.reader.partitions(start, end)] == [
            cloudpickle.dumps(p) for p in self.partitions
        ], "Spark may plan twice"
        executor = cloudpickle.loads(cloudpickle.dumps(self._reader()))
        planned = cloudpickle.loads(cloudpickle.dumps(self.partitions))
        rows = [row for partition in planned for batch in executor.read(partition) for row in batch.to_pylist()]
        self.reader.commit(end)
        self.committed = number
        return rows

    def texts(self, crash: bool = False) -> list[str]:
        """The data of a micro-batch."""
        return [row["data"].decode() for row in self.trigger(crash)]

    def drain(self) -> list[str]:
        """The data of all micro-batches until one has nothing."""
        found: list[str] = []
        while new := self.texts():
            found += new
        return found

    def restart(self, **options: str) -> None:
        """A new process, with other options where they are given."""
        self.options |= options
        self.reader = self._reader()
        if self.log:
            assert self.reader.partitions(json.loads(self.log[-1]), json.loads(self.log[-1])) == []

    def offset(self) -> dict[str, Any]:
        offset: dict[str, Any] = json.loads(self.log[-1])
        return offset

    def fetched(self) -> bool:
        """Whether the latest micro-batch came with the driver's fetch."""
        return all(isinstance(partition, Fetched) for partition in self.partitions)

    def _reader(self) -> KinesisStreamReader:
        data_source = cloudpickle.loads(cloudpickle.dumps(KinesisDataSource(self.options)))
        reader = data_source.streamReader(SCHEMA)
        assert isinstance(reader, KinesisStreamReader)
        return reader


def over_the_wire(offset: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(json.dumps(offset))
    return sent


@pytest.fixture
def start(kinesis) -> Callable[..., Query]:
    """A query that reads the stream from its beginning and looks for new shards each time, but for what is given."""

    def make(**options: str) -> Query:
        usual = {
            "streamName": "pins",
            "region": "us-east-1",
            "endpoint": kinesis.url,
            "awsAccessKey": "key",
            "awsSecretKey": "secret",
            "initialPosition": "trim_horizon",
            "shardFetchInterval": "0s",
        }
        return Query(usual | options)

    return make
