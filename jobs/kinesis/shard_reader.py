"""Reads one shard: on from a position, or again between two."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jobs.kinesis.client import PATIENCE, Answer, Client, insist, out_of_patience
from jobs.kinesis.errors import DataLoss, ExpiredIterator, ForeignPosition, Transient
from jobs.kinesis.options import Options
from jobs.kinesis.positions import TRIM_HORIZON, Position
from jobs.kinesis.rows import Record, unpack

HOUR = 3_600_000  # milliseconds
SHORTEST_RETENTION = 24 * HOUR
# A quiet shard's position says anew now and then how far it is read: a restart can then tell quiet from lost.
REFRESH = 3 * HOUR
PAUSE = 0.2  # seconds: a shard takes five reads a second
END_PATIENCE = 5.0  # seconds at the tip without the record that is known to be there

log = logging.getLogger("kinesis")


class ShardReader:
    """Reads on from `position`, which moves with what is read."""

    def __init__(self, client: Client, options: Options, shard: str, position: Position) -> None:
        self.position = position
        self._client = client
        self._options = options
        self._shard = shard
        self._iterator: str | None = None
        self._read_until = position.as_of
        self._failing_since: float | None = None
        self._ended = False  # at the option endingPosition

    def fetch(self, most_records: int, most_bytes: int) -> list[Record]:
        """What comes behind the position, up to the shard's tip or about so much; nothing while Kinesis is ill.

        Raises KinesisError when that goes on for too long, DataLoss when the position is too old.
        """
        if self._ended or self.position.closed:
            return []
        try:
            records = self._fetch(most_records, most_bytes)
        except Transient as error:
            self._failing_since = self._failing_since or time.monotonic()
            if time.monotonic() - self._failing_since > PATIENCE:
                raise out_of_patience(error) from None
            log.warning("%s; will try again", error)
            return []
        self._failing_since = None
        return records

    def replay(self, end: str) -> Iterator[list[Record]]:
        """Everything behind the position up to the record with the sequence number `end`, in blocks.

        Raises DataLoss when that record is no longer there.
        """
        insist(self._make_good_loss)
        last, tip_since = int(end), None
        while True:
            answer = insist(lambda: self._ask(self._options.max_records_per_fetch))
            wanted = [record for record in answer.records if int(record["SequenceNumber"]) <= last]
            if wanted:
                self._move(wanted[-1]["SequenceNumber"], _now() - answer.behind)
                yield [record for answered in wanted for record in unpack(answered)]
            if self.position.after == end:
                return
            if answer.records or answer.behind:
                tip_since = None
            tip_since = tip_since or time.monotonic()
            if (
                len(wanted) < len(answer.records)
                or answer.iterator is None
                or time.monotonic() - tip_since > END_PATIENCE
            ):
                self._lose(f"the records up to {end}, which a micro-batch has to read again, are no longer there", 0)
                return
            self._iterator = answer.iterator
            if not answer.records:
                time.sleep(PAUSE)

    def _fetch(self, most_records: int, most_bytes: int) -> list[Record]:
        self._make_good_loss()
        found: list[Record] = []
        size, tip, deadline = 0, False, time.monotonic() + self._options.max_fetch_duration
        while not tip and len(found) < most_records and size < most_bytes:
            try:
                answer = self._ask(min(self._options.max_records_per_fetch, most_records - len(found)))
            except Transient:
                if not found:
                    raise
                break
            self._iterator, read_until = answer.iterator, _now() - answer.behind
            wanted = self._before_the_end(answer)
            if wanted:
                self._move(wanted[-1]["SequenceNumber"], read_until)
                found += [record for answered in wanted for record in unpack(answered)]
                size += sum(len(answered["Data"]) for answered in wanted)
            if self._ended:
                break
            self._read_until = read_until
            if answer.iterator is None:
                self.position = replace(self.position, closed=True, as_of=read_until)
                break
            tip = answer.behind == 0
            if tip and (self.position.as_of is None or read_until - self.position.as_of > REFRESH):
                self.position = replace(self.position, as_of=read_until)
            if not tip and time.monotonic() > deadline:
                break
            if not answer.records and not tip:
                time.sleep(PAUSE)
        return found

    def _ask(self, most: int) -> Answer:
        """The next records; by a new iterator where there is none, or it has expired. Raises Transient."""
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
            self._lose(
                f"Kinesis does not know the position {self.position.after} ({error}): was the stream made anew?", 0
            )
            self.position = replace(self.position, start=TRIM_HORIZON, after=None)
            return self._client.iterator(self._shard, self.position)

    def _before_the_end(self, answer: Answer) -> list[dict[str, Any]]:
        """Its records, but for those that arrived behind the option endingPosition."""
        end = self._options.ending_position
        if end is None:
            return answer.records
        wanted = [record for record in answer.records if record["ApproximateArrivalTimestamp"].timestamp() <= end]
        self._ended = len(wanted) < len(answer.records)
        return wanted

    def _move(self, sequence_number: str, read_until: int) -> None:
        self.position = replace(self.position, after=sequence_number, as_of=read_until)

    def _make_good_loss(self) -> None:
        """Find out whether the stream has dropped records since the position was reached."""
        if self._read_until is None or _now() - self._read_until <= SHORTEST_RETENTION:
            return
        horizon = _now() - self._client.retention()
        if horizon > self._read_until:
            self._lose(
                f"what arrived in the {(horizon - self._read_until) / HOUR:.1f} hours from {_told(self._read_until)} "
                f"to {_told(horizon)} is no longer there",
                horizon - self._read_until,
            )
            self._read_until = horizon

    def _lose(self, what: str, milliseconds: int) -> None:
        """Raises DataLoss, unless the query goes on without what is lost: then it is counted."""
        message = f"stream {self._options.stream_name}: {self._shard}: {what}"
        if self._options.fail_on_data_loss:
            raise DataLoss(
                f"{message}. Raise the stream's retention for the next time; to go on now with what there is, set "
                "failOnDataLoss=false"
            )
        log.warning("%s; going on with what there is", message)
        self.position = replace(self.position, lost=self.position.lost + milliseconds)


def _now() -> int:
    return int(time.time() * 1000)


def _told(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
