"""Which lines Arrow may read together: those alone that it cannot take otherwise than the contract does."""

import json

import pytest

from jobs.embedded.plain import plain_events
from pipeline.entities import GEO, PIN, USER

PLACE = b'{"ind": 1, "timestamp": "2020-01-01", "latitude": -1.5, "longitude": 100, "country": "Aruba"}'
OTHERS = [
    b"null",
    b"hello",
    b"[1]",
    b"",
    b'{"ind": 1}{"ind": 2}',
    b'{"ind": 1} {"ind": 2}',
    b'{"ind": 1}null{"ind": 2}',
    b'{"ind": 1} \t null {"ind": 2}',
    b'\xef\xbb\xbf{"ind": 1}',
    b'{"ind": 1, "ind": 2}',
    b'{"country": "Aruba"}',
    b'{"ind": null, "country": "Aruba"}',
    b'{"ind": "1"}',
    b'{"ind": 1.0}',
    b'{"ind": 1e3}',
    b'{"ind": 9223372036854775808}',
    b'{"ind": 1, "latitude": "1.5"}',
    b'{"ind": 1, "latitude": true}',
    b'{"ind": 1, "latitude": NaN}',
    b'{"ind": 1, "latitude": -Infinity}',
    b'{"ind": 1, "latitude": 1e999}',
    b'{"ind": 1, "latitude": ' + b"9" * 400 + b"}",
    b'{"ind": 1, "country": 7}',
    b'{"ind": 1, "country": {"code": "AW"}}',
    b'{"ind": 1, "country": "\\ud83d"}',
    b'{"ind": 1, "country": "\xff"}',
    b'{"ind": 1, "country": "a\tb"}',
    b'{"ind": 1, "colour": {"a": [1]}}',
    b'{"ind": 1, "Country": "Aruba"}',
    b'{"ind": 1, "age": 7}',
    b'{"ind": 1,}',
    b"{'ind': 1}",
    b'{"ind": 1} // a comment }',
    b'{"ind": 1',
    b'{"ind":\n1}',  # a record of Kinesis may hold it
]


@pytest.mark.parametrize("line", OTHERS, ids=repr)
def test_a_line_that_is_not_plainly_an_event_leaves_all_to_the_reader_of_single_lines(line):
    assert plain_events([PLACE, PLACE], GEO) is not None
    assert plain_events([line], GEO) is None
    assert plain_events([PLACE, line, PLACE], GEO) is None


def test_lines_whose_documents_begin_and_end_elsewhere_are_not_taken_for_as_many_events():
    assert plain_events([b'{"ind": 1}{"ind": 2}', b'{"ind":', b"3}"], GEO) is None
    assert plain_events([b'{"ind": 1, "country": "a', b'b"}'], GEO) is None


def test_events_have_the_values_that_their_lines_say_whatever_the_order_of_their_members():
    lines = [
        b'{"country": "\\u00c5land \\ud83d\\ude00 \\"x\\" \\u0000", "ind": -9223372036854775808, "latitude": 90}',
        '{"ind": 9223372036854775807, "country": "Åland", "longitude": -1.5e-3, "timestamp": null}'.encode(),
        b'{ "ind" : -0 }',
    ]

    assert plain_events(lines, GEO).to_pylist() == [
        {"ind": -(2**63), "country": 'Åland 😀 "x" \0', "latitude": 90.0, "longitude": None, "timestamp": None},
        {"ind": 2**63 - 1, "country": "Åland", "latitude": None, "longitude": -0.0015, "timestamp": None},
        {"ind": 0, "country": None, "latitude": None, "longitude": None, "timestamp": None},
    ]


def test_an_integer_column_takes_its_whole_range_and_no_more():
    age = {"ind": 1, "first_name": "A", "last_name": "B", "age": 2**31 - 1, "date_joined": "2020-01-01"}

    assert plain_events([json.dumps(age).encode()], USER)["age"].to_pylist() == [2**31 - 1]
    assert plain_events([json.dumps(age | {"age": 2**31}).encode()], USER) is None


def test_a_post_is_read_with_the_column_that_no_table_keeps():
    line = b'{"index": 7, "downloaded": 1, "follower_count": "12k", "title": ""}'

    [row] = plain_events([line], PIN).to_pylist()

    assert {name: value for name, value in row.items() if value is not None} == {
        "index": 7,
        "downloaded": 1,
        "follower_count": "12k",
        "title": "",
    }
