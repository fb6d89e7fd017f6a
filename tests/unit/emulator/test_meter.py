"""Progress as lines, where standard error is no terminal."""

import io
import sys

import pytest

from emulator import meter as module
from emulator.meter import BarMeter, Meter, meter


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def ticked(shown, capsys):
    shown.tick()
    return capsys.readouterr().err


def test_a_line_every_five_seconds_tells_parts_sum_rate_and_time_left(clock, capsys):
    with meter("sent", {"pin": 6000, "geo": 1000, "user": 0}) as shown:
        shown.advance("pin", 1200)
        clock.now += 4.9
        assert ticked(shown, capsys) == ""
        shown.advance("geo", 300)
        clock.now += 0.1
        # 1,500 rows in 5 s; 5,500 more at 300/s.
        expected = "sent: pin 1,200 of 6,000, geo 300 of 1,000, user 0 of 0; in all 1,500 of 7,000, 300/s, 18 s left\n"
        assert ticked(shown, capsys) == expected
        clock.now += 4.9
        assert ticked(shown, capsys) == ""
        clock.now += 0.1
        assert ticked(shown, capsys).endswith("in all 1,500 of 7,000, 150/s, 37 s left\n")


def test_rows_of_the_run_before_count_as_done_and_not_into_the_rate(clock, capsys):
    shown = meter("sent", {"pin": 100, "geo": 100}, {"pin": 90})
    shown.advance("pin", 5)
    clock.now += 5
    assert ticked(shown, capsys) == "sent: pin 95 of 100, geo 0 of 100; in all 95 of 200, 1/s, 105 s left\n"


def test_nothing_done_yet_has_no_time_left(clock, capsys):
    shown = meter("landed", {"u.pin": 3})
    clock.now += 5
    assert ticked(shown, capsys) == "landed: u.pin 0 of 3; in all 0 of 3, 0/s\n"


def test_without_an_end_there_is_no_total(clock, capsys):
    shown = meter("sent", {"pin": None, "geo": 7})
    shown.advance("pin", 10)
    clock.now += 5
    assert ticked(shown, capsys) == "sent: pin 10, geo 0 of 7; in all 10, 2/s\n"


def test_bars_are_for_terminals_alone(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    assert type(meter("sent", {})) is Meter
    monkeypatch.setattr(sys, "stderr", Terminal())
    with meter("sent", {"pin": 10, "geo": None}, {"pin": 2}) as shown:
        assert type(shown) is BarMeter
        shown.advance("pin", 3)
        shown.tell("trying again: [503] busy")
    assert "trying again: [503] busy" in sys.stderr.getvalue()
