"""Reads one shard: on from a position, or again between two."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from jobs.kinesis.client import Answer, Client, Patience, insist
from jobs.kinesis.errors import DataLoss, ExpiredIterator, ForeignPosition, NoShard, Transient
from jobs.kinesis.options import Options
from jobs.kinesis.positions import TRIM_HORIZON, Position
from jobs.kinesis.rows import Record, unpack

HOUR = 3_600_000  # milliseconds
SHORTEST_RETENTION = 24 * HOUR
PAUSE = 0.2  # seconds: a shard takes five reads a second
END_PATIENCE = 5.0  # seconds at the tip without the record that is known to be there

log = logging.getLogger("kinesis")


class ShardReader:
    """Reads on from `position`, which moves with what is read.

    `behind`: there was more than that, by the latest answer.
    """

    def __init__(self, client: Client, options: Options, shard: str, position: Position) -> None:
        self.position = position
        self._client = client
        self._options = options
        self._shard = shard
        self._iterator: str | None = None
        self._patience = Patience()
        self._record_size = 1024  # bytes: a guess until some have been seen
        self._ended = False  # at the option endingPosition
        self.behind = False
        self._open_until = position.as_of  # no child of the shard had a record before that

    def fetch(self, most_records: int, most_bytes: int) -> list[Record]:
        """What comes behind the position, up to the shard's tip or about so much; nothing while Kinesis is ill.

        Up to an endingPosition, nothing means that there is no more: then Kinesis is awaited. Raises KinesisError when
        it is ill for too long, DataLoss when the position is too old.
        """
        while not self._ended:
            try:
                records = self._fetch(most_records, most_bytes)
            except NoShard as error:
                self._lose(f"no longer there, and not read to its end ({error})")
                self.position = replace(self.position, closed=True)
                return []
            except Transient as error:
                self._patience.strain(error)
                records, at_tip = [], False
            else:
                self._patience.restore()
                at_tip = not self.behind
            if records or at_tip or self._options.ending_position is None:
                return records
            time.sleep(PAUSE)
        return []

    def replay(self, end: str) -> Iterator[list[Record]]:
        """Everything behind the position up to the record with the sequence number `end`, in blocks.

        Raises DataLoss when that record is no longer there.
        """
        insist(self._make_good_loss)
        last, tip_since = int(end), None
        while self.position.after != end:
            try:
                answer = insist(lambda: self._ask(self._options.max_records_per_fetch))
            except NoShard:
                break
            wanted = [record for record in answer.records if int(record["SequenceNumber"]) <= last]
            if wanted:
                self.position = replace(self.position, after=wanted[-1]["SequenceNumber"])
                yield [record for answered in wanted for record in unpack(answered)]
            if len(wanted) < len(answer.records) or answer.iterator is None:
                break
            self._iterator = answer.iterator
            if answer.records or answer.behind:
                tip_since = None
            elif tip_since is None:
                tip_since = time.monotonic()
            elif time.monotonic() - tip_since > END_PATIENCE:
                break
            if not answer.records:
                time.sleep(PAUSE)
        if self.position.after != end:
            self._lose(f"the records up to {end}, which a micro-batch has to read again, are no longer there")

    def _fetch(self, most_records: int, most_bytes: int) -> list[Record]:
        self._make_good_loss()
        found: list[Record] = []
        size, deadline = 0, time.monotonic() + self._options.max_fetch_duration
        while len(found) < most_records and size < most_bytes:
            limits = self._options.max_records_per_fetch, most_records - len(found)
            try:
                answer = self._ask(min(*limits, max(1, (most_bytes - size) // self._record_size)))
            except (Transient, NoShard):
                if not found:
                    raise
                break
            self._iterator = answer.iterator
            wanted = self._before_the_end(answer)
            if wanted:
                answered_bytes = sum(len(answered["Data"]) for answered in wanted)
                size, self._record_size = size + answered_bytes, max(1, answered_bytes // len(wanted))
                self.position = replace(
                    self.position, after=wanted[-1]["SequenceNumber"], as_of=_moment(_arrival(wanted[-1]))
                )
                found += [record for answered in wanted for record in unpack(answered)]
            if self._ended:
                break
            self._settle(answer)
            self.behind = bool(answer.behind) and not self.position.closed
            if not self.behind or time.monotonic() > deadline:
                break
            if not answer.records:
                time.sleep(PAUSE)
        return found

    def _settle(self, answer: Answer) -> None:
        """Until when the shard is read now. At its end: until when its children, which go on from there, are."""
        read_until = _read_until(answer)
        if answer.records:
            self._open_until = _moment(_arrival(answer.records[-1]))
        elif answer.iterator:
            self._open_until = read_until
        closed = answer.iterator is None
        self.position = replace(self.position, as_of=self._open_until if closed else read_until, closed=closed)

    def _ask(self, most: int) -> Answer:
        """The next records; by a new iterator where there is none, or it has expired. Raises Transient, NoShard."""
        if self._iterator is None:
            self._iterator = self._new_iterator()
        try:
            return self._client.records(self._shard, self._iterator, most)
        except ExpiredIterator:
            self._iterator = self._new_iterator()
            return self._client.records(self._shard, self._iterator, most)

    def _new_iterator(self) -> str:
        try:
            return self._client.iterator(self._shard, self.position)
        except ForeignPosition as error:
            made, _ = self._client.span()
            self._lose(
                f"Kinesis does not know the position {self.position.after} ({error}): was the stream made anew?",
                max(0, made - (self.position.as_of or made)),
            )
            self.position = replace(self.position, start=TRIM_HORIZON, after=None)
            return self._client.iterator(self._shard, self.position)

    def _before_the_end(self, answer: Answer) -> list[dict[str, Any]]:
        """Its records up to the first that arrived behind the option endingPosition."""
        end = self._options.ending_position
        if end is None:
            return answer.records
        wanted = list(takewhile(lambda record: _arrival(record).timestamp() <= end, answer.records))
        self._ended = len(wanted) < len(answer.records)
        return wanted

    def _make_good_loss(self) -> None:
        """Find out whether the stream has dropped records since the position was reached."""
        read_until, now = self.position.as_of, _now()
        if read_until is None or now - read_until <= SHORTEST_RETENTION:
            return
        made, retention = self._client.span()
        lost_from, horizon = max(read_until, made), now - retention
        if horizon > lost_from:
            self._lose(
                f"what arrived in the {(horizon - lost_from) / HOUR:.1f} hours from {_told(lost_from)} to "
                f"{_told(horizon)} is no longer there",
                horizon - lost_from,
            )
            self.position = replace(self.position, as_of=horizon)
            self._open_until = horizon

    def _lose(self, what: str, milliseconds: int = 0) -> None:
        """Raises DataLoss, unless the query goes on without what is lost: then it is counted."""
        message = f"stream {self._options.stream_name}: {self._shard}: {what}"
        if self._options.fail_on_data_loss:
            raise DataLoss(
                f"{message}. Raise the stream's retention for the next time; to go on now with what there is, set "
                "failOnDataLoss=false"
            )
        log.warning("%s; going on with what there is", message)
        self.position = replace(self.position, lost=self.position.lost + milliseconds)


def _read_until(answer: Answer) -> int:
    """What arrived in the shard before this moment has been read once the answer has. Milliseconds since the epoch."""
    if not answer.behind:
        return _now()
    return _moment(_arrival(answer.records[-1])) if answer.records else _now() - answer.behind


def _arrival(record: dict[str, Any]) -> datetime:
    arrival: datetime = record["ApproximateArrivalTimestamp"]
    return arrival


def _moment(time_of: datetime) -> int:
    return int(time_of.timestamp() * 1000)


def _now() -> int:
    return int(time.time() * 1000)


def _told(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
