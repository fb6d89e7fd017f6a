"""What a person reads: the report, the CSV files, exported lines."""

from functools import partial

import pytest

from jobs.figures import Figures
from jobs.report import figure, render
from jobs.results import Result, _order, load_results, save_results
from jobs.stream_progress import MicroBatch, StreamProgress


class Estate:
    user_id = "0a1b2c3d4e5f"
    bucket = "user-0a1b2c3d4e5f-bucket"
    streams = {"pin": "a-pin", "geo": "a-geo"}  # noqa: RUF012


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
def page_of(tmp_path):
    """The page for these figures of the batch lane and this progress of the stream lane."""

    def write(totals, streamed):
        render(tmp_path / "report" / "index.html", Estate, totals, RESULTS, streamed)
        return (tmp_path / "report" / "index.html").read_text(encoding="utf-8")

    return write


@pytest.fixture
def page(page_of):
    totals = {"a.pin": Figures(records_in=1000, clean=990, rejected=7, superseded=3)}
    return page_of(totals, {"pin": StreamProgress(), "geo": StreamProgress()})


def test_the_report_shows_the_sum_and_the_tables(page):
    assert "batch lane: 1,000 in = 990 clean + 7 rejected + 3 superseded" in page
    assert '<td class="number">2015</td><td class="number">1,200</td>' in page
    assert "all 20 rows" in page
    assert "No rows to answer this from." in page
    assert page.count("<svg") == 2
    assert "stream lane" not in page  # nothing was streamed


def test_the_report_shows_the_stream_lane_beside_the_batch_lane(page_of):
    batches = [MicroBatch(committed=1_700_000_000 + n, records=500, latency_p50=1.5, latency_p99=2.5) for n in range(2)]
    streamed = {
        "pin": StreamProgress(figures=Figures(records_in=1010, clean=1000, rejected=4, superseded=6), batches=batches),
        "geo": StreamProgress(),
    }

    page = page_of({"a.pin": Figures(records_in=7, clean=7)}, streamed)

    assert "batch lane: 7 in = 7 clean + 0 rejected + 0 superseded" in page
    assert "stream lane: 1,010 in = 1,000 clean + 4 rejected + 6 superseded" in page
    assert "<td>a-pin</td>" in page
    assert "<td>a-geo</td>" not in page
    assert "The stream lane over time" in page
    assert page.count("<svg") == 4
    assert "22:13:20" in page  # 1,700,000,000 s after 1970 began, in UTC


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


def test_results_are_csv_files_with_a_header_and_come_back_as_they_were(tmp_path):
    results = [Result("r", "?", ["country", "n"], [("Bonaire, Sint", 2.5), ("Chad", 1)])]
    save_results(results, tmp_path)
    assert (tmp_path / "r.csv").read_bytes() == b'country,n\n"Bonaire, Sint",2.5\nChad,1\n'
    assert load_results(tmp_path) == results


def test_without_a_batch_there_are_no_results(tmp_path):
    assert load_results(tmp_path / "analyses") == []


def test_rows_sort_by_column_and_age_groups_by_age():
    rows = [(2016, "18-24"), (2015, "50+"), (2015, "under 18"), (2015, "25-35")]
    assert sorted(rows, key=partial(_order, ["join_year", "age_group"])) == [
        (2015, "under 18"),
        (2015, "25-35"),
        (2015, "50+"),
        (2016, "18-24"),
    ]
