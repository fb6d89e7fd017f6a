"""Rows and lines that nobody thought of: each engine against `tests/contract.py`, row by row and reason by reason."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.entities import ENTITIES, GEO, PIN, USER
from tests import contract

# An example costs an engine the same, whatever its lines: half have many, the others show what a few do.
FEW, MANY = (1, 5), (30, 60)
EXAMPLES = {"duckdb": 60, "spark": 6}

DIGITS = "0123456789"
text = st.text(st.characters(codec="utf-8"), max_size=12)
# Half a surrogate pair, as Python's `json` writes it.
any_text = st.one_of(text, st.text(st.sampled_from(["\ud83d", "\ude00", "\\", "u", "\n", "\0", "é", "😀"]), max_size=6))
edges = st.sampled_from([sign * 2**bits + more for bits in (31, 63, 90) for sign in (1, -1) for more in (-1, 0)])
floats = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([90.0, -90.0, 180.0, 90.1, -0.0, 1e308, 7.0])
)
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), edges, st.text('ab"{[, ', max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("ab", max_size=2), inner, max_size=2)),
    max_leaves=4,
)
counts = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.text(DIGITS, max_size=21),
            st.sampled_from(["", ".", ".5", ".123456789", ".1234567891", ".000000001"]),
            st.sampled_from(["", "k", "K", "m", "M", "b", "B", "T", " k", "k\n"]),
        ),
    ),
    st.sampled_from(["User Info Error", "", "k", "-5", "1e5", "٣k", "9223372036854775807", "9223372036854775808"]),
)
two = st.integers(0, 99).map(lambda n: f"{n:02}")
times = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["0000", "0001", "1582", "1899", "1900", "2000", "2016", "2100", "9999"]),
            st.sampled_from("-:"),
            st.one_of(st.integers(0, 13).map(lambda n: f"{n:02}"), two),
            st.sampled_from("-:"),
            st.one_of(st.integers(0, 32).map(lambda n: f"{n:02}"), two),
            st.sampled_from(["", "T", " ", "T00:00:00", " 23:59:59", "T24:00:00", "T12:60:00", "T12:00:60", "T1:0:0"]),
            st.sampled_from(["", ".5", ".123456", ".123456789", ".1234567890", "."]),
            st.sampled_from(["", "Z", "z", "+02:00", "-18:00", "+18:00", "+18:01", "-19:00", "+0200", "+14:60", "\n"]),
        ),
    ),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.dates().map(lambda day: day.isoformat()),
)
OF_TYPE = {"text": any_text, "datetime": times, "double": floats, "int": st.integers(-2, 100)}
keys = st.one_of(st.integers(0, 9), edges)


@st.composite
def rows(draw, entity):
    """A row, some of whose columns are missing, null, of another type, or another entity's."""
    values = {}
    for name, kind in entity.columns.items():
        choice = draw(st.integers(0, 9))
        if name == entity.key:
            values[name] = draw(keys if choice else plain)
        elif name == "follower_count":
            values[name] = draw(counts)
        elif choice > 2:
            values[name] = draw(OF_TYPE[kind])
        elif choice:
            values[name] = draw(st.one_of(plain, edges, floats if kind == "double" else st.just(1.5)))
    if draw(st.integers(0, 9)) == 0:
        values |= draw(st.dictionaries(st.sampled_from([n for e in ENTITIES for n in e.columns]), plain, max_size=3))
    if draw(st.integers(0, 9)) == 0:
        del values[draw(st.sampled_from(sorted(values)))]
    return values


@st.composite
def lines(draw, entity):
    line = json.dumps(draw(rows(entity)), ensure_ascii=True)
    if draw(st.integers(0, 14)) == 0:  # a name again
        again = {draw(st.sampled_from(list(entity.columns))): draw(plain)}
        line = f"{line[:-1]}, {json.dumps(again)[1:]}" if line != "{}" else line
    if draw(st.integers(0, 30)) == 0:  # what would be another member, were the line one
        line += draw(st.sampled_from([', "end": 1', ', "more": {}', '], "end": 1, "more": [{}', ", {}"]))
    if draw(st.integers(0, 14)) == 0:  # something is cut off, put in, or left open
        place = draw(st.integers(0, len(line)))
        junk = draw(st.sampled_from(["", ",", "}", "[", '"', "\\", "NaN", "01", "\t", "\ufeff", "é", "/*", "1.", "-"]))
        line = line[:place] + junk + line[place + draw(st.integers(0, 3)) :]
    return line.replace("\n", " ") or "x"


def expected(entity, raw):
    outcomes = [contract.clean(entity.name, line) for line in raw]
    rows = {row["ind"]: row for row, _ in outcomes if row}
    return rows, {number: reason for number, (_, reason) in enumerate(outcomes) if reason}


def shown(row):
    """A clean row as `tests/contract.py` has it."""
    return {
        name: value.isoformat(timespec="seconds").partition(".")[0] if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


@pytest.mark.parametrize("entity", [PIN, GEO, USER], ids=lambda entity: entity.name)
def test_hostile_lines_come_to_what_the_contract_says(engine, request, entity):
    examples = EXAMPLES[request.node.callspec.params["engine"]]

    @settings(
        max_examples=examples * int(os.environ.get("HYPOTHESIS_FACTOR", "1")),
        deadline=None,
        derandomize="HYPOTHESIS_FACTOR" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(*(st.lists(lines(entity), min_size=least, max_size=most) for least, most in (FEW, MANY))))
    def agrees(raw):
        outcome = engine.read(entity, raw)
        rows, reasons = expected(entity, raw)
        assert outcome.reasons == reasons
        assert {key: shown(row) for key, row in outcome.rows.items()} == rows

    agrees()
