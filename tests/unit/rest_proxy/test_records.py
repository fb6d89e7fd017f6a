"""Bodies of produce requests: what is stored of each good one, and what is answered to each bad one."""

import pytest

from rest_proxy.problems import Problem
from rest_proxy.records import BINARY, JSON, Record, parse


def problem(body, content_type=JSON):
    with pytest.raises(Problem) as caught:
        parse(body, content_type)
    return caught.value.status, caught.value.code, caught.value.message


def test_content_types_are_confluents():
    assert (JSON, BINARY) == ("application/vnd.kafka.json.v2+json", "application/vnd.kafka.binary.v2+json")


@pytest.mark.parametrize(
    ("record", "stored"),
    [
        ('{"value": "a"}', Record(None, b'"a"', None)),
        ('{"value": {"b": [1, {"a": null}], "a": true}}', Record(None, b'{"b":[1,{"a":null}],"a":true}', None)),
        ('{"key": "k", "value": 1}', Record(b'"k"', b"1", None)),
        ('{"key": {"id": 7}, "value": []}', Record(b'{"id":7}', b"[]", None)),
        ('{"key": 0, "value": 0}', Record(b"0", b"0", None)),
        ('{"key": false, "value": false}', Record(b"false", b"false", None)),
        ('{"key": "", "value": ""}', Record(b'""', b'""', None)),
        # a null is stored as a null, not as the text "null"
        ('{"key": null, "value": 1}', Record(None, b"1", None)),
        ('{"key": "k", "value": null}', Record(b'"k"', None, None)),
        ('{"key": null, "value": null}', Record(None, None, None)),
        # numbers keep every digit that a double or a 64-bit integer has
        ('{"value": 12345678901234567}', Record(None, b"12345678901234567", None)),
        ('{"value": -9223372036854775808}', Record(None, b"-9223372036854775808", None)),
        ('{"value": 18446744073709551615}', Record(None, b"18446744073709551615", None)),
        ('{"value": [1.5, 0.1, 1.0]}', Record(None, b"[1.5,0.1,1.0]", None)),
        # text is stored as UTF-8, whichever way it was written
        ('{"value": "\\u00e9\\ud83d\\ude00"}', Record(None, b'"\xc3\xa9\xf0\x9f\x98\x80"', None)),
        ('{"value": "é😀"}', Record(None, b'"\xc3\xa9\xf0\x9f\x98\x80"', None)),
        ('{"value": "a\\u0000\\n\\"\\/"}', Record(None, b'"a\\u0000\\n\\"/"', None)),
        # half of a character stays the escape that it came as, whatever stands beside it
        ('{"value": "\\ud83d"}', Record(None, b'"\\ud83d"', None)),
        (
            '{"value": {"é": "\\ud83d", "n": 12345678901234567890123}}',
            Record(None, b'{"\\u00e9":"\\ud83d","n":12345678901234567890123}', None),
        ),
        ('{"key": "\\ud83d", "value": 1.5}', Record(b'"\\ud83d"', b"1.5", None)),
        ('{"value": 1, "partition": 0}', Record(None, b"1", 0)),
        ('{"value": 1, "partition": 2147483647}', Record(None, b"1", 2147483647)),
        ('{"value": 1, "partition": null}', Record(None, b"1", None)),
        ('{"value": 1, "timestamp": 5}', Record(None, b"1", None)),
    ],
)
def test_json_is_stored_as_compact_json(record, stored):
    assert parse(f'{{"records": [{record}]}}'.encode(), JSON) == [stored]


def test_half_a_character_in_one_record_changes_no_other():
    body = '{"records": [{"value": {"a": "é"}}, {"value": {"a": "\\ud83d"}}, {"value": 0.1}]}'
    assert [record.value for record in parse(body.encode(), JSON)] == [
        b'{"a":"\xc3\xa9"}',
        b'{"a":"\\ud83d"}',
        b"0.1",
    ]


def test_a_byte_order_mark_before_the_body_does_not_matter():
    body = b'\xef\xbb\xbf{"records": [{"value": 1}]}'
    assert parse(body, JSON) == [Record(None, b"1", None)]


@pytest.mark.parametrize(
    ("record", "stored"),
    [
        ('{"value": "S2Fma2E="}', Record(None, b"Kafka", None)),
        ('{"key": "AP8Q", "value": "gA=="}', Record(b"\x00\xff\x10", b"\x80", None)),
        ('{"key": "", "value": ""}', Record(b"", b"", None)),
        ('{"key": null, "value": "+/+/"}', Record(None, b"\xfb\xff\xbf", None)),
        ('{"key": "a2V5", "value": null}', Record(b"key", None, None)),
        ('{"value": "S2Fma2E=", "partition": 2}', Record(None, b"Kafka", 2)),
    ],
)
def test_binary_is_stored_decoded(record, stored):
    assert parse(f'{{"records": [{record}]}}'.encode(), BINARY) == [stored]


