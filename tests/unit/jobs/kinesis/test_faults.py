"""Kinesis refuses, fails and hangs up: nothing is lost, nothing comes twice."""

import pytest

from jobs.kinesis import KinesisError
from tests.unit.jobs.kinesis.simulator import RESET

FAULTS = [
    (400, "ProvisionedThroughputExceededException"),
    (400, "LimitExceededException"),
    (400, "KMSThrottlingException"),
    (500, "InternalFailure"),
    (502, "BadGateway"),
    (429, "TooManyRequests"),
    RESET,
]
CALLS = ["ListShards", "GetShardIterator", "GetRecords", "DescribeStreamSummary"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_faults_lose_nothing_and_double_nothing(kinesis, clock, start, call, fault):
    """Each call fails three times in a row; and again after a restart, in a micro-batch that is done once more."""
    kinesis.retention_hours = 168
    kinesis.make(2)
    kinesis.put(*"abcde")
    kinesis.put(*"vwxyz", shard=1)
    kinesis.split(0)
    kinesis.put("f", shard=2)
    clock.pass_hours(30)  # so that what the retention has taken has to be looked into
    query = start(maxRecordsPerFetch="2", initialPosition='{"at_timestamp": "2027-01-15T08:00:00Z"}')
    kinesis.faults[call] = [fault] * 3
    assert sorted(text for _ in range(8) for text in query.texts()) == list("abcdefvwxyz")
    assert kinesis.faults[call] == []

    kinesis.put(*"ghi", shard=2)
    clock.pass_hours(30)
    query.trigger(crash=True)
    query.restart()
    kinesis.faults[call] = [fault] * 3
    assert query.texts() == list("ghi")
    assert [query.texts() for _ in range(5)] == [[]] * 5
    assert kinesis.faults[call] == []


def test_a_fault_in_the_middle_of_a_micro_batch_ends_it_there(kinesis, start):
    query = start(maxRecordsPerFetch="1")
    query.trigger()
    kinesis.put(*"abc")
    kinesis.faults["GetRecords"] = [None, (500, "InternalFailure")]
    assert query.texts() == ["a"]
    assert query.fetched()
    assert [query.texts(), query.texts()] == [["b", "c"], []]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_up_to_a_moment_all_is_read_however_ill_kinesis_is(kinesis, start, fault):
    """A micro-batch without records would be taken for the end: `processAllAvailable` waits for no more."""
    query = start(maxRecordsPerFetch="1", endingPosition='{"at_timestamp": "2027-01-15T09:00:00Z"}')
    kinesis.put(*"abc")
    kinesis.faults["GetRecords"] = [None, *[fault] * 4, None, fault, fault]
    assert query.drain() == ["a", "b", "c"]
    assert kinesis.faults["GetRecords"] == []


def test_up_to_a_moment_children_are_awaited_however_ill_kinesis_is(kinesis, start):
    query = start(endingPosition='{"at_timestamp": "2027-01-15T09:00:00Z"}', shardFetchInterval="1h")
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("child", shard=1)
    kinesis.faults["ListShards"] = [None, RESET, RESET, RESET]
    assert query.drain() == ["parent", "child"]
    assert kinesis.faults["ListShards"] == []


def test_a_fault_in_the_middle_of_a_micro_batch_that_is_done_again(kinesis, start):
    query = start(maxRecordsPerFetch="1")
    kinesis.put(*"abc")
    query.trigger(crash=True)
    query.restart()
    kinesis.faults["GetRecords"] = [None, (500, "InternalFailure"), None, RESET, RESET]
    assert [query.texts(), query.texts()] == [["a", "b", "c"], []]


def test_shards_do_not_wait_for_one_that_fails(kinesis, start):
    kinesis.make(2)
    query = start()
    query.trigger()
    kinesis.put("a")
    kinesis.put("b", shard=1)
    kinesis.faults["GetRecords"] = [RESET]
    first, second = query.texts(), query.texts()
    assert (len(first), len(second)) == (1, 1)
    assert sorted(first + second) == ["a", "b"]


def test_an_expired_iterator_whose_successor_fails(kinesis, clock, start):
    query = start()
    kinesis.put("a")
    query.trigger()
    clock.sleep(301)
    kinesis.put("b")
    kinesis.faults["GetRecords"] = [None, RESET]
    assert [query.texts(), query.texts(), query.texts()] == [[], ["b"], []]


def test_an_iterator_that_expires_again_at_once(kinesis, start, caplog):
    query = start()
    kinesis.put("a")
    kinesis.faults["GetRecords"] = [(400, "ExpiredIteratorException")] * 2
    assert [query.texts(), query.texts()] == [[], ["a"]]
    assert caplog.messages == [
        "stream pins: GetRecords of shardId-000000000000: ExpiredIteratorException (as the test wants it); "
        "will try again"
    ]


def test_a_failure_that_goes_on_for_five_minutes_ends_the_query(kinesis, clock, start):
    query = start()
    query.trigger()
    kinesis.faults["GetRecords"] = [(500, "InternalFailure")] * 100
    for _ in range(6):
        clock.sleep(60)
        query.trigger()
    clock.sleep(1)
    with pytest.raises(
        KinesisError, match=r"^stream pins: GetRecords of shardId-0+: InternalFailure \(as the test want"
    ):
        query.trigger()


def test_failures_with_successes_between_them_do_not_add_up(kinesis, clock, start):
    query = start()
    query.trigger()
    for _ in range(10):
        kinesis.faults["GetRecords"] = [(500, "InternalFailure")]
        query.trigger()
        clock.sleep(200)
        query.trigger()
    kinesis.put("a")
    assert query.texts() == ["a"]


def test_a_list_of_shards_that_fails_for_five_minutes_ends_the_query(kinesis, clock, start):
    query = start()
    query.trigger()
    kinesis.faults["ListShards"] = [(400, "LimitExceededException")] * 3
    query.trigger()
    clock.sleep(299)
    kinesis.put("a")
    assert query.texts() == ["a"]
    clock.sleep(2)
    with pytest.raises(
        KinesisError, match=r"^stream pins: ListShards: LimitExceededException .*; for 300 s: the check"
    ):
        query.trigger()


def test_lists_of_shards_that_fail_now_and_then_do_not_add_up(kinesis, clock, start):
    query = start()
    query.trigger()
    for _ in range(3):
        kinesis.faults["ListShards"] = [(400, "LimitExceededException")]
        query.trigger()
        clock.sleep(200)
        query.trigger()
    kinesis.put("a")
    assert query.texts() == ["a"]


def test_a_start_waits_for_kinesis_only_so_long(kinesis, clock, start):
    began = clock.now
    kinesis.faults["ListShards"] = [RESET] * 1000
    with pytest.raises(KinesisError, match="for 300 s: the checkpoint holds, start the query again when it is over"):
        start().trigger()
    assert 300 < clock.now - began < 320


def test_a_port_on_which_nobody_listens_is_tried_again(clock, start):
    began = clock.now
    with pytest.raises(
        KinesisError, match=r'^stream pins: ListShards: Could not connect to the endpoint URL: "http://12'
    ):
        start(endpoint="http://127.0.0.1:1").trigger()
    assert clock.now - began > 300
