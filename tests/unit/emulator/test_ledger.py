"""A mark never passes a row that is not acknowledged."""

import random

import pytest

from emulator.checkpoint import Standing
from emulator.door import Placement, Record
from emulator.journal import Journal, acknowledged
from emulator.lanes import Batch
from emulator.ledger import Ledger
from emulator.orders import Event, Mark
from emulator.source import Row
from pipeline.entities import GEO, PIN

TARGETS = {"pin": "u.pin", "geo": "u.geo"}


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path)
    yield journal
    journal.close()


class Sender:
    """Reads rows into batches as the lanes do, and acknowledges the ones that it is told to."""

    def __init__(self, journal, standing=None):
        self.ledger = Ledger(standing or Standing(), TARGETS, journal)
        self._offset = 0

    def batch(self, entity, *positions):
        """Rows of a table, each with its number as key, in one batch under way."""
        batch = None
        for position in positions:
            before = self.ledger.read(Event(entity, Row(str(position), b"{}", position)))
            if batch is None:
                batch = Batch(entity.name, before)
                self.ledger.opened(batch)
            batch.add(Record(str(position), b"{}"), 2)
        return batch

    def acknowledge(self, batch, partition=0):
        places = []
        for _ in batch.records:
            places.append(Placement(partition, self._offset))
            self._offset += 1
        self.ledger.acknowledged(batch, places)

    def mark(self, entity=PIN):
        return self.ledger.standing().marks[entity.name]


def test_the_mark_stands_before_the_earliest_batch_under_way(journal):
    sender = Sender(journal)
    assert sender.mark() == Mark(0, None)
    first, second, third = sender.batch(PIN, 10, 11), sender.batch(PIN, 12), sender.batch(PIN, 13, 14)
    other = sender.batch(GEO, 1)
    sender.acknowledge(third)
    sender.acknowledge(second)
    assert sender.mark() == Mark(0, None)
    sender.acknowledge(first)
    assert sender.mark() == Mark(5, 14)
    assert sender.mark(GEO) == Mark(0, None)  # a table of its own
    sender.acknowledge(other)
    assert sender.mark(GEO) == Mark(1, 1)


def test_a_gap_in_the_middle_holds_the_mark_there(journal):
    sender = Sender(journal)
    first, second, third = sender.batch(PIN, 10, 11), sender.batch(PIN, 12), sender.batch(PIN, 13)
    sender.acknowledge(first)
    sender.acknowledge(third)
    assert sender.mark() == Mark(2, 11)
    sender.acknowledge(second)
    assert sender.mark() == Mark(4, 13)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_of_acknowledgements_no_mark_passes_a_row_that_lacks_its_own(journal, seed):
    rng, sender = random.Random(seed), Sender(journal)
    under_way, stored, read = [], set(), 0
    for _ in range(300):
        if rng.random() < 0.55 or not under_way:
            size = rng.randint(1, 4)
            under_way.append(sender.batch(PIN, *range(read + 1, read + size + 1)))
            read += size
        else:
            batch = under_way.pop(rng.randrange(len(under_way)))
            sender.acknowledge(batch)
            stored |= {int(record.key) for record in batch.records}
        rows, position = sender.mark()
        assert set(range(1, rows + 1)) <= stored
        assert rows == (position or 0)
        assert rows == min((int(batch.records[0].key) for batch in under_way), default=read + 1) - 1  # and no less
    for batch in under_way:
        sender.acknowledge(batch)
    assert sender.mark() == Mark(read, read)


def test_rows_of_one_key_are_one_step_of_the_mark(journal):
    # Keys 1 2 2 2 3 in a database: within a key the position stays behind the key before.
    sender = Sender(journal)
    for positions, expected in [([1], (1, 1)), ([1], (1, 1)), ([1], (1, 1)), ([2], (4, 2)), ([3], (5, 3))]:
        sender.acknowledge(sender.batch(PIN, *positions))
        assert sender.mark() == expected


def test_a_replay_that_goes_on_counts_on_from_its_marks(journal):
    sender = Sender(journal, Standing({"pin": Mark(100, 777)}, {"u.pin": {0: 50}}))
    assert sender.mark() == Mark(100, 777)
    sender.acknowledge(sender.batch(PIN, 780))
    assert sender.mark() == Mark(101, 780)
    assert sender.ledger.rows_acknowledged == 1  # of this run


def test_offsets_are_those_behind_the_furthest_of_each_partition(journal):
    ledger = Ledger(Standing({}, {"u.pin": {0: 5, 3: 9}}), TARGETS, journal)
    for places in ([Placement(0, 9), Placement(1, 0)], [Placement(0, 7), Placement(3, 2)]):
        batch = Batch("pin", Mark(), [Record("1", b"{}"), Record("2", b"{}")])
        ledger.opened(batch)
        ledger.acknowledged(batch, places)
    assert ledger.standing().offsets == {"u.pin": {0: 10, 1: 1, 3: 9}}


def test_a_batch_without_placements_moves_the_mark_and_no_offset(journal, tmp_path):
    sender = Sender(journal)
    sender.ledger.acknowledged(sender.batch(PIN, 7, 8), [])
    assert sender.mark() == Mark(2, 8)
    assert sender.ledger.standing().offsets == {"u.pin": {}}
    assert acknowledged(tmp_path, "u.pin") == {"7": 1, "8": 1}


def test_what_is_acknowledged_is_in_the_journal_and_what_is_only_sent_is_not(journal, tmp_path):
    sender = Sender(journal)
    sender.acknowledge(sender.batch(PIN, 1, 2))
    sender.batch(PIN, 3)
    assert acknowledged(tmp_path, "u.pin") == {"1": 1, "2": 1}


def test_the_journal_is_on_disk_before_the_standing_is_told(journal, monkeypatch):
    synced = []
    monkeypatch.setattr(journal, "sync", lambda: synced.append(True))
    Sender(journal).mark()
    assert synced == [True]
