"""Records of Kinesis as lines, which event of a key is its last, and what becomes of lines that are no events."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError, RLock

from jobs.contract import SCHEMAS
from jobs.spark.intake import latest, reject
from jobs.spark.stream import stream_lines

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


class Rejected:
    """The table, which notices when it has grown between being read and being appended to; Delta then refuses."""

    def __init__(self, spark):
        self.spark, self.held, self.refused = spark, [], 0
        self.both, self.lock = Barrier(2, timeout=2), RLock()

    def rows(self):
        read = list(self.held)
        with suppress(BrokenBarrierError):
            self.both.wait()
        self.read = len(read)
        return self.spark.createDataFrame(read, SCHEMAS["rejected"])

    def append(self, rows):
        found = [tuple(row) for row in rows.collect()]
        self.refused += len(self.held) != self.read
        self.held += found


def test_two_topics_put_lines_into_rejected_one_after_the_other(spark):
    table, schema = Rejected(spark), "topic string, position string, raw string, reason string"
    topics = [spark.createDataFrame([(topic, "0/1", "x", "not JSON")] * 2, schema) for topic in ("a.pin", "a.geo")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda refused: reject(refused, table, "kafka"), topics))
    assert table.refused == 0
    assert sorted(row[:5] for row in table.held) == [
        ("kafka", "a.geo", "0/1", "x", "not JSON"),
        ("kafka", "a.pin", "0/1", "x", "not JSON"),
    ]
