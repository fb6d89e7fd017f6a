"""What every way of sending has in common: records go out in batches, until each is acknowledged."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from emulator.backoff import Backoff
from emulator.source import Row
from pipeline.errors import UserError

TELL_AFTER = 3  # failures in a row before a person hears of them


class Record(NamedTuple):
    """A row as its door sends it: `body` is the JSON that stands for it; records of one `key` keep their order."""

    key: str | None
    body: bytes


class Placement(NamedTuple):
    """Where Kafka put a record."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Failed:
    """A record was not stored, though others of its request may be."""

    reason: str


@dataclass(frozen=True)
class Busy:
    """The request may go through later; `pause`: not before so many seconds."""

    reason: str
    pause: float = 0.0


@dataclass(frozen=True)
class Refused:
    """A record will never be stored, though others of its request may be."""

    reason: str


class TooLarge:
    """The request, or a record in it, has more bytes than are taken."""


Outcome = Placement | Failed | Refused | None  # None: stored, at a place that is of no use
Answer = list[Outcome] | Busy | TooLarge


class Door(ABC):
    """Produces batches. One batch of it under way a lane keeps each lane's order."""

    MAX_REQUEST: ClassVar[int]  # the most that a request's records may weigh, in bytes

    def __init__(self, new_backoff: Callable[[], Backoff], tell: Callable[[str], None]) -> None:
        self._new_backoff = new_backoff
        self._tell = tell
        self._told: set[str] = set()
        self.retries = 0

    @abstractmethod
    def as_record(self, row: Row) -> Record:
        """The row as it is sent."""

    @abstractmethod
    def weigh(self, record: Record) -> int:
        """Bytes that a record takes of what a request may hold."""

    @abstractmethod
    async def _post(self, target: str, records: Sequence[Record]) -> Answer:
        """Make one request; an outcome a record. Raises UserError when another attempt would not change a refusal."""

    async def produce(
        self, target: str, records: Sequence[Record], refuse: Callable[[Record, str], None] | None = None
    ) -> list[Placement]:
        """Send the records to a topic or stream until each is acknowledged, or will never be.

        Returns their placements, in the same order; none of a stream's, which has no use for them. Records of one key
        are stored in their order, though some may be stored more than once. `refuse` gets each record that will never
        be stored, with a line that names it; without it such a record raises UserError. Raises UserError when all are
        refused alike, or not taken for too long.
        """

        def set_aside(record: Record, reason: str) -> None:
            line = f"{target}: the row with key {record.key} ({self.weigh(record):,} bytes) {reason}"
            if refuse is None:
                raise UserError(line)
            refuse(record, line)

        placed: dict[int, Placement] = {}
        left = list(range(len(records)))
        at_once = len(left)
        backoff = self._new_backoff()
        while left:
            sent, rest = left[:at_once], left[at_once:]
            answer = await self._post(target, [records[i] for i in sent])
            if isinstance(answer, TooLarge):
                if len(sent) == 1:
                    set_aside(records[sent[0]], "is too large")
                    left, at_once = rest, max(len(rest), 1)
                    continue
                at_once = (len(sent) + 1) // 2
                continue
            if isinstance(answer, Busy):
                await self._wait(backoff, answer)
                continue
            outcomes = dict(zip(sent, answer, strict=True))
            placed |= {i: outcome for i, outcome in outcomes.items() if isinstance(outcome, Placement)}
            for i, outcome in outcomes.items():
                if isinstance(outcome, Refused):
                    set_aside(records[i], outcome.reason)
            failed = {i: outcome.reason for i, outcome in outcomes.items() if isinstance(outcome, Failed)}
            again = _again(records, sent, failed)
            if len(again) < len(sent):
                backoff.reset()
            left = again + rest
            if failed:
                reason = next(iter(failed.values()))
                await self._wait(backoff, Busy(f"{target}: {len(failed)} records not stored: {reason}"))
        return [placed[i] for i in sorted(placed)]

    async def _wait(self, backoff: Backoff, busy: Busy) -> None:
        self.retries += 1
        if backoff.failures == TELL_AFTER and busy.reason not in self._told:
            self._told.add(busy.reason)
            self._tell(f"trying again: {busy.reason}")
        await backoff.wait(busy.reason, busy.pause)


def _again(records: Sequence[Record], sent: list[int], failed: Container[int]) -> list[int]:
    """What to send again: the failed records, and what came behind them with the same key, to keep its order."""
    again = []
    behind: set[str] = set()
    for i in sent:
        key = records[i].key
        if i in failed or key in behind:
            again.append(i)
            if key is not None:
                behind.add(key)
    return again
