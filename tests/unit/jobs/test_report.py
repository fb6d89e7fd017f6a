"""What a person reads: the report, the CSV files, exported lines."""

from datetime import datetime

import pytest
from pyspark.sql import Row

from jobs.export import _lines
from jobs.progress import Figures
from jobs.report import figure, write_report
from jobs.results import Result, _order, write_csv


class Estate:
    user_id = "0a1b2c3d4e5f"
    bucket = "user-0a1b2c3d4e5f-bucket"


RESULTS = [
    Result("users_joined_by_year", "Users who joined", ["join_year", "number_users_joined"], [(2015, 1200), (2016, 7)]),
    Result(
        "top_category_by_country",
        "Most popular category",
        ["country", "category", "category_count"],
        [(f"Country {n}", "<art> & crafts", n) for n in range(20)],
    ),
    Result("country_of_top_user", "Country", ["country", "follower_count"], []),
]


@pytest.fixture
def page(tmp_path):
    totals = {"a.pin": Figures(records_in=1000, clean=990, rejected=7, superseded=3)}
    write_report(tmp_path / "report" / "index.html", Estate, totals, RESULTS)
    return (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_the_report_shows_the_sum_and_the_tables(page):
    assert "1,000 in = 990 clean + 7 rejected + 3 superseded" in page
    assert '<td class="number">2015</td><td class="number">1,200</td>' in page
    assert "all 20 rows" in page
    assert "No rows to answer this from." in page
    assert page.count("<svg") == 2


def test_the_report_takes_values_for_text_and_not_for_markup(page):
    assert "&lt;art&gt; &amp; crafts" in page
    assert "<art>" not in page


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (59_500.0, "median_follower_count", "59,500"),
        (30_003.5, "median_follower_count", "30,003.5"),
        (2015, "join_year", "2015"),
        (2015, "category_count", "2,015"),
        ("Aruba", "country", "Aruba"),
    ],
)
def test_figures_as_people_read_them(value, column, shown):
    assert figure(value, column) == shown


def test_csv_files_have_a_header_and_quote_what_needs_it(tmp_path):
    write_csv([Result("r", "?", ["country", "n"], [("Bonaire, Sint", 2.5), ("Chad", 1)])], tmp_path)
    assert (tmp_path / "r.csv").read_bytes() == b'country,n\n"Bonaire, Sint",2.5\nChad,1\n'


def test_rows_sort_by_column_and_age_groups_by_age():
    rows = [(2016, "18-24"), (2015, "50+"), (2015, "under 18"), (2015, "25-35")]
    assert sorted(rows, key=_order) == [(2015, "under 18"), (2015, "25-35"), (2015, "50+"), (2016, "18-24")]


def test_exported_lines_have_times_to_the_second():
    row = Row(ind=1, coordinates=[1.5, -2.0], timestamp=datetime(2020, 10, 20, 7, 10, 24, 500_000), country=None)
    assert list(_lines(iter([row]))) == [
        b'{"ind":1,"coordinates":[1.5,-2.0],"timestamp":"2020-10-20T07:10:24","country":null}\n'
    ]
