"""What went wrong in other people's pipelines, as lines: what each comes to, worked out by hand.

The cases are named FC-<number> as in the collection that they are from; those that are not about what an event becomes
have their tests where they belong (connect/src/test, tests/unit, tests/airflow).
"""

import base64
import json
from datetime import datetime

from pipeline.entities import GEO, PIN, USER

PICTURE = "data:image/png;base64," + "A" * 140_000

# Name → a line, and the columns that it comes to, or why it is refused.
PINS = {
    "FC-10: a category and a poster that are called like age groups": (
        '{"index": 1, "category": "18-24", "poster_name": "50+", "follower_count": "9M"}',
        {"category": "18-24", "poster_name": "50+", "follower_count": 9_000_000},
    ),
    "FC-11: a picture in place of its address": (
        f'{{"index": 2, "image_src": "{PICTURE}", "category": "art"}}',
        {"image_src": PICTURE, "category": "art"},
    ),
    "FC-13: a key that the driver gave as a decimal": (
        '{"index": 3.0, "title": "x"}',
        "has a key that is no integer (index)",
    ),
    "FC-24: a text cut in the middle of an emoji": (
        r'{"index": 4, "title": "Cosy lights \ud83d", "category": "art"}',
        {"title": "Cosy lights \ufffd", "category": "art"},
    ),
    "FC-24: half an emoji in a field that nobody reads": (
        r'{"index": 5, "title": "whole \ud83d\ude00", "more": {"\udc00": ["\ud83d"]}}',
        {"title": "whole 😀"},
    ),
    "a byte order mark before the object": ('\ufeff{"index": 6, "title": "x"}', "not JSON"),
    "MySQL's word for NULL is a text in JSON": (r'{"index": 7, "title": "\\N"}', {"title": r"\N"}),
}
PLACES = {
    "FC-10: a country that is called like an age group": ('{"ind": 1, "country": "50+"}', {"country": "50+"}),
    "FC-09: a time without a zone is UTC, also where clocks were put forward then": (
        '{"ind": 2, "timestamp": "2016-03-13T02:30:00"}',
        {"timestamp": datetime(2016, 3, 13, 2, 30)},
    ),
    "FC-09: a time with a zone is the same moment in UTC": (
        '{"ind": 3, "timestamp": "2020-01-01T00:00:00+05:30"}',
        {"timestamp": datetime(2019, 12, 31, 18, 30)},
    ),
    "FC-13: a latitude without a fraction": (
        '{"ind": 4, "latitude": 7, "longitude": -7.50}',
        {"coordinates": [7.0, -7.5]},
    ),
    "FC-13: a latitude that the driver gave as a text": (
        '{"ind": 5, "latitude": "7.0", "longitude": 1.5}',
        "latitude is no number",
    ),
    "a date without a time of day is midnight": (
        '{"ind": 6, "timestamp": "2016-02-11"}',
        {"timestamp": datetime(2016, 2, 11)},
    ),
}
PEOPLE = {
    "FC-10: the oldest of the group that is called 50+": ('{"ind": 1, "first_name": "A", "age": 51}', {"age": 51}),
    "FC-13: an age as pandas writes it beside missing ones": ('{"ind": 2, "age": 25.0}', "age is no integer"),
    "FC-13: a key as pandas writes it": ('{"ind": 3.0, "age": 25}', "has a key that is no integer (ind)"),
    "a date without a time of day is midnight": (
        '{"ind": 4, "date_joined": "2016-02-11"}',
        {"date_joined": datetime(2016, 2, 11)},
    ),
    "a date of another emulator": ('{"ind": 5, "date_joined": "2016:02:11"}', {"date_joined": datetime(2016, 2, 11)}),
}


def test_each_line_comes_to_what_it_should(engine):
    for entity, cases in ((PIN, PINS), (GEO, PLACES), (USER, PEOPLE)):
        outcome = engine.read(entity, [line for line, _ in cases.values()])
        found = {}
        for number, (name, (line, expected)) in enumerate(cases.items()):
            if number in outcome.reasons:
                found[name] = outcome.reasons[number]
            else:
                row = outcome.rows[json.loads(line)[entity.key]]
                found[name] = {column: row[column] for column in expected}
        assert found == {name: expected for name, (_, expected) in cases.items()}


def test_the_same_rows_sent_again_and_in_another_order_are_one_row_a_key(engine):
    """An emulator that was started again, and one that draws rows at random."""
    first = ['{"index": 1, "title": "a"}', '{"index": 2, "title": "b"}', '{"index": 3, "title": "c"}']
    again = [first[2], first[0], '{"index": 2, "title": "later"}', first[0]]
    outcome = engine.read(PIN, first + again)
    assert {key: row["title"] for key, row in outcome.rows.items()} == {1: "a", 2: "later", 3: "c"}
    assert outcome.reasons == {}


def letter(offset, value):
    """A line of the dead-letter topic."""
    encoded = None if value is None else base64.b64encode(value.encode()).decode()
    fields = {"topic": "u.pin", "partition": 0, "offset": offset, "reason": "not a JSON object: string"}
    return json.dumps(fields | {"timestamp": 7, "value_base64": encoded})


def test_dead_letters_keep_their_place_and_all_of_their_text(engine):
    """FC-01: one of more than a megabyte. FC-02: of a topic that was made anew, whose offsets in names count on."""
    large = json.dumps("y" * 1_300_000)
    reason = "not a JSON object: string"
    assert engine.dead_letters([letter(0, None), letter(1, '"quite another text"'), letter(12_345_678_901, large)]) == [
        ("u.pin", "0/0", None, reason),
        ("u.pin", "0/1", '"quite another text"', reason),
        ("u.pin", "0/12345678901", large, reason),
    ]
