"""The deployed API, live: who is let in, how much it takes, a REST proxy that dies, and its way into Kinesis."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from emulator.kafka import Kafka
from local.services import REST_PROXY
from pipeline.estate import load_estate, save_estate
from pipeline.settings import load
from tests.integration.conftest import ROOT, Running
from tests.waiting import PATIENCE

ONE = b'{"records":[{"value":1}]}'
MAX_BODY = 10_485_760  # bytes that the REST proxy takes


@dataclass(frozen=True)
class Api:
    """Calls the API as anybody could, with this key or none. Each answer is (status, content)."""

    url: str
    key: str | None

    def post(self, topic: str, body: bytes) -> tuple[int, Any]:
        return self.call("POST", f"topics/{topic}", body, "application/vnd.kafka.json.v2+json")

    def put(self, path: str, body: object, content_type: str = "application/json") -> tuple[int, Any]:
        return self.call("PUT", f"streams/{path}", json.dumps(body, ensure_ascii=False).encode(), content_type)

    def call(self, method: str, path: str, body: bytes, content_type: str) -> tuple[int, Any]:
        headers = {"Content-Type": content_type} | ({} if self.key is None else {"x-api-key": self.key})
        request = urllib.request.Request(f"{self.url}/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # API Gateway gives up after 29 s
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture
def api(running) -> Api:
    return Api(running.estate.invoke_url, running.estate.api_key())


# --- Into Kafka ----------------------------------------------------------------------------------------------------


def await_topics(running: Running, *topics: str) -> None:
    """Let the REST proxy see topics that were just made: it asks Kafka for unknown ones once a second at most."""
    deadline = time.monotonic() + PATIENCE
    while not set(topics) <= set(json.loads(running.get("topics"))):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def topic(running, new_topic) -> str:
    """A topic of the test's own, of one partition, that the REST proxy knows."""
    await_topics(running, new_topic)
    return new_topic


@pytest.fixture
def own(running, tmp_path, request) -> Running:
    """The same servers and the same API, with a STATE and three topics of the test's own for an emulator."""
    settings = load(state=tmp_path / "state", user_id=f"own-{crc32(request.node.name.encode()):08x}")
    topics = {entity: f"{settings.user_id}.{entity}" for entity in running.estate.topics}
    outputs = json.loads((running.settings.state / "estate.json").read_text())
    save_estate(settings, outputs | {"user_id": settings.user_id, "topics": topics})
    admin = AdminClient({"bootstrap.servers": running.estate.bootstrap_servers})
    wanted = [NewTopic(topic, 1, 1, config=running.estate.topic_config) for topic in topics.values()]
    for made in admin.create_topics(wanted).values():
        made.result()
    await_topics(running, *topics.values())
    return replace(running, settings=settings, estate=load_estate(settings))


