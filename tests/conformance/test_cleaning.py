"""Cleaning against rows worked out by hand from the data contract, section 2."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.entities import GEO, PIN, USER


@pytest.fixture
def clean(engine):
    """Raw rows of an entity, in the order of their keys → clean rows as dicts."""

    def clean_rows(entity, *rows):
        outcome = engine.read(entity, [json.dumps(row) for row in rows])
        assert outcome.reasons == {}
        return [outcome.rows[key] for key in sorted(outcome.rows)]

    return clean_rows


def test_a_pin_keeps_its_values_under_the_contracts_names_and_in_its_order(clean):
    (row,) = clean(
        PIN,
        {
            "index": 7528,
            "unique_id": "fbe53c66-3442-4773-b19e-d3ec6f54dddf",
            "title": "Ünïcode 🎄 title",
            "description": 'Says "hello"',
            "poster_name": "Kate",
            "follower_count": "2k",
            "tag_list": "a,b",
            "is_image_or_video": "multi-video(story page format)",
            "image_src": "https://i.example.org/1.jpg",
            "downloaded": 1,
            "save_location": "Local save in /data/christmas",
            "category": "christmas",
        },
    )
    assert list(row.items()) == [
        ("ind", 7528),
        ("unique_id", "fbe53c66-3442-4773-b19e-d3ec6f54dddf"),
        ("title", "Ünïcode 🎄 title"),
        ("description", 'Says "hello"'),
        ("follower_count", 2000),
        ("poster_name", "Kate"),
        ("tag_list", "a,b"),
        ("is_image_or_video", "multi-video(story page format)"),
        ("image_src", "https://i.example.org/1.jpg"),
        ("save_location", "/data/christmas"),
        ("category", "christmas"),
    ]


MARKERS = {
    "title": ["", "No Title Data Available"],
    "description": [
        "",
        "No description available",
        "No description available Story format",
        "Untitled",
        "Art.",
    ],
    "poster_name": ["", "User Info Error"],
    "tag_list": ["", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"],
    "image_src": ["", "Image src error."],
    "follower_count": ["", "User Info Error"],
}


def test_markers_become_null_and_only_in_their_own_column(clean):
    cases = [(column, marker) for column, markers in MARKERS.items() for marker in markers]
    rows = clean(PIN, *({"index": n, column: marker} for n, (column, marker) in enumerate(cases)))
    assert [(column, rows[n][column]) for n, (column, _) in enumerate(cases)] == [(column, None) for column, _ in cases]

    elsewhere = clean(PIN, {"index": 1, "title": "Untitled", "description": "User Info Error", "poster_name": "Art."})
    assert [elsewhere[0][name] for name in ("title", "description", "poster_name")] == [
        "Untitled",
        "User Info Error",
        "Art.",
    ]


FOLLOWERS = {
    "0": 0,
    "23": 23,
    "3k": 3_000,
    "1.5k": 1_500,
    "12.5K": 12_500,
    "2M": 2_000_000,
    "2.25m": 2_250_000,
    "1B": 1_000_000_000,
    "1.1b": 1_100_000_000,
    "0.7k": 700,
    "User Info Error": None,
    "k": None,
    "1,500": None,
    "-5": None,
    "1.2.3k": None,
    "3 k": None,
    "3k\n": None,
    "3\r": None,
    "1e5": None,
    "NaN": None,
    "٣k": None,
    "3T": None,
    "99999999999999999999": None,
    "9999999999999B": None,
}


def test_follower_counts_in_every_notation(clean):
    rows = clean(PIN, *({"index": n, "follower_count": text} for n, text in enumerate(FOLLOWERS)))
    assert {text: rows[n]["follower_count"] for n, text in enumerate(FOLLOWERS)} == FOLLOWERS


def test_a_follower_count_sent_as_a_number_counts_as_its_text(clean):
    assert clean(PIN, {"index": 1, "follower_count": 28000})[0]["follower_count"] == 28000


def test_only_the_prefix_of_a_save_location_goes(clean):
    rows = clean(
        PIN,
        {"index": 1, "save_location": "Local save in /data/mens-fashion"},
        {"index": 2, "save_location": "/data/Local save in /x"},
    )
    assert [row["save_location"] for row in rows] == ["/data/mens-fashion", "/data/Local save in /x"]


def test_a_place(clean):
    rows = clean(
        GEO,
        {"ind": 1, "timestamp": "2020-10-20T07:10:24", "latitude": -88.5, "longitude": 180, "country": "Albania"},
        {"ind": 2},
    )
    moment = datetime(2020, 10, 20, 7, 10, 24, tzinfo=UTC).replace(tzinfo=None)
    assert [list(row.items()) for row in rows] == [
        [("ind", 1), ("country", "Albania"), ("coordinates", [-88.5, 180.0]), ("timestamp", moment)],
        [("ind", 2), ("country", None), ("coordinates", None), ("timestamp", None)],
    ]


def test_a_user(clean):
    rows = clean(
        USER,
        {"ind": 1, "first_name": "Abigail", "last_name": "Ali", "age": 20, "date_joined": "2015-10-24 11:23:51"},
        {"ind": 2, "first_name": "Abigail"},
    )
    assert [list(row.items()) for row in rows] == [
        [("ind", 1), ("user_name", "Abigail Ali"), ("age", 20), ("date_joined", datetime(2015, 10, 24, 11, 23, 51))],
        [("ind", 2), ("user_name", None), ("age", None), ("date_joined", None)],
    ]


TIMES = {
    "2020-10-20T07:10:24": datetime(2020, 10, 20, 7, 10, 24),
    "2020-10-20 07:10:24": datetime(2020, 10, 20, 7, 10, 24),
    "2020:10:20 07:10:24": datetime(2020, 10, 20, 7, 10, 24),
    "2020-02-29T23:59:59": datetime(2020, 2, 29, 23, 59, 59),
    "2020-10-20T07:10:24.500": datetime(2020, 10, 20, 7, 10, 24, 500_000),
    "2020-10-20T07:10:24Z": datetime(2020, 10, 20, 7, 10, 24),
    "2020-10-20T07:10:24+02:00": datetime(2020, 10, 20, 5, 10, 24),
}


def test_times_in_every_notation_are_utc(clean):
    rows = clean(GEO, *({"ind": n, "timestamp": text} for n, text in enumerate(TIMES)))
    assert {text: rows[n]["timestamp"] for n, text in enumerate(TIMES)} == TIMES


TEXTS = ["50+", "1e5", "NaN", "null", "{{x}}", "<b>", "=1+1", "a.b", "../x", "%s", "$1", "\\N", " x ", "a\nb", "😀"]


@pytest.mark.parametrize("column", ["unique_id", "title", "description", "poster_name", "tag_list", "save_location"])
def test_any_other_text_stays_as_it_is(clean, column):
    rows = clean(PIN, *({"index": n, column: text} for n, text in enumerate(TEXTS)))
    assert [row[column] for row in rows] == TEXTS


def test_only_the_beginning_of_a_save_location_is_removed(clean):
    texts = ["Local save in Local save in x", "y Local save in x", "\nLocal save in x", "Local save in "]
    rows = clean(PIN, *({"index": n, "save_location": text} for n, text in enumerate(texts)))
    assert [row["save_location"] for row in rows] == ["Local save in x", texts[1], texts[2], ""]
