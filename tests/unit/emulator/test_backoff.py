"""Pauses between attempts, on a clock of the test's own; what a Retry-After header asks for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from emulator import backoff
from emulator.backoff import Backoff, RetryPolicy, retry_after
from pipeline.errors import UserError


class Time:
    """A clock that moves only by sleeping."""

    def __init__(self):
        self.now = 50.0
        self.pauses = []

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


def new_backoff(time, **policy):
    return Backoff(RetryPolicy(**policy), time.sleep, time.clock)


@pytest.mark.parametrize(("jitter", "expected"), [(1.0, [0.2, 0.4, 0.8, 1, 1]), (0.5, [0.1, 0.2, 0.4, 0.5, 0.5])])
async def test_pauses_double_up_to_the_longest_between_half_and_whole(time, monkeypatch, jitter, expected):
    monkeypatch.setattr(backoff.random, "uniform", lambda low, high: jitter if low <= jitter <= high else None)
    waiting = new_backoff(time, longest=1.0)
    for _ in range(5):
        await waiting.wait("busy")
    assert time.pauses == pytest.approx(expected)


async def test_pauses_differ_so_that_lanes_do_not_come_back_together(time):
    for _ in range(20):
        await new_backoff(time).wait("busy")
    assert len(set(time.pauses)) > 15
    assert all(0.1 <= pause <= 0.2 for pause in time.pauses)


async def test_the_server_is_given_at_least_the_pause_that_it_asks_for(time):
    await new_backoff(time).wait("busy", at_least=7)
    assert time.pauses == [7]


async def test_patience_is_counted_from_the_first_failure_and_ends_with_the_reason(time):
    waiting = new_backoff(time, patience=30)
    for _ in range(3):
        await waiting.wait("busy", at_least=10)
    with pytest.raises(UserError, match=r"gave up after 30 s without success: still busy"):
        await waiting.wait("still busy", at_least=10)
    assert time.now == 80  # it does not sleep when there is no attempt to follow


async def test_time_that_the_attempts_themselves_take_counts(time):
    waiting = new_backoff(time, patience=120)
    await waiting.wait("timeout")
    time.now += 120
    with pytest.raises(UserError):
        await waiting.wait("timeout")


async def test_success_gives_back_the_patience_and_the_short_pause(time):
    waiting = new_backoff(time, patience=30)
    for _ in range(9):
        await waiting.wait("busy", at_least=10)
        waiting.reset()
    await waiting.wait("busy")
    assert time.pauses[-1] <= 0.2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 0), ("", 0), ("0", 0), ("120", 120), (" 3 ", 3), ("soon", 0), ("-5", 0), ("1.5", 0), ("²", 0)],
)
def test_retry_after_in_seconds(header, seconds):
    assert retry_after(header) == seconds


@pytest.mark.parametrize(("away", "seconds"), [(60, 60), (-60, 0)])
def test_retry_after_as_a_date(away, seconds):
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=away), usegmt=True)
    assert retry_after(header) == pytest.approx(seconds, abs=1.5)
