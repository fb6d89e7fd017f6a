"""A query that nothing disturbs."""

import json
from datetime import UTC, datetime

from jobs.kinesis import KinesisDataSource
from tests.unit.jobs.kinesis.simulator import name


def test_a_record_becomes_a_row(kinesis, start):
    [number] = kinesis.put("a")
    assert start().trigger() == [
        {
            "partitionKey": "a",
            "data": b"a",
            "stream": "pins",
            "shardId": "shardId-000000000000",
            "sequenceNumber": number,
            "approximateArrivalTimestamp": datetime(2027, 1, 15, 8, tzinfo=UTC),
            "subSequenceNumber": 0,
        }
    ]


def test_an_answer_in_another_form_is_left_to_botocore(kinesis, start, monkeypatch):
    def with_text(body):
        answer = get_records(body)
        for record in answer["Records"]:
            record["ApproximateArrivalTimestamp"] = "2027-01-15T08:00:00Z"
        return answer

    get_records = kinesis._GetRecords
    monkeypatch.setattr(kinesis, "_GetRecords", with_text)
    kinesis.put("a")
    [row] = start().trigger()
    assert (row["data"], row["approximateArrivalTimestamp"]) == (b"a", datetime(2027, 1, 15, 8, tzinfo=UTC))


def test_each_record_is_read_once_and_from_kinesis_once(kinesis, start):
    kinesis.make(2)
    query = start()
    found = []
    for n in range(5):
        kinesis.put(f"left{n}")
        kinesis.put(f"right{n}", shard=1)
        found.append(query.texts())
        assert query.fetched()
    assert found == [[f"left{n}", f"right{n}"] for n in range(5)]
    assert query.texts() == []
    iterators = kinesis.called("GetShardIterator")
    assert sorted((body["ShardId"], body["ShardIteratorType"]) for body in iterators) == [
        (name(0), "TRIM_HORIZON"),
        (name(1), "TRIM_HORIZON"),
    ]


def test_a_stream_by_its_arn(kinesis, start):
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/pins"
    kinesis.put("a")
    assert [row["stream"] for row in start(streamName="", streamARN=arn).trigger()] == ["pins"]
    assert {(call, body["StreamARN"]) for call, body in kinesis.calls} == {
        ("ListShards", arn),
        ("GetShardIterator", arn),
        ("GetRecords", arn),
    }


def test_shards_are_listed_page_by_page(kinesis, start):
    kinesis.page = 2
    kinesis.make(5)
    for shard in range(5):
        kinesis.put(f"{shard}", shard=shard)
    assert start().texts() == ["0", "1", "2", "3", "4"]


def test_empty_answers_before_the_tip_are_gone_through(kinesis, clock, start):
    kinesis.put("a")
    clock.sleep(60)
    kinesis.gaps = 7
    assert start().texts() == ["a"]


def test_a_fetch_that_takes_too_long_ends_where_it_is(kinesis, start):
    kinesis.put("a")
    kinesis.gaps = 20
    query = start(maxFetchDuration="1s")
    assert [query.texts() for _ in range(5)] == [[], [], [], ["a"], []]


def test_latest_is_the_moment_of_the_start(kinesis, clock, start):
    kinesis.put("old")
    clock.sleep(1)
    query = start(initialPosition="latest")
    assert query.texts() == []
    kinesis.put("new")
    clock.sleep(1)
    assert query.texts() == ["new"]


def test_a_first_offset_asked_for_later_does_not_move_latest(kinesis, clock, start):
    reader = start(initialPosition="latest").reader
    first = reader.latestOffset()
    clock.sleep(10)
    kinesis.put("a")
    clock.sleep(10)
    assert reader.initialOffset()[name(0)]["start"] == first[name(0)]["start"] == 1_800_000_000.0
    assert len(reader.partitions(reader.initialOffset(), reader.latestOffset())) == 1


def test_from_a_moment(kinesis, clock, start):
    kinesis.put("before")
    clock.sleep(60)
    kinesis.put("after")
    clock.sleep(60)
    assert start(initialPosition='{"at_timestamp": "2027-01-15T08:01:00Z"}').texts() == ["after"]


def test_up_to_a_moment(kinesis, clock, start):
    query = start(endingPosition='{"at_timestamp": "2027-01-15T08:01:00Z"}')
    kinesis.put("a")
    assert query.texts() == ["a"]
    clock.sleep(60)
    kinesis.put("b")
    clock.sleep(60)
    kinesis.put("late")
    assert query.texts() == ["b"]
    kinesis.put("later")
    assert [query.texts(), query.texts()] == [[], []]
    query.restart(endingPosition='{"at_timestamp": "2027-01-15T09:00:00Z"}')
    assert query.texts() == ["late", "later"]


def test_what_arrived_out_of_order_behind_the_end_is_left_to_the_next_run(kinesis, clock, start):
    """Arrival times are approximate: a record behind the end may be followed by one that is not."""
    moment = clock.now
    clock.sleep(120)
    kinesis.put("a", arrival=moment)
    kinesis.put("behind", arrival=moment + 61)
    kinesis.put("before", arrival=moment + 60)
    query = start(endingPosition='{"at_timestamp": "2027-01-15T08:01:00Z"}')
    assert query.drain() == ["a"]
    assert query.offset()[name(0)]["asOf"] == moment * 1000
    del query.options["endingPosition"]
    query.restart()
    assert query.drain() == ["behind", "before"]


def test_an_expired_iterator_is_replaced_where_it_was(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    assert query.texts() == ["a"]
    clock.sleep(301)
    [number] = kinesis.put("b")
    assert query.texts() == ["b"]
    clock.sleep(301)
    assert query.texts() == []
    assert kinesis.called("GetShardIterator")[-1]["StartingSequenceNumber"] == number


def test_an_iterator_that_expires_before_anything_was_read(kinesis, clock, start):
    query = start(initialPosition="latest")
    assert query.texts() == []
    kinesis.put("a")
    clock.sleep(3600)
    assert query.texts() == ["a"]


def test_the_schema_is_told_without_kinesis():
    schema = KinesisDataSource({"streamName": "pins"}).schema()
    assert [column.split()[0] for column in schema.split(", ")] == [
        "partitionKey",
        "data",
        "stream",
        "shardId",
        "sequenceNumber",
        "approximateArrivalTimestamp",
        "subSequenceNumber",
    ]


def test_offsets_are_the_same_text_for_the_same_positions(kinesis, start):
    kinesis.make(3)
    for shard in (2, 0, 1):
        kinesis.put("a", shard=shard)
    query = start()
    query.trigger()
    text = query.log[-1]
    assert list(json.loads(text)) == [name(0), name(1), name(2)]
    kinesis.shards = dict(reversed(kinesis.shards.items()))  # listed in another order
    query.restart()
    assert json.dumps(query.reader.latestOffset()) == text
    assert list(start().reader.latestOffset()) == [name(0), name(1), name(2)]
