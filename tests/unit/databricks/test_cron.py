"""Quartz' cron expressions, as its documentation has them."""

import pytest

from engines.bundle.cron import trouble


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 3 * * ?",
        "0 0/15 8-17 ? * MON-FRI",
        "0 30 10 ? JAN,jul 6L",
        "0 0 12 LW * ?",
        "0 0 12 15W * ? 2026-2030",
        "0 0 12 ? * FRI#2",
        "0 */5 * * * ?",
    ],
)
def test_a_valid_one(expression):
    assert trouble(expression) is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("0 3 * * *", "5 fields: it takes seconds minutes hours day-of-month month day-of-week [year]"),
        ("0 0 3 * * *", "? has to be the day of the month or the day of the week, and not both"),
        ("0 0 3 ? * ?", "? has to be the day of the month or the day of the week, and not both"),
        ("60 0 3 * * ?", "'60' does not fit as the second"),
        ("0 5-60 3 * * ?", "'5-60' does not fit as the minute"),
        ("0 0 24 * * ?", "'24' does not fit as the hour"),
        ("0 0 3 32 * ?", "'32' does not fit as the day of the month"),
        ("0 0 3 * MAI ?", "'MAI' does not fit as the month"),
        ("0 0 3 ? * FRI-MON", "'FRI-MON' does not fit as the day of the week"),
        ("0 0 3 ? * 0", "'0' does not fit as the day of the week"),
        ("0 0/0 3 * * ?", "'0/0' does not fit as the minute"),
        ("0 0 3 * * ? 26", "'26' does not fit as the year"),
    ],
)
def test_one_that_is_not(expression, said):
    assert trouble(expression) == said