def test_records_keep_their_order():
    body = b'{"records": [{"value": 3}, {"value": 1, "partition": 1}, {"key": 9, "value": 2}]}'
    assert parse(body, JSON) == [Record(None, b"3", None), Record(None, b"1", 1), Record(b"9", b"2", None)]


def test_fields_beside_the_records_do_not_matter():
    assert parse(b'{"value_schema_id": 1, "records": [{"value": 1}]}', JSON) == [Record(None, b"1", None)]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json", "application/octet-stream", "application/vnd.kafka.v2+json"]
)
@pytest.mark.parametrize("body", [b'{"records": [{"value": 1}]}', b"no JSON"])
def test_another_content_type_is_refused_before_the_body_is_looked_at(content_type, body):
    message = (
        "HTTP 415 Unsupported Media Type: "
        "send application/vnd.kafka.json.v2+json or application/vnd.kafka.binary.v2+json"
    )
    assert problem(body, content_type) == (415, 415, message)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"records",
        b'{"records": [{"value": 1}]',
        b'{"records": [{"value": 1}]} {}',
        b'{"records": [{"value": NaN}]}',
        b'{"records": [{"value": "\xff"}]}',  # no UTF-8
        b'{"records": [{"value": ' + b"[" * 2000 + b"]" * 2000 + b"}]}",
    ],
)
@pytest.mark.parametrize("content_type", [JSON, BINARY])
def test_a_body_that_is_not_json_is_a_bad_request(body, content_type):
    status, code, message = problem(body, content_type)
    assert (status, code) == (400, 400)
    assert message.startswith("Bad Request: the body is not JSON: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"null", "the body is no JSON object"),
        (b"[]", "the body is no JSON object"),
        (b'[{"value": 1}]', "the body is no JSON object"),
        (b'"records"', "the body is no JSON object"),
        (b"{}", "records may not be null or empty"),
        (b'{"records": null}', "records may not be null or empty"),
        (b'{"records": []}', "records may not be null or empty"),
        (b'{"records": {"value": 1}}', "records may not be null or empty"),
        (b'{"records": "abc"}', "records may not be null or empty"),
        (b'{"Records": [{"value": 1}]}', "records may not be null or empty"),
        (b'{"records": [{}]}', "records[0].value is missing"),
        (b'{"records": [{"key": "k"}]}', "records[0].value is missing"),
        (b'{"records": [{"value": 1}, null]}', "records[1].value is missing"),
        (b'{"records": [{"value": 1}, {"value": 2}, "value"]}', "records[2].value is missing"),
        (b'{"records": [["value"]]}', "records[0].value is missing"),
        (b'{"records": [{"value": 1, "partition": -1}]}', "records[0].partition is no partition number"),
        (b'{"records": [{"value": 1, "partition": "0"}]}', "records[0].partition is no partition number"),
        (b'{"records": [{"value": 1, "partition": 1.0}]}', "records[0].partition is no partition number"),
        (b'{"records": [{"value": 1, "partition": true}]}', "records[0].partition is no partition number"),
        (b'{"records": [{"value": 1, "partition": []}]}', "records[0].partition is no partition number"),
        # librdkafka's partitions are 32-bit integers
        (b'{"records": [{"value": 1, "partition": 2147483648}]}', "records[0].partition is no partition number"),
    ],
)
@pytest.mark.parametrize("content_type", [JSON, BINARY])
def test_json_without_proper_records_is_unprocessable(body, message, content_type):
    body = body.replace(b'"value": 1', b'"value": "AQ=="').replace(b'"value": 2', b'"value": "Ag=="')
    assert problem(body, content_type) == (422, 422, message)


@pytest.mark.parametrize(
    "record",
    [
        b'{"value": "S2Fma2E"}',  # no padding
        b'{"value": "S2Fm a2E="}',
        b'{"value": "-_-_"}',  # the alphabet for URLs
        b'{"value": "\xc3\xa9"}',
        b'{"value": 1}',
        b'{"value": true}',
        b'{"value": {}}',
        b'{"value": ["AQ=="]}',
        b'{"key": "!", "value": "AQ=="}',
        b'{"key": 1, "value": "AQ=="}',
    ],
)
def test_binary_that_is_not_base64_is_unprocessable(record):
    body = b'{"records": [{"value": "AQ=="}, ' + record + b"]}"
    assert problem(body, BINARY) == (422, 422, "records[1] is not in base64")


def test_values_are_stored_at_200_levels_and_refused_at_1000():
    def body(levels):
        return b'{"records": [{"value": 1}, {"value": ' + b"[" * levels + b"]" * levels + b"}]}"

    assert parse(body(200), JSON)[1] == Record(None, b"[" * 200 + b"]" * 200, None)
    assert problem(body(1000)) == (422, 422, "records[1] is nested too deep")


def test_integers_beyond_64_bits_become_doubles():
    """A known difference from Confluent's proxy, which keeps every digit; README.md names it."""
    body = b'{"records": [{"value": 18446744073709551616}]}'
    assert parse(body, JSON) == [Record(None, b"1.8446744073709552e+19", None)]
