"""What a load is judged by, each threshold from both sides."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.figures import Figures
from jobs.quality import judge
from pipeline.settings import load

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GOOD = Figures(records_in=1000, clean=940, rejected=50, superseded=10)  # 5 % of them, which is what may be


def of(loaded: Figures = GOOD, age: timedelta | None = timedelta(hours=36), **settings: object):
    return judge(load(**settings), {"u.pin": loaded}, {"u.pin": None if age is None else NOW - age}, NOW)


def test_what_keeps_every_threshold_just_so_is_good():
    quality = of()
    assert quality.breaches == []
    assert quality.judged == NOW
    assert quality.summary == (
        "1,000 in = 940 clean + 50 rejected + 10 superseded; newest records landed: u.pin 36.0 h ago"
    )


@pytest.mark.parametrize(
    ("changed", "breach"),
    [
        (
            {"loaded": Figures(records_in=1000, clean=949, rejected=51)},
            "u.pin: 51 of 1,000 records rejected, 5.1%: more than 5.0% (MAX_REJECTED_SHARE)",
        ),
        (
            {"max_rejected_share": 0.04},
            "u.pin: 50 of 1,000 records rejected, 5.0%: more than 4.0% (MAX_REJECTED_SHARE)",
        ),
        (
            {"loaded": Figures(records_in=10, clean=12, superseded=-2)},
            "u.pin: the sum does not come out, 10 in = 12 clean + 0 rejected + -2 superseded: "
            "its table was changed by something else",
        ),
        (
            {"loaded": Figures(records_in=10, clean=-5, superseded=15)},
            "u.pin: the sum does not come out, 10 in = -5 clean + 0 rejected + 15 superseded: "
            "its table was changed by something else",
        ),
        (
            {"loaded": Figures(records_in=10, clean=9)},
            "u.pin: the sum does not come out, 10 in = 9 clean + 0 rejected + 0 superseded: "
            "its table was changed by something else",
        ),
        (
            {"age": timedelta(hours=36, minutes=6)},
            "u.pin: the newest record landed 36.1 h ago: more than 36 h (MAX_AGE_HOURS)",
        ),
        ({"max_age_hours": 1.5}, "u.pin: the newest record landed 36.0 h ago: more than 1.5 h (MAX_AGE_HOURS)"),
        ({"age": None}, "u.pin: no record has ever landed"),
        (
            {"loaded": GOOD + Figures(missing=90)},
            "u.pin: 90 records were gone from Kafka before they landed: the sink stood longer than the topic's "
            "retention",
        ),
    ],
)
def test_what_breaches_a_threshold_is_told_with_its_figures(changed, breach):
    assert of(**changed).breaches == [breach]


def test_a_topic_is_judged_by_itself():
    loaded = {"u.pin": Figures(records_in=1000, clean=1000), "u.user": Figures(records_in=10, clean=8, rejected=2)}
    [breach] = judge(load(), loaded, {}, NOW).breaches
    assert breach.startswith("u.user: 2 of 10 records rejected, 20.0%")


def test_a_load_of_nothing_breaches_nothing():
    assert judge(load(), {"u.pin": Figures()}, {}, NOW).breaches == []
