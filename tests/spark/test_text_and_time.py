"""Text columns hold text, whatever it looks like; times are UTC, whatever the machine's zone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.export import _as_exported
from jobs.results import _order

ROOT = Path(__file__).parents[2]
HOSTILE = ["50+", "18-24", "under 18", "1e5", "7", "NaN", "null", "", "{{x}}", "<b>", "=1+1", "../x", "%s", "Aruba"]
TIMES = """
import sys
from pyspark.sql import SparkSession
from jobs.export import _as_exported, _lines
spark = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC") \\
    .config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
texts = ["2016-03-13T02:30:00", "1899-12-31T23:59:59", "0001-01-01T00:00:00", "9999-12-31T23:59:59", None]
rows = spark.createDataFrame([(text,) for text in texts], "t string").selectExpr("cast(t as timestamp) as t")
for line in _lines(rows.select(_as_exported("t", "timestamp")).toLocalIterator()):
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
def test_every_time_is_exported_in_utc(zone):
    done = subprocess.run(
        [sys.executable, "-c", TIMES],
        cwd=ROOT,
        env=os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        '{"t":"2016-03-13T02:30:00"}',  # in New York there was no such time
        '{"t":"1899-12-31T23:59:59"}',
        '{"t":"0001-01-01T00:00:00"}',
        '{"t":"9999-12-31T23:59:59"}',
        '{"t":null}',
    ], done.stderr


def test_text_is_exported_as_it_is(spark):
    rows = spark.createDataFrame([(text,) for text in HOSTILE], "t string").select(_as_exported("t", "string"))
    assert [row["t"] for row in rows.collect()] == HOSTILE