@pytest.fixture
def launch() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start an emulator; what still runs after the test is killed."""
    started = []

    def start(stack: Running, **settings: object) -> subprocess.Popen[str]:
        environment = stack.environment(**{name: str(value) for name, value in settings.items()})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, "-m", "emulator"], cwd=ROOT, env=environment, **pipes))
        return started[-1]

    yield start
    for emulator in started:
        emulator.kill()
        emulator.communicate()


def stored(running: Running, topic: str) -> list[bytes]:
    """The values that the topic, of one partition, holds."""
    [end] = Kafka(running.estate).ends(topic).values()
    consumer = Consumer({"bootstrap.servers": running.estate.bootstrap_servers, "group.id": "test"})
    try:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        found: list[bytes] = []
        deadline = time.monotonic() + PATIENCE
        while len(found) < end:
            assert time.monotonic() < deadline
            found += [message.value() for message in consumer.consume(end - len(found), timeout=0.5)]
        return found
    finally:
        consumer.close()


def rows(own: Running) -> dict[str, list[int]]:
    """The rows' keys in each of the test's own topics, sorted."""
    keys = {"pin": "index", "geo": "ind", "user": "ind"}
    return {
        entity: sorted(json.loads(value)[keys[entity]] for value in stored(own, topic))
        for entity, topic in own.estate.topics.items()
    }


def test_a_record_is_in_kafka_at_the_offset_that_is_answered(running, api, topic):
    api.post(topic, ONE)

    answer = api.post(topic, '{"records":[{"key":"a","value":{"title":"Crème 😍","price":0.1}}]}'.encode())

    placed = {"partition": 0, "offset": 1, "error_code": None, "error": None}
    assert answer == (200, {"offsets": [placed], "key_schema_id": None, "value_schema_id": None})
    assert stored(running, topic) == [b"1", '{"title":"Crème 😍","price":0.1}'.encode()]


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_the_key_nothing_reaches_kafka(running, api, topic, key):
    assert replace(api, key=key).post(topic, ONE) == (403, {"message": "Forbidden"})
    assert stored(running, topic) == []


def test_an_emulator_with_a_wrong_key_says_so_in_one_line(own):
    answer = own.run("emulator", check=False, ROWS=10, API_KEY="wrong")

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: the API refuses the key (403: Forbidden): check API_KEY, or unset it to use the estate's; "
        "0 rows were acknowledged; the same command goes on behind them\n"
    )
    assert rows(own) == {"pin": [], "geo": [], "user": []}


def test_a_record_of_1_mb_reaches_kafka_byte_for_byte(running, api, topic):
    value = ('{"index":1,"title":"' + 'Crème, 日本, 😍, \\"quoted\\". ' * 30_000 + '"}').encode()
    assert len(value) > 1_000_000

    status, _ = api.post(topic, b'{"records":[{"value":' + value + b"}]}")

    assert status == 200
    assert stored(running, topic) == [value]


def test_a_body_of_10_mib_is_taken_and_a_byte_more_refused(running, api, topic):
    status, _ = api.post(topic, ONE.ljust(MAX_BODY))
    assert status == 200

    answer = api.post(topic, ONE.ljust(MAX_BODY + 1))

    message = "HTTP 413 Request Entity Too Large: Maximum request body size 10485760 exceeded."
    assert answer == (413, {"error_code": 413, "message": message})
    assert stored(running, topic) == [b"1"]


def test_an_emulator_names_the_row_that_the_api_does_not_take(own, tmp_path):
    pins = [{"index": 1, "title": "a"}, {"index": 2, "title": "x" * MAX_BODY}]
    (tmp_path / "pinterest_data.jsonl").write_text("".join(f"{json.dumps(pin)}\n" for pin in pins))
    for table in ("geolocation_data", "user_data"):
        (tmp_path / f"{table}.jsonl").write_text('{"ind":1}\n')

    answer = own.run("emulator", check=False, DATA=tmp_path, CONCURRENCY=1, WAIT="no")

    row = f"{own.estate.topics['pin']}: the row with key 2 (10,485,805 bytes) is too large"
    assert answer.returncode == 1
    assert answer.stderr == f"not sent: {row}\nerror: one row was not sent, the others were: {row}\n"
    assert rows(own) == {"pin": [1], "geo": [1], "user": [1]}


def test_an_emulator_waits_for_a_rest_proxy_that_was_killed_and_then_delivers_every_row(api, own, launch):
    proxy = own.stack.registry.live(REST_PROXY.name).process()
    proxy.kill()
    proxy.wait(10)
    try:
        status, content = api.post(own.estate.topics["pin"], ONE)  # would raise after 20 s
        assert status in range(500, 600)
        assert content == {"message": "Internal server error"}
        emulator = launch(own, ROWS=200, BATCH_SIZE=20, WAIT="no")
        told = emulator.stderr.readline()
        assert told == f"trying again: {own.estate.invoke_url} answers {status}: Internal server error\n"
    finally:
        own.stack.up()

    shown, _ = emulator.communicate(timeout=PATIENCE)
    assert emulator.returncode == 0
    assert "sent 600 rows" in shown
    assert rows(own) == {entity: list(range(200)) for entity in ("pin", "geo", "user")}


# --- Into Kinesis --------------------------------------------------------------------------------------------------


class Stream:
    """One of the estate's streams, and what has come into it since this was made."""

    def __init__(self, running: Running, entity: str) -> None:
        self.name = running.estate.streams[entity]
        self._kinesis = running.estate.client("kinesis")
        self._before = self._records().keys()

    def came(self) -> list[tuple[str, Any]]:
        """(partition key, data), sorted by key, in each key's order."""
        new = {number: found for number, found in self._records().items() if number not in self._before}
        return sorted(((key, json.loads(data)) for _, (key, data) in sorted(new.items())), key=lambda pair: pair[0])

    def _records(self) -> dict[int, tuple[str, bytes]]:
        found = {}
        for shard in self._kinesis.list_shards(StreamName=self.name)["Shards"]:
            at = {"StreamName": self.name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            told = self._kinesis.get_records(ShardIterator=self._kinesis.get_shard_iterator(**at)["ShardIterator"])
            found |= {int(r["SequenceNumber"]): (r["PartitionKey"], r["Data"]) for r in told["Records"]}
        return found


PIN = {
    "index": 7528,
    "title": 'Crème 😍 おしゃれ "quoted" \\ it\'s',
    "follower_count": 12_345_678_901_234_567_890,
    "price": 0.1,
    "downloaded": True,
    "description": None,
    "tags": ["a", {"b": [1.5, -2]}],
}
# Each needs its place in the request to Kinesis as it is.
KEYS = ["7528", 'say "hi"', "back\\slash", "it's", "é 😍", "$foo ${bar} #end", 'k","ExplicitHashKey":"0']


def test_a_record_is_in_kinesis_as_the_json_of_its_data(running, api):
    stream = Stream(running, "pin")

    status, content = api.put(f"{stream.name}/record", {"StreamName": stream.name, "Data": PIN, "PartitionKey": "7528"})

    assert (status, content.keys()) == (200, {"ShardId", "SequenceNumber", "EncryptionType"})
    assert stream.came() == [("7528", PIN)]


def test_the_path_decides_the_stream_and_every_partition_key_stays_as_it_is(running, api):
    geo, user = Stream(running, "geo"), Stream(running, "user")

    for key in KEYS:
        status, _ = api.put(f"{geo.name}/record", {"StreamName": user.name, "Data": 1, "PartitionKey": key})
        assert status == 200, key

    assert geo.came() == [(key, 1) for key in sorted(KEYS)]
    assert user.came() == []


def test_records_are_in_kinesis_each_with_its_key_and_those_of_one_key_in_order(running, api):
    stream = Stream(running, "user")
    records = [{"data": data, "partition-key": key} for data in (PIN, {"ind": 2}) for key in KEYS]

    status, content = api.put(f"{stream.name}/records", {"records": records})

    assert (status, content["FailedRecordCount"]) == (200, 0)
    assert [answer.keys() for answer in content["Records"]] == [{"SequenceNumber", "ShardId"}] * 14
    assert stream.came() == [(key, data) for key in sorted(KEYS) for data in (PIN, {"ind": 2})]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("record", {"Data": PIN}),
        ("record", {"PartitionKey": "1"}),
        ("record", {"Data": PIN, "PartitionKey": ""}),
        ("record", {"Data": PIN, "PartitionKey": 7528}),
        ("record", {"Data": PIN, "PartitionKey": "k" * 257}),
        ("record", [{"Data": PIN, "PartitionKey": "1"}]),
        ("records", {"Data": PIN, "PartitionKey": "1"}),
        ("records", {"records": []}),
        ("records", {"records": [{"data": 1, "partition-key": "1"}, {"data": PIN}]}),
        ("records", {"records": [{"data": 1, "partition-key": "1"}, {"partition-key": "2"}]}),
        ("records", {"records": [{"data": n, "partition-key": str(n)} for n in range(501)]}),
    ],
)
def test_a_body_that_is_not_as_the_model_says_is_refused_whole(running, api, route, body):
    stream = Stream(running, "pin")

    assert api.put(f"{stream.name}/{route}", body) == (400, {"message": "Invalid request body"})
    assert stream.came() == []


BODIES = {
    "record": {"Data": PIN, "PartitionKey": "1"},
    "records": {"records": [{"data": PIN, "partition-key": "1"}]},
}


@pytest.mark.parametrize("route", BODIES)
def test_what_kinesis_refuses_is_no_success(api, route):
    status, content = api.put(f"there-is-no-such-stream/{route}", BODIES[route])

    assert (status, content["__type"]) == (400, "ResourceNotFoundException")
    assert "there-is-no-such-stream" in content["message"]


@pytest.mark.parametrize("key", [None, "wrong"])
@pytest.mark.parametrize("route", BODIES)
def test_without_the_key_nothing_reaches_kinesis(running, api, route, key):
    stream = Stream(running, "pin")

    answer = replace(api, key=key).put(f"{stream.name}/{route}", BODIES[route])

    assert answer == (403, {"message": "Forbidden"})
    assert stream.came() == []


def test_a_body_of_another_type_is_not_taken_for_a_record(running, api):
    stream = Stream(running, "pin")

    status, _ = api.put(f"{stream.name}/record", BODIES["record"], "text/plain")

    assert status == 415
    assert stream.came() == []
