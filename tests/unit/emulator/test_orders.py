"""The order of events: the course's random sequence, and replays that go on where they stopped."""

from itertools import islice

import pytest

from emulator import orders
from emulator.orders import Mark, course_random, replay
from emulator.source import Row

# random.seed(100), then over and over randrange(0, 2) for the sleep and randint(0, 11000) for the row.
COURSE_OFFSETS = [7528, 2863, 5730, 8304, 8731, 1313, 4315, 10794, 5494, 5069, 2923, 3089, 6063, 3454, 7554]


class Tables:
    """Tables of so many rows, in memory; each row's key is its number."""

    name = identity = "tables"

    def __init__(self, pin, geo, user):
        self._counts = {"pin": pin, "geo": geo, "user": user}

    def count(self, entity):
        return self._counts[entity.name]

    def rows(self, entity, after=None):
        return (Row(str(n), b"{}", n + 1) for n in range(after or 0, self.count(entity)))

    def row_at(self, entity, offset):
        return next(self.rows(entity, offset), None)


def sent(rounds):
    """Table and key of each event."""
    return [(event.entity.name, event.row.key) for round_ in rounds for event in round_.events]


def keys(rounds, table):
    return [int(key) for name, key in sent(rounds) if name == table]


@pytest.mark.parametrize("table", ["pin", "geo", "user"])
def test_random_order_is_the_course_sequence_in_every_table(table):
    rounds = islice(course_random(Tables(11001, 11001, 11001), None), 15)
    assert keys(rounds, table) == COURSE_OFFSETS


def test_random_order_draws_offset_11000_too():
    """It is the course's draw 7,614, by random.seed(100) and the same two calls."""
    assert keys(islice(course_random(Tables(11001, 0, 0), None), 7613, 7614), "pin") == [11000]


def test_random_order_pauses_as_the_course_does_and_always_draws_the_pause():
    rounds = list(islice(course_random(Tables(11001, 11001, 11001), None), 200))
    assert {round_.pause for round_ in rounds} == {0, 1}
    assert 70 <= sum(round_.pause for round_ in rounds) <= 130  # a fair coin, 4 standard deviations


def test_random_order_never_ends_without_a_limit():
    assert len(list(islice(course_random(Tables(11001, 1, 1), None), 12_000))) == 12_000


def test_random_order_skips_offsets_behind_a_short_table_without_shifting_the_others():
    # Of the offsets, 2863, 1313, 4315, 2923, 3089 and 3454 are below 5000; 1313 alone is below 2000.
    rounds = list(islice(course_random(Tables(11001, 5000, 2000), None), 15))
    assert keys(rounds, "pin") == COURSE_OFFSETS
    assert keys(rounds, "geo") == [2863, 1313, 4315, 2923, 3089, 3454]
    assert keys(rounds, "user") == [1313]


def test_random_order_has_no_round_that_sends_nothing():
    rounds = list(islice(course_random(Tables(5000, 5000, 5000), None), 6))
    assert keys(rounds, "pin") == [2863, 1313, 4315, 2923, 3089, 3454]


def test_random_order_ends_when_every_table_has_its_limit():
    rounds = list(course_random(Tables(11001, 5000, 0), 3))
    assert keys(rounds, "pin") == COURSE_OFFSETS[:3]
    assert keys(rounds, "geo") == [2863, 1313, 4315]
    assert keys(rounds, "user") == []  # and an empty one is not waited for


def test_replay_puts_row_k_of_the_tables_side_by_side_and_each_row_once():
    assert sent(replay(Tables(3, 1, 2), {}, None)) == [
        ("pin", "0"),
        ("geo", "0"),
        ("user", "0"),
        ("pin", "1"),
        ("user", "1"),
        ("pin", "2"),
    ]


def test_replay_goes_over_many_rounds_without_a_pause(monkeypatch):
    monkeypatch.setattr(orders, "ROUND", 4)
    rounds = list(replay(Tables(10, 9, 10), {}, None))
    assert [len(round_.events) for round_ in rounds] == [12, 12, 5]
    assert {round_.pause for round_ in rounds} == {0}
    assert keys(rounds, "pin") == list(range(10))
    assert keys(rounds, "geo") == list(range(9))


def test_replay_goes_on_behind_each_table_mark():
    marks = {"pin": Mark(2, 2), "user": Mark(5, 5)}
    rounds = list(replay(Tables(5, 5, 5), marks, None))
    assert (keys(rounds, "pin"), keys(rounds, "geo"), keys(rounds, "user")) == ([2, 3, 4], [0, 1, 2, 3, 4], [])


def test_limit_counts_from_the_first_row_of_the_table_when_a_replay_goes_on():
    marks = {"pin": Mark(2, 2), "geo": Mark(4, 4)}
    rounds = list(replay(Tables(9, 9, 9), marks, 3))
    assert (keys(rounds, "pin"), keys(rounds, "geo"), keys(rounds, "user")) == ([2], [], [0, 1, 2])
