"""The way past the API, with the real SDK against a server that speaks Kinesis' protocol."""

import asyncio
import socket
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.backoff import Backoff, RetryPolicy
from emulator.doors import door_to
from emulator.kinesis_sdk import KinesisSdk, kinesis_client
from emulator.source import Row
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import load
from tests.unit.emulator.answers import Pauses
from tests.waiting import PATIENCE


def error(kind, message, code=400):
    return lambda arguments: (code, {"__type": kind, "message": message})


class Door:
    """A KinesisSdk whose pauses are noted, and pass in no time."""

    def __init__(self, estate, patience=120.0):
        self.told, pauses = [], Pauses()
        self.pauses, policy = pauses.slept, RetryPolicy(patience=patience)
        self.threads = ThreadPoolExecutor(1)
        self.door = KinesisSdk(
            kinesis_client(estate),
            self.threads,
            lambda: Backoff(policy, pauses.sleep, pauses.clock),
            self.told.append,
        )

    async def put(self, *keys, stream="s"):
        rows = [Row(key, b'"%s %d"' % (str(key).encode(), n), n) for n, key in enumerate(keys)]
        return await self.door.produce(stream, [self.door.as_record(row) for row in rows])

    async def refused(self, *keys):
        with pytest.raises(UserError) as error:
            await self.put(*keys)
        assert "\n" not in str(error.value)
        return str(error.value)


@pytest.fixture
def new_door(new_estate):
    doors = []

    def make(url, **kwargs):
        doors.append(Door(new_estate(aws_endpoint_url=url), **kwargs))
        return doors[-1]

    yield make
    for door in doors:
        door.threads.shutdown()


@pytest.fixture
def door(kinesis, new_door):
    return new_door(kinesis.url)


def entry(key, data):
    return {"Data": b64encode(data).decode(), "PartitionKey": key}


async def test_a_batch_is_one_put_records_and_a_single_record_a_put_record(kinesis, door):
    assert await door.put("a", "é", stream="0a1b-pin") == []
    assert await door.put("a", stream="0a1b-geo") == []
    assert kinesis.calls == [
        (
            "PutRecords",
            {"StreamName": "0a1b-pin", "Records": [entry("a", b'"a 0"'), entry("é", '"é 1"'.encode())]},
        ),
        ("PutRecord", {"StreamName": "0a1b-geo", **entry("a", b'"a 0"')}),
    ]
    assert door.pauses == []


