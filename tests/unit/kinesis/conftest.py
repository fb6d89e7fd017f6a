"""Kinesis' calls on a clock that only the tests move; no server, and no moto."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.session import Session

from local.kinesis import calls, limits, shards
from local.kinesis.calls import Calls, Refused
from local.kinesis.shards import Shards

MODEL = Session().get_service_model("kinesis")


class Clock:
    """In the place of the module `time`."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0  # 2027-01-15 08:00 UTC

    def time(self) -> float:
        return self.now


@dataclass
class Stream:
    stream_name: str
    shards: Shards
    arn: str = "arn:aws:kinesis:us-east-1:000000000000:stream/pins"
    account_id: str = "000000000000"
    retention_period_hours: int = 24
    encryption_type: str = "NONE"
    stream_mode: dict[str, str] = field(default_factory=lambda: {"StreamMode": "PROVISIONED"})


class Kinesis:
    """The stream `pins`, and what is answered of it."""

    def __init__(self, number: int, limited: bool = False) -> None:
        self.stream = Stream("pins", Shards(number))
        self._calls = Calls(MODEL, lambda name, arn: self.stream, limited)

    def call(self, operation: str, **body: Any) -> dict[str, Any]:
        answer = self._calls.answer(operation, {"StreamName": "pins"} | body)
        return json.loads(answer) if answer else {}

    def refusal(self, operation: str, **body: Any) -> tuple[str, str]:
        """Code and message."""
        with pytest.raises(Refused) as refused:
            self.call(operation, **body)
        return refused.value.code, str(refused.value)

    def put(self, *texts: str, key: str = "k") -> list[str]:
        """A record for each text; their sequence numbers."""
        told = self.call("PutRecords", Records=[record(text.encode(), key) for text in texts])
        return [one["SequenceNumber"] for one in told["Records"]]

    def iterator(self, shard: int = 0, kind: str = "TRIM_HORIZON", **where: Any) -> str:
        return self.call("GetShardIterator", ShardId=name(shard), ShardIteratorType=kind, **where)["ShardIterator"]

    def get(self, iterator: str, **how: Any) -> dict[str, Any]:
        return self._without_stream("GetRecords", ShardIterator=iterator, **how)

    def read(self, iterator: str, **how: Any) -> list[str]:
        return [base64.b64decode(one["Data"]).decode() for one in self.get(iterator, **how)["Records"]]

    def _without_stream(self, operation: str, **body: Any) -> dict[str, Any]:
        return json.loads(self._calls.answer(operation, body) or b"{}")


def record(data: bytes, key: str = "k", **more: str) -> dict[str, str]:
    return {"Data": base64.b64encode(data).decode(), "PartitionKey": key} | more


def name(shard: int) -> str:
    return f"shardId-{shard:012}"


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
    found = Clock()
    for module in (calls, limits, shards):
        monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def kinesis() -> Kinesis:
    """One shard."""
    return Kinesis(1)
