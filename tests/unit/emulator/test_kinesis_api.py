"""The stream lane's door against a real server with scripted answers; nothing sleeps but on the test's clock."""

import hashlib

import aiohttp
import pytest
from aiohttp import web

from emulator import api as module
from emulator.backoff import Backoff, RetryPolicy
from emulator.kinesis_api import KinesisApi
from emulator.source import Row
from pipeline.errors import UserError
from tests.unit.emulator.answers import Pauses, late, reset, status, truncated

MIB = 1024 * 1024


def kinesis_error(kind, message, code=400):
    return status(code, b'{"__type":"%b","message":"%b"}' % (kind.encode(), message.encode()))


def failing(api, *places):
    """Stores all records but those in these places, which it gives an error, as Kinesis does."""

    async def answer(request, records):
        stream, answers = request.match_info["target"], []
        for n, record in enumerate(records):
            if n in places:
                answers.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"})
            else:
                answers.append({"SequenceNumber": str(len(api.stored[stream])), "ShardId": "shardId-0"})
                api.stored[stream].append((record["key"], record["value"]))
        return web.json_response({"FailedRecordCount": len(places), "Records": answers})

    return answer


class Door:
    """A KinesisApi whose pauses are noted, and pass in no time."""

    def __init__(self, url, session, patience=120.0):
        self.told, pauses = [], Pauses()
        self.pauses, policy = pauses.slept, RetryPolicy(patience=patience)
        self.door = KinesisApi(
            session, url, "the-key", lambda: Backoff(policy, pauses.sleep, pauses.clock), self.told.append
        )

    async def put(self, *rows, stream="s"):
        return await self.door.produce(stream, [self.door.as_record(row) for row in rows])


def rows(*keys):
    """A row a key; its value says which it is."""
    return [Row(key, b'"%s %d"' % (str(key).encode(), n), n) for n, key in enumerate(keys)]


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def door(api, session):
    return Door(api.url, session)


async def refused(door, *rows_):
    with pytest.raises(UserError) as error:
        await door.put(*rows_)
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_a_batch_is_one_put_records_byte_for_byte(api, door):
    value = '{"index": 1,  "title":"Ü 😍 100%b \\u00fc"}'.encode()
    assert await door.put(Row("1", value, 0), Row('5"é', b'{"index":"5"}', 1), stream="0a1b-pin") == []
    body = b'{"records":[{"data":' + value + b',"partition-key":"1"},'
    body += '{"data":{"index":"5"},"partition-key":"5\\"é"}]}'.encode()
    assert api.requests == [("PUT", "/streams/0a1b-pin/records", body)]
    assert api.headers[0]["Content-Type"] == "application/json"
    assert api.headers[0]["x-api-key"] == "the-key"
    assert door.pauses == []


async def test_a_single_record_is_a_put_record_byte_for_byte(api, door):
    value = '{"index": 1,  "title":"Ü 😍 100%b"}'.encode()
    assert await door.put(Row('5"é', value, 0), stream="0a1b-pin") == []
    body = b'{"StreamName":"0a1b-pin","Data":' + value + ',"PartitionKey":"5\\"é"}'.encode()
    assert api.requests == [("PUT", "/streams/0a1b-pin/record", body)]


@pytest.mark.parametrize(
    ("key", "partition_key"),
    [
        ("7528", "7528"),
        ("é" * 256, "é" * 256),
        ("é" * 257, hashlib.sha256(("é" * 257).encode()).hexdigest()),
        ("", hashlib.sha256(b"").hexdigest()),
        (None, hashlib.sha256(b'{"a":1}').hexdigest()),
    ],
    ids=["a key", "the longest", "too long", "empty", "none"],
)
async def test_every_row_has_a_partition_key_that_kinesis_takes(api, door, key, partition_key):
    await door.put(Row(key, b'{"a":1}', 0))
    assert api.stored["s"] == [(partition_key, {"a": 1})]


async def test_rows_without_a_key_do_not_share_one(api, door):
    await door.put(Row(None, b'{"a":1}', 0), Row(None, b'{"a":2}', 1))
    assert len(set(api.keys("s"))) == 2


