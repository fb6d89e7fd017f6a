"""Texts in the report, its charts and the CSV files are shown as they are, whatever they look like."""

import csv
from html.parser import HTMLParser

import pytest

from jobs.charts import charts
from jobs.report import render
from jobs.results import Result, load_results, save_results
from pipeline.estate import Estate
from tests.outputs import ON_AWS

TEXTS = [
    *("50+", "18-24", "1e5", "007", "null", "NaN", "true", "2016-02-11", "{{x}}", "{% x %}", "datum.n", "a.b", "a[0]"),
    *("\\b", "%s", "../x", "=1+1", "@x", "#", "~s", "<b>", "</td></svg><script>", "&amp;", '"', "'"),
    *("]]>", "<!--", 'a,"b', "a;b", "\\N", "😀", "\ufffd"),
]
LINES = ["a\nb", "a\rb", "a\r\nb", "\n"]
CHARTS = {  # the result's columns, a row of it, and what its bar is called
    "top_category_by_country": (["country", "category", "category_count"], ("Aruba", "{}", 7), "{}"),
    "top_user_by_country": (["country", "poster_name", "follower_count"], ("{}", "{}", 7), "{} ({})"),
    "top_category_by_year": (["post_year", "category", "category_count"], (2020, "{}", 7), "2020: {}"),
    "top_category_by_age_group": (["age_group", "category", "category_count"], ("50+", "{}", 7), "50+: {}"),
}


def row(cells, text):
    return tuple(text if cell == "{}" else cell for cell in cells)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_shows_texts_as_they_are(name):
    columns, cells, label = CHARTS[name]
    for first in range(0, len(TEXTS), 15):  # as many as a ranking shows
        texts = TEXTS[first : first + 15]
        picture = charts([Result(name, "?", columns, [row(cells, text) for text in texts])])[name]
        shown = Texts("text", picture).found
        assert [text for text in texts if label.replace("{}", text) not in shown] == []


class Texts(HTMLParser):
    """What the elements of one name hold in a page or a picture, as a browser reads it."""

    def __init__(self, element, page):
        super().__init__()
        self.element, self.found, self.inside = element, [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == self.element
        if self.inside:
            self.found.append("")

    def handle_data(self, data):
        if self.inside:
            self.found[-1] += data

    def handle_endtag(self, tag):
        self.inside = False


def test_the_report_shows_texts_as_they_are(tmp_path):
    rows = [(text, "art", 1) for text in TEXTS + LINES]
    result = Result("top_category_by_country", "?", ["country", "category", "category_count"], rows)
    render(tmp_path / "index.html", Estate.model_validate(ON_AWS), {}, [result], {})
    with (tmp_path / "index.html").open(encoding="utf-8", newline="") as page:
        cells = Texts("td", page.read()).found
    assert cells[::3] == TEXTS + LINES


def test_results_hold_texts_as_they_are(tmp_path):
    rows = [(text, "é") for text in TEXTS + LINES]
    results = [Result("r", "?", ["country", "category"], rows)]
    save_results(results, tmp_path)
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        header, *read = csv.reader(file)
    assert header == ["country", "category"]
    assert [tuple(found) for found in read] == rows
    assert load_results(tmp_path) == results


def test_results_are_there_whole_or_as_they_were(tmp_path):
    before = [Result("r", "?", ["country"], [("Aruba",)])]
    save_results(before, tmp_path)
    with pytest.raises(UnicodeEncodeError):  # as good as a kill: after the file was opened
        save_results([Result("r", "?", ["country"], [("Chad",), ("\ud83d",)])], tmp_path)
    assert (tmp_path / "r.csv").read_text() == "country\nAruba\n"
    assert load_results(tmp_path) == before
