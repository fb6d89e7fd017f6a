"""Cron expressions as Quartz has them, which Databricks' schedules take."""

import re
from itertools import pairwise

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# Name, first and last value, and names for values from the first on.
FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("second", 0, 59, []),
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, MONTHS),
    ("day of the week", 1, 7, DAYS),
    ("year", 1970, 2099, []),
)
PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([1-9]\d*))?")
OF_A_MONTH = re.compile(r"L|L-\d{1,2}|LW|\d{1,2}W|\w{1,3}L|\w{1,3}#[1-5]")  # the last day, the second Monday, ...


def trouble(expression: str) -> str | None:
    """What is wrong with an expression; None when it is valid."""
    fields = expression.split()
    if len(fields) not in (6, 7):
        return f"{len(fields)} fields: it takes seconds minutes hours day-of-month month day-of-week [year]"
    days = fields[3], fields[5]
    if days.count("?") != 1:
        return "? has to be the day of the month or the day of the week, and not both"
    for text, (name, first, last, names) in zip(fields, FIELDS, strict=False):
        if text == "?" and name.startswith("day"):
            continue
        if name.startswith("day") and OF_A_MONTH.fullmatch(text):
            continue
        if not all(_fits(part, first, last, names) for part in text.split(",")):
            return f"{text!r} does not fit as the {name}"
    return None


def _fits(part: str, first: int, last: int, names: list[str]) -> bool:
    match = PART.fullmatch(part)
    if match is None:
        return False
    values = [_value(text, names, first) for text in match.groups()[:2] if text is not None]
    return all(first <= value <= last for value in values) and all(a <= b for a, b in pairwise(values))


def _value(text: str, names: list[str], first: int) -> int:
    """-1 for what is none."""
    if text.upper() in names:
        return first + names.index(text.upper())
    return int(text) if text.isdecimal() else -1