THROTTLED = "ProvisionedThroughputExceededException"


@pytest.mark.parametrize(
    "answers",
    [
        [kinesis_error(THROTTLED, "Rate exceeded for shard")] * 2,
        [kinesis_error("com.amazonaws.kinesis#KMSThrottlingException", "slow down")],
        [kinesis_error("LimitExceededException", "slow down")],
        [kinesis_error("InternalFailure", "", 500)],
        [status(429)],
        [status(500), status(502), status(503), status(504)],
        [truncated],
        [late],
    ],
    ids=["throttled", "KMS throttled", "limit", "internal", "429", "5xx", "truncated", "timeout"],
)
@pytest.mark.parametrize("keys", ["a", "ab"], ids=["PutRecord", "PutRecords"])
async def test_what_may_pass_is_tried_again_until_it_has(api, door, monkeypatch, answers, keys):
    if late in answers:  # a busy machine is late with other answers as well
        monkeypatch.setattr(module, "TIMEOUT", aiohttp.ClientTimeout(total=1))
    api.script = list(answers)
    await door.put(*rows(*keys))
    assert api.sent == [("s", list(keys))] * (len(answers) + 1)
    assert api.keys("s") == list(keys)
    assert door.door.retries == len(door.pauses) == len(answers)


async def test_a_connection_that_breaks_is_made_again(api, door):
    api.script = [reset] * 6
    await door.put(*rows("a", "b"))
    assert api.sent == [("s", ["a", "b"])] * 7
    assert api.keys("s") == ["a", "b"]
    assert len(door.pauses) == 3  # aiohttp repeats each PUT once by itself


async def test_only_the_failed_records_and_later_ones_of_their_keys_are_sent_again(api, door):
    api.script = [failing(api, 1)]
    assert await door.put(*rows("a", "b", "c", "b", "a")) == []
    assert api.sent == [("s", ["a", "b", "c", "b", "a"]), ("s", ["b", "b"])]
    assert [value for _, value in api.stored["s"]] == ["a 0", "c 2", "b 3", "a 4", "b 1", "b 3"]
    assert len(door.pauses) == 1


async def test_a_single_record_that_failed_goes_again_by_itself(api, door):
    api.script = [failing(api, 1)]
    await door.put(*rows("a", "b", "c"))
    assert [path for _, path, _ in api.requests] == ["/streams/s/records", "/streams/s/record"]
    assert api.keys("s") == ["a", "c", "b"]


async def test_records_of_one_key_end_in_their_order_however_often_some_fail(api, door):
    api.script = [failing(api, 0, 2), failing(api, 1), failing(api, 0)]
    await door.put(*rows("a", "a", "a", "b"))
    # By attempt; whatever is stored again, the last of each come in their order.
    assert [value for _, value in api.stored["s"]] == ["a 1", "b 3", "a 0", "a 2", "a 2", "a 1", "a 2"]


async def test_a_record_that_always_fails_ends_in_its_reason(api, door):
    api.script = [failing(api, 1), *[failing(api, 0, 1)] * 100]
    message = await refused(door, *rows("a", "b", "b"))
    assert message == f"gave up after 120 s without success: s: 2 records not stored: {THROTTLED}: Rate exceeded"


async def test_throttling_that_lasts_is_told_once_and_ends_in_its_reason(api, door):
    api.script = [kinesis_error(THROTTLED, "Rate exceeded")] * 100
    reason = f"s: {THROTTLED}: Rate exceeded"
    assert await refused(door, *rows("a")) == f"gave up after 120 s without success: {reason}"
    assert door.told == [f"trying again: {reason}"]


