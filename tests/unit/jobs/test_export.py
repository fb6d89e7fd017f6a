"""A table as JSON lines: text is text, whatever it looks like; times are UTC, whatever the machine's zone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.embedded.database import database
from jobs.export import exported
from jobs.results import _order

ROOT = Path(__file__).parents[3]
HOSTILE = ["50+", "18-24", "under 18", "1e5", "7", "NaN", "null", "", "{{x}}", "<b>", "=1+1", "../x", "%s", "Aruba"]
TIMES = """
import sys
from pathlib import Path
from jobs.embedded.database import database
from jobs.export import exported
texts = ["2016-03-13T02:30:00", "1899-12-31T23:59:59", "0001-01-01T00:00:00", "9999-12-31T23:59:59", None]
with database(Path(sys.argv[1])) as connection:
    connection.execute("create table times as select unnest($1) as text", [texts])
    connection.execute("create table found as select rowid as ind, instant(text) as t from times")
    for line in exported(connection, "found", "ind"):
        sys.stdout.write(line.decode())
"""


@pytest.mark.parametrize("column", ["country", "category", "poster_name"])
def test_a_text_that_looks_like_an_age_group_is_sorted_as_a_text(column):
    rows = sorted([(text, 1) for text in [*HOSTILE, None]], key=lambda row: _order([column, "n"], row))
    assert [row[0] for row in rows] == [*sorted(HOSTILE), None]


def test_age_groups_are_sorted_by_age():
    groups = ["50+", "under 18", "36-50", "18-24", "25-35"]
    rows = sorted([(group, 1) for group in groups], key=lambda row: _order(["age_group", "n"], row))
    assert [row[0] for row in rows] == ["under 18", "18-24", "25-35", "36-50", "50+"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_every_time_is_exported_in_utc(zone, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TIMES, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        '{"ind":0,"t":"2016-03-13T02:30:00"}',  # in New York there was no such time
        '{"ind":1,"t":"1899-12-31T23:59:59"}',
        '{"ind":2,"t":"0001-01-01T00:00:00"}',
        '{"ind":3,"t":"9999-12-31T23:59:59"}',
        '{"ind":4,"t":null}',
    ], done.stderr


def test_a_row_is_exported_as_an_object_in_a_line(tmp_path):
    with database(tmp_path) as connection:
        connection.execute("create table found (ind bigint, coordinates double[], timestamp timestamptz, country text)")
        connection.execute(
            "insert into found values (2, [1.5, -2.0], '2020-10-20 07:10:24.5', null), (1, null, null, '50+')"
        )
        assert list(exported(connection, "found", "ind")) == [
            b'{"ind":1,"coordinates":null,"timestamp":null,"country":"50+"}\n',
            b'{"ind":2,"coordinates":[1.5,-2.0],"timestamp":"2020-10-20T07:10:24","country":null}\n',
        ]


def test_text_is_exported_as_it_is(tmp_path):
    with database(tmp_path) as connection:
        connection.execute("create table texts as select unnest($1) as t", [HOSTILE])
        connection.execute("create table found as select rowid as ind, t from texts")
        lines = list(exported(connection, "found", "ind"))
    assert [line.decode().partition('"t":"')[2][:-3] for line in lines] == HOSTILE