def failing(kinesis, *places):
    """Stores all records but those in these places."""

    def answer(arguments):
        failed = {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."}
        answers = [
            failed if n in places else kinesis.store(arguments["StreamName"], record)
            for n, record in enumerate(arguments["Records"])
        ]
        return 200, {"FailedRecordCount": len(places), "Records": answers}

    return answer


async def test_only_the_failed_records_and_later_ones_of_their_keys_are_sent_again(kinesis, door):
    kinesis.script = [failing(kinesis, 1)]
    await door.put("a", "b", "c", "b", "a")
    assert [data for _, data in kinesis.shards["s"]["shard-0"]] == [
        *(b'"a 0"', b'"c 2"', b'"b 3"', b'"a 4"'),
        *(b'"b 1"', b'"b 3"'),
    ]
    assert (len(kinesis.calls), len(door.pauses)) == (2, 1)


@pytest.mark.parametrize(
    "answer",
    [
        error("ProvisionedThroughputExceededException", "Rate exceeded"),
        error("ThrottlingException", "Rate exceeded"),
        error("LimitExceededException", "Rate exceeded"),
        error("KMSThrottlingException", "Rate exceeded"),
        error("InternalFailure", "", 500),
        error("Unheard", "", 503),
        "reset",
    ],
    ids=["throughput", "throttled", "limit", "KMS", "500", "503", "reset"],
)
async def test_what_may_pass_is_tried_again_by_our_clock_alone(kinesis, door, answer):
    kinesis.script = [answer, answer]
    await door.put("a", "b")
    assert [operation for operation, _ in kinesis.calls] == ["PutRecords"] * 3
    assert kinesis.keys("s") == ["a", "b"]
    assert door.door.retries == len(door.pauses) == 2


@pytest.mark.parametrize("mode", ["legacy", "standard"])
async def test_the_sdk_does_not_try_again_by_itself_whatever_it_is_told(kinesis, new_door, monkeypatch, mode):
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    kinesis.script = [error("ProvisionedThroughputExceededException", "Rate exceeded")]
    door = new_door(kinesis.url)
    await door.put("a")
    assert (len(kinesis.calls), len(door.pauses)) == (2, 1)


async def test_nobody_listening_is_tried_again_until_patience_is_at_its_end(new_door):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        door = new_door(f"http://127.0.0.1:{taken.getsockname()[1]}", patience=60)
        message = await door.refused("a")
    assert message.startswith("gave up after 60 s without success: s: Kinesis does not answer (Could not connect to ")
    assert 45 < sum(door.pauses) <= 60


async def test_a_request_that_kinesis_finds_too_large_is_halved(kinesis, door):
    kinesis.script = [error("InvalidArgumentException", "Records size exceeds 5 MB limit")]
    await door.put("a", "b", "c")
    assert [len(arguments.get("Records", [1])) for _, arguments in kinesis.calls] == [3, 2, 1]
    assert kinesis.keys("s") == ["a", "b", "c"]


DENIED = "User: arn:aws:iam::0:user/me is not authorized to perform: kinesis:PutRecord on resource: s"
CHECK = "check AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            error("ResourceNotFoundException", "Stream s under account 000000000000 not found."),
            "stream s does not exist: make it with `make infra`",
        ),
        (
            error("AccessDeniedException", DENIED),
            f"Kinesis denies access to s ({DENIED}): "
            "have kinesis:PutRecord and kinesis:PutRecords on it allowed to these AWS credentials, or use others",
        ),
        (
            error("ExpiredTokenException", "The security token included in the request is expired"),
            "the AWS credentials have expired "
            "(ExpiredTokenException: The security token included in the request is expired): sign in to AWS anew",
        ),
        (
            error("UnrecognizedClientException", "The security token included in the request is invalid."),
            "AWS does not know the credentials "
            f"(UnrecognizedClientException: The security token included in the request is invalid.): {CHECK}",
        ),
        (
            error("InvalidSignatureException", "Signature expired: 20240517T062414Z is now earlier than\n2024"),
            "AWS finds the time of the signature wrong (InvalidSignatureException: "
            "Signature expired: 20240517T062414Z is now earlier than 2024): set this machine's clock",
        ),
        (
            error("InvalidArgumentException", ""),
            "s: Kinesis refuses the request (InvalidArgumentException: no reason given)",
        ),
    ],
)
async def test_what_will_not_pass_is_told_at_once(kinesis, door, answer, told):
    kinesis.script = [answer]
    assert await door.refused("a") == told
    assert (len(kinesis.calls), door.pauses) == (1, [])


NOWHERE = {
    "AWS_CONFIG_FILE": "absent",
    "AWS_SHARED_CREDENTIALS_FILE": "absent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


async def test_no_credentials_are_told_with_what_to_do(kinesis, new_door, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    assert await new_door(None).refused("a") == (
        "the AWS credentials cannot be used (Unable to locate credentials): sign in to AWS, "
        "or set AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
    )


def test_a_profile_that_is_not_there_is_told(new_estate, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UserError, match=r"^the AWS credentials cannot be used \(The config profile \(nobody\) could"):
        kinesis_client(new_estate())


async def test_each_lane_has_a_thread_of_its_own(kinesis, new_estate, monkeypatch):
    together = threading.Barrier(20, timeout=PATIENCE)
    client = Estate.client

    def meet(**_):
        together.wait()

    def meeting(estate, *service):
        made = client(estate, *service)
        made.meta.events.register("before-send.kinesis", meet)
        return made

    monkeypatch.setattr(Estate, "client", meeting)
    opened = door_to(load(lane="stream", direct=True, concurrency=20), new_estate(aws_endpoint_url=kinesis.url))
    async with opened(lambda: Backoff(RetryPolicy(), asyncio.sleep), print) as door:
        row = door.as_record(Row("a", b"{}", None))
        await asyncio.gather(*(door.produce("s", [row]) for _ in range(20)))
    assert kinesis.keys("s") == ["a"] * 20
