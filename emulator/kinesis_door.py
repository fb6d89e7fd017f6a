"""What both ways into Kinesis have in common: partition keys, limits, and what an answer says of each record."""

from abc import abstractmethod
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from emulator.door import Answer, Door, Failed, Outcome, Record, TooLarge
from emulator.source import Row

MAX_RECORDS = 500  # a request
MAX_RECORD = 1024 * 1024  # bytes of data and partition key
LONGEST_KEY = 256  # characters


class KinesisDoor(Door):
    """Into Kinesis' streams: PutRecords, or PutRecord for a single one. A record's body is the row's JSON alone."""

    MAX_REQUEST = 5 * 1024 * 1024

    def as_record(self, row: Row) -> Record:
        return Record(partition_key(row), row.value)

    def weigh(self, record: Record) -> int:
        return len(record.body) + len(str(record.key).encode())

    async def _post(self, target: str, records: Sequence[Record]) -> Answer:
        if any(self.weigh(record) > MAX_RECORD for record in records):
            return TooLarge()
        if len(records) == 1:
            return await self._put_record(target, records[0])
        return await self._put_records(target, records)

    @abstractmethod
    async def _put_record(self, stream: str, record: Record) -> Answer:
        """One PutRecord."""

    @abstractmethod
    async def _put_records(self, stream: str, records: Sequence[Record]) -> Answer:
        """One PutRecords."""


def partition_key(row: Row) -> str:
    """The row's key, as far as Kinesis takes it: 1 to 256 characters.

    A row without a key gets a digest of itself, so that such rows spread over the shards; a key of another length
    becomes its own digest, so that its rows stay in order.
    """
    if row.key is None:
        return sha256(row.value).hexdigest()
    return row.key if 1 <= len(row.key) <= LONGEST_KEY else sha256(row.key.encode()).hexdigest()


def outcomes(answers: Sequence[dict[str, Any]]) -> list[Outcome]:
    """What PutRecords answers for each record. Raises KeyError when one is no such answer."""
    return [_outcome(answer) for answer in answers]


def _outcome(answer: dict[str, Any]) -> Outcome:
    if answer.get("ErrorCode") is not None:
        return Failed(f"{answer['ErrorCode']}: {answer.get('ErrorMessage')}")
    if "SequenceNumber" not in answer:
        raise KeyError("SequenceNumber")
    return None