@pytest.mark.parametrize(
    "answer",
    [
        status(413),
        kinesis_error("InvalidArgumentException", "Records size exceeds 5 MB limit"),
        kinesis_error(
            "ValidationException",
            "1 validation error detected: Value at 'records.1.member.data' failed to satisfy constraint: "
            "Member must have length less than or equal to 1048576",
        ),
    ],
    ids=["API", "request", "record"],
)
async def test_a_request_that_is_too_large_is_halved_and_a_row_named(api, door, answer):
    api.script = [answer, None, answer, answer]
    assert await refused(door, *rows("a", "b", "big", "c")) == "s: the row with key big (10 bytes) is too large"
    assert [keys for _, keys in api.sent] == [["a", "b", "big", "c"], ["a", "b"], ["big", "c"], ["big"]]


@pytest.mark.parametrize(("size", "sent"), [(MIB - 1, True), (MIB, False)], ids=["1 MiB", "a byte more"])
async def test_a_record_has_at_most_1_mib_of_data_and_key(api, door, size, sent):
    row = Row("k", b'"' + b"a" * (size - 2) + b'"', 0)
    if sent:
        await door.put(row)
    else:
        assert await refused(door, row) == "s: the row with key k (1,048,577 bytes) is too large"
    assert api.keys("s") == (["k"] if sent else [])


async def test_what_stands_before_a_row_that_is_too_large_is_stored(api, door):
    message = await refused(door, *rows("a", "b"), Row("big", b"1" * MIB, 2), *rows("c"))
    assert message == "s: the row with key big (1,048,579 bytes) is too large"
    assert api.keys("s") == ["a", "b"]


def test_a_record_is_weighed_as_kinesis_does():
    door = KinesisApi(None, "", None, None, None)
    assert door.weigh(door.as_record(Row("é", b'{"a":1}', 0))) == 9
    assert door.MAX_REQUEST == 5 * MIB


DENIED = "User: arn:aws:sts::0:assumed-role/api/x is not authorized to perform: kinesis:PutRecord on resource: s"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            kinesis_error("ResourceNotFoundException", "Stream s under account 000000000000 not found."),
            "stream s does not exist: make it with `make infra`",
        ),
        (
            kinesis_error("AccessDeniedException", DENIED),
            f"Kinesis denies access to s ({DENIED}): do `make infra`, which lets the API in",
        ),
        (
            kinesis_error("KMSDisabledException", "the key\\nis disabled"),
            "s: Kinesis refuses the request (KMSDisabledException: the key is disabled)",
        ),
        (
            status(403, b'{"message":"Forbidden"}'),
            "the API refuses the key (403: Forbidden): check API_KEY, or unset it to use the estate's",
        ),
        (
            status(403, b'{"message":"The security token included in the request is expired"}'),
            "the AWS credentials have expired (403: The security token included in the request is expired): "
            "sign in to AWS anew",
        ),
        (
            status(404, b"<html>\nNot\n Found</html>"),
            "nothing takes records at {url} (404: <html> Not Found</html>): is the address right, "
            "is `make infra` done?",
        ),
        (
            status(400, b'{"message":"Invalid request body"}'),
            "{url} refuses records for s (400: Invalid request body)",
        ),
        (status(415, b"[]"), "{url} refuses records for s (415: [])"),
        *(
            (
                status(200, body),
                "{url} answers 200 without a sequence number for each record: it is no way into Kinesis",
            )
            for body in (b"{}", b"[]", b"<html>hello</html>", b'{"offsets":[{"partition":0,"offset":1}]}')
        ),
    ],
)
async def test_what_will_not_pass_is_told_at_once(api, door, answer, told):
    api.script = [answer]
    assert await refused(door, *rows("a")) == told.replace("{url}", api.url)
    assert (len(api.sent), door.pauses) == (1, [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"x"}]}',
        b'{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1"},{}]}',
        b'{"SequenceNumber":"1","ShardId":"x"}',
        b'{"Records":"no"}',
    ],
)
async def test_an_answer_that_leaves_a_record_out_acknowledges_none(api, door, body):
    api.script = [status(200, body)]
    assert "without a sequence number for each record" in await refused(door, *rows("a", "b"))


async def test_an_address_that_is_none_is_told_at_once(session):
    message = await refused(Door("ftp://127.0.0.1:1", session), *rows("a"))
    assert message == "ftp://127.0.0.1:1 is no address to PUT to: it looks like http://host:port/path"
