"""Which lines are events, and why others are not: data contract, section 3, line by line."""

import itertools
import json
import re

import pytest

from pipeline.entities import GEO, PIN, USER

PIN_LINES = {
    '{"index": 1, "title": "x"}': None,
    '{"index": 1}': None,
    '{"index": 1, "title": "x", "colour": "red", "nested": {"a": [1]}}': None,
    '{"index": 1, "title": null}': None,
    '{"index": 1, "title": "one\\ntwo \\ud83c\\udf84"}': None,
    '{"index": 9007199254740993}': None,
    '{"index": 1, "title": "cut \\ud83d"}': None,
    '{"index": "1\\ud83d"}': "has a key that is no integer (index)",
    '{"index": 1, "downloaded": "yes"}': None,
    "hello": "not JSON",
    '{"index": 1': "not JSON",
    '{"index": 1} trailing': "not JSON",
    '{"index": 1}{"index": 2}': "not JSON",
    '{"index": 1, "title": "x"}, "more": 2': "not JSON",
    '{"index": 1, "title": "x"}, "end": 1, "more": {}': "not JSON",
    '{"index": 1, "title": "x"}], "end": 1, "more": [{}': "not JSON",
    '{"index": 1, "title": "x"}, {"index": 2}': "not JSON",
    '{"index": 1, "title": "}, {"}': None,
    '{"index": 1, "more": {"a": {}, "b": 1}}': None,
    "{'index': 1}": "not JSON",
    '{"index": NaN}': "not JSON",
    "": "not JSON",
    "null": "not a JSON object",
    "7": "not a JSON object",
    '"text"': "not a JSON object",
    "[]": "not a JSON object",
    '[{"index": 1}]': "not a JSON object",
    "{}": "lacks its key (index)",
    '{"title": "x"}': "lacks its key (index)",
    '{"index": null, "title": "x"}': "lacks its key (index)",
    '{"index": "abc", "title": "x"}': "has a key that is no integer (index)",
    '{"index": "7", "title": "x"}': "has a key that is no integer (index)",
    '{"index": 1.5, "title": "x"}': "has a key that is no integer (index)",
    '{"index": true, "title": "x"}': "has a key that is no integer (index)",
    '{"index": 99999999999999999999, "title": "x"}': "has a key that is no integer (index)",
    # A name that is repeated: the last one counts.
    '{"index": "a", "index": 1}': None,
    '{"index": 1, "title": "x", "title": 2}': None,
    '{"index": 1, "index": "a"}': "has a key that is no integer (index)",
    '{"index": "a", "title": "x", "title": 2}': "has a key that is no integer (index)",
    '{"index": 1, "title": "x", "index": null}': "lacks its key (index)",
    '{"ind": 1, "timestamp": "2020-10-20T07:10:24", "latitude": 1.0, "longitude": 1.0, "country": "Aruba"}': (
        "belongs to another topic (geo)"
    ),
    '{"ind": 1, "first_name": "A", "last_name": "B", "age": 20}': "belongs to another topic (user)",
}

GEO_LINES = {
    '{"ind": 1, "timestamp": "2020-10-20T07:10:24", "latitude": -90, "longitude": 180.0, "country": "Aruba"}': None,
    '{"ind": 1, "latitude": 90.0, "longitude": -180}': None,
    '{"ind": 1}': None,
    '{"ind": 1, "country": "Aruba", "latitude": 90.01}': "latitude is outside ±90",
    '{"ind": 1, "country": "Aruba", "latitude": -91}': "latitude is outside ±90",
    '{"ind": 1, "country": "Aruba", "longitude": 180.5}': "longitude is outside ±180",
    '{"ind": 1, "country": "Aruba", "latitude": "north"}': "latitude is no number",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-02-29T00:00:00"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-13-01T00:00:00"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-01-01T25:00:00"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-02-29"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-02-28"}': None,
    '{"ind": 1, "country": "Aruba", "timestamp": "2021:02:28"}': None,
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-02-28\\n"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "2021-02-28T00:00:00\\n"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": "yesterday"}': "timestamp is no date and time",
    '{"ind": 1, "country": "Aruba", "timestamp": 1603177824}': "timestamp is no date and time",
    '{"index": 1, "title": "x", "category": "art"}': "belongs to another topic (pin)",
}

