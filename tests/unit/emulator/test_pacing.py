"""The pace of events, on a clock of the test's own."""

import pytest

from emulator.pacing import Pacer


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def times(rate, events, busy=0.0):
    """When each event goes out, in seconds from the start; `busy`: what sending one takes."""
    clock = Clock()
    pacer, start, out = Pacer(rate, clock), clock.now, []
    for _ in range(events):
        clock.now += pacer.wait()
        out.append(round(clock.now - start, 6))
        clock.now += busy
    return out


def test_events_come_in_bursts_of_half_a_second():
    assert times(rate=10, events=16) == [0.0] * 5 + [0.5] * 5 + [1.0] * 5 + [1.5]


def test_below_two_a_second_they_come_one_by_one():
    assert times(rate=0.5, events=4) == [0, 2, 4, 6]


@pytest.mark.parametrize("rate", [0.7, 3, 5_000])
def test_the_rate_is_kept_over_a_long_time(rate):
    events = int(rate * 20)
    assert times(rate, events)[-1] == pytest.approx(20, abs=max(0.6, 1.5 / rate))


def test_time_spent_sending_counts_towards_the_pace():
    assert times(rate=10, events=101, busy=0.05)[-1] == pytest.approx(10, abs=0.6)


def test_a_long_rest_saves_up_no_more_than_one_burst():
    clock = Clock()
    pacer = Pacer(10, clock)
    clock.now += 3600
    assert [pacer.wait() for _ in range(6)] == [0, 0, 0, 0, 0, 0.5]
