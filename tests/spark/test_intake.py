"""Records of Kinesis as lines, and which event of a key is its last."""

from datetime import UTC, datetime

from jobs.intake import latest
from jobs.stream_query import stream_lines

SCHEMA = (
    "partitionKey string, data binary, stream string, shardId string, sequenceNumber string, "
    "approximateArrivalTimestamp timestamp, subSequenceNumber bigint"
)
ARRIVAL = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)


def record(data, sequence_number="1", sub_sequence_number=0):
    return ("1", bytearray(data), "a-pin", "shardId-000000000000", sequence_number, ARRIVAL, sub_sequence_number)


def lines(spark, *records):
    return stream_lines(spark.createDataFrame(list(records), SCHEMA))


def test_a_record_is_a_line_that_knows_where_it_was(spark):
    (row,) = lines(
        spark, record('{"index": 1, "title": "é 😍"}'.encode(), "49590338271490256608559692538361571095")
    ).collect()
    assert row["raw"] == '{"index": 1, "title": "é 😍"}'
    assert row["position"] == "shardId-000000000000/49590338271490256608559692538361571095"
    assert row["arrival"].astimezone(UTC) == ARRIVAL


def test_a_record_that_was_packed_with_others_knows_its_place_among_them(spark):
    found = lines(spark, record(b"a", "7", 0), record(b"b", "7", 1), record(b"c", "7", 2)).collect()
    assert [row["position"] for row in found] == [
        "shardId-000000000000/7",
        "shardId-000000000000/7/1",
        "shardId-000000000000/7/2",
    ]


def test_bytes_that_are_no_text_are_kept_as_base64(spark):
    (row,) = lines(spark, record(b"\xff\xfe")).collect()
    assert row["raw"] == "base64://4="


def test_the_last_event_of_a_key_is_that_of_the_highest_sequence_number(spark):
    """Compared as numbers: as text, "9" would come behind "10"."""
    events = lines(spark, record(b"old", "9"), record(b"new", "10", 1), record(b"middle", "10", 0))
    (row,) = latest(events.selectExpr("1 as ind", "raw", "place"), "ind").collect()
    assert row["raw"] == "new"