USER_LINES = {
    '{"ind": 1, "first_name": "A", "last_name": "B", "age": 0, "date_joined": "2015-10-24T11:23:51"}': None,
    '{"ind": 1, "first_name": "A", "age": -1}': "age is negative",
    '{"ind": 1, "first_name": "A", "age": "twenty"}': "age is no integer",
    '{"ind": 1, "first_name": "A", "age": 20.5}': "age is no integer",
    '{"ind": 1, "age": 20, "age": "x"}': "age is no integer",
    '{"ind": 1, "age": "x", "age": 20}': None,
    '{"ind": 1, "first_name": "A", "date_joined": "2015-02-30T00:00:00"}': "date_joined is no date and time",
    '{"index": 7, "title": "x", "follower_count": "2k", "category": "art"}': "belongs to another topic (pin)",
    '{"ind": 7, "latitude": 1.5, "country": "Aruba"}': "belongs to another topic (geo)",
}


@pytest.mark.parametrize(("entity", "expected"), [(PIN, PIN_LINES), (GEO, GEO_LINES), (USER, USER_LINES)])
def test_lines_are_events_or_rejected_with_a_reason(engine, entity, expected):
    reasons = engine.read(entity, expected).reasons
    assert {line: reasons.get(number) for number, line in enumerate(expected)} == expected


@pytest.mark.parametrize(
    ("escapes", "title"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\ude00 first", "\ufffd first"),
        (r"\ud83d\ude00", "😀"),
        (r"\uD83D\uDE00", "😀"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\ud83d\ude00\ude00", "😀\ufffd"),
        (r"\\ud83d", r"\ud83d"),  # a backslash, and a text
        (r"\\\ud83d", "\\\ufffd"),
        (r"\\ud83d\ude00", "\\ud83d\ufffd"),
        (r"a ? stays \ud83d", "a ? stays \ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_the_replacement_character(engine, escapes, title):
    outcome = engine.read(PIN, [f'{{"index": 1, "title": "{escapes}", "more": "{escapes}"}}'])
    assert (outcome.rows[1]["title"], outcome.reasons) == (title, {})


def test_escapes_in_any_order_are_the_characters_that_python_reads(engine):
    pieces = (r"\ud83d", r"\uDE00", r"\\", "u", r"\n")
    texts = ["".join(order) for length in range(5) for order in itertools.product(pieces, repeat=length)]
    rows = engine.read(PIN, [f'{{"index": {n}, "title": "t{text}"}}' for n, text in enumerate(texts)]).rows
    expected = {n: re.sub("[\ud800-\udfff]", "\ufffd", json.loads(f'"t{text}"')) for n, text in enumerate(texts)}
    assert len(expected) == 781
    assert {key: row["title"] for key, row in rows.items()} == expected


@pytest.mark.parametrize("line", [b'{"index": 1, "title": "\xff"}', b'{"index": 1, "title": "a", "more": "\xff"}'])
def test_bytes_that_are_no_utf8_are_rejected(engine, line):
    assert engine.read(PIN, [line]).reasons == {0: "not JSON"}


def test_a_title_of_a_megabyte_is_an_event(engine):
    outcome = engine.read(PIN, ['{"index": 1, "title": "' + "x" * 1_000_000 + '"}'])
    assert (outcome.reasons, len(outcome.rows[1]["title"])) == ({}, 1_000_000)


def test_what_is_no_text_counts_as_its_json_text(engine):
    values = {
        "12000": "12000",
        "99999999999999999999": "99999999999999999999",
        "true": "true",
        "1.50": "1.5",
        "1e5": "100000.0",
        "12345678.5": "1.23456785E7",
        "-1e-4": "-1.0E-4",
        "-0.0": "-0.0",
        "1e400": '"Infinity"',
        "-1e400": '"-Infinity"',
        '{"a": [1,  2.0], "b": "\\n\\u00e9", "a": null}': '{"a":[1,2.0],"b":"\\né","a":null}',
        "[ ]": "[]",
    }
    rows = engine.read(PIN, [f'{{"index": {n}, "title": {value}}}' for n, value in enumerate(values)]).rows
    assert [rows[n]["title"] for n in range(len(values))] == list(values.values())


def test_a_line_nested_deeper_than_an_engine_reads_is_one_rejected_line_at_most(engine):
    deep = '{"index": 1, "title": ' + "[" * 600 + "]" * 600 + "}"
    outcome = engine.read(PIN, [deep, '{"index": 2}'])
    assert 2 in outcome.rows
    assert (outcome.reasons, 1 in outcome.rows) in (({0: "not JSON"}, False), ({}, True))


def test_of_two_events_of_a_key_the_later_one_stands(engine):
    lines = [f'{{"index": {n % 3}, "title": "{n}"}}' for n in range(7)] + ['{"index": 1, "title": 5', "{}"]
    outcome = engine.read(PIN, lines)
    assert {key: row["title"] for key, row in outcome.rows.items()} == {0: "6", 1: "4", 2: "5"}
    assert outcome.reasons == {7: "not JSON", 8: "lacks its key (index)"}
