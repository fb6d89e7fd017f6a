"""The deployed API, live: its key, its limits, a REST proxy behind it that dies or hangs, and its way into Kinesis."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from zlib import crc32

import psutil
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from emulator.kafka import Kafka
from local import process
from local.services import LOCALSTACK, REST_PROXY
from pipeline.estate import load_estate, save_estate
from pipeline.settings import load
from tests.integration.conftest import ROOT, Running

RECORDS = "application/vnd.kafka.json.v2+json"
JSON = "application/json"
ONE = b'{"records":[{"value":1}]}'
GATEWAYS_PATIENCE = 29  # seconds in which API Gateway answers, whatever is behind it


@dataclass(frozen=True)
class Api:
    """Calls the API as anybody could; `key` is the estate's."""

    url: str
    key: str

    def call(self, method: str, path: str, body: bytes, content_type: str, key: str | None) -> tuple[int, dict]:
        """Status and content of the answer."""
        headers = {"Content-Type": content_type} | ({} if key is None else {"x-api-key": key})
        request = urllib.request.Request(f"{self.url}/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=GATEWAYS_PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def produce(self, topic: str, body: bytes) -> tuple[int, dict]:
        return self.call("POST", f"topics/{topic}", body, RECORDS, self.key)

    def put(self, path: str, body: object) -> tuple[int, dict]:
        return self.call("PUT", f"streams/{path}", json.dumps(body, ensure_ascii=False).encode(), JSON, self.key)


@pytest.fixture
def api(running) -> Api:
    return Api(running.estate.invoke_url, running.estate.api_key())


@pytest.fixture
def own(running, tmp_path, request) -> Running:
    """The same servers and the same API, with a STATE and three topics of the test's own."""
    settings = load(state=tmp_path / "state", user_id=f"own-{crc32(request.node.name.encode()):08x}")
    topics = {entity: f"{settings.user_id}.{entity}" for entity in running.estate.topics}
    outputs = json.loads((running.settings.state / "estate.json").read_text())
    save_estate(settings, outputs | {"user_id": settings.user_id, "topics": topics})
    admin = AdminClient({"bootstrap.servers": running.estate.bootstrap_servers})
    wanted = [NewTopic(topic, 1, 1, config=running.estate.topic_config) for topic in topics.values()]
    for made in admin.create_topics(wanted).values():
        made.result()
    return replace(running, settings=settings, estate=load_estate(settings))


@pytest.fixture
def launch() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start an emulator; what still runs after the test is killed."""
    started = []

    def start(stack: Running, **settings: object) -> subprocess.Popen[str]:
        environment = stack.environment(**{name: str(value) for name, value in settings.items()})
        command = [sys.executable, "-m", "emulator"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
        return started[-1]

    yield start
    for emulator in started:
        if emulator.poll() is None:
            emulator.kill()
        emulator.communicate()


def stored(running: Running, topic: str) -> dict[tuple[int, int], bytes]:
    """What the topic holds: {(partition, offset): value}."""
    ends = Kafka(running.estate).ends(topic)
    consumer = Consumer({"bootstrap.servers": running.estate.bootstrap_servers, "group.id": "test"})
    try:
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in ends])
        found = {}
        deadline = time.monotonic() + 60
        while len(found) < sum(ends.values()):
            assert time.monotonic() < deadline
            for message in consumer.consume(1000, timeout=0.5):
                assert message.error() is None, message.error()
                found[message.partition(), message.offset()] = message.value()
        return found
    finally:
        consumer.close()


def rows(own: Running) -> dict[str, list[int]]:
    """The keys of the rows in each of the test's own topics, sorted."""
    found = {}
    for entity, topic in own.estate.topics.items():
        events = map(json.loads, stored(own, topic).values())
        found[entity] = sorted(event["index" if entity == "pin" else "ind"] for event in events)
    return found


def each_once(number: int) -> dict[str, list[int]]:
    """The same for so many generated rows a table."""
    return {entity: list(range(number)) for entity in ("pin", "geo", "user")}


def until(condition: Callable[[], bool], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- Into Kafka ----------------------------------------------------------------------------------------------------


def test_a_record_is_in_kafka_at_the_offset_that_is_answered(running, api, new_topic):
    value = '{"index":7528,"title":"Crème 😍","price":0.1}'
    first, second = (
        api.produce(new_topic, f'{{"records":[{{"key":"{key}","value":{value}}}]}}'.encode()) for key in ("a", "b")
    )

    placed = {"partition": 0, "error_code": None, "error": None}
    schemas = {"key_schema_id": None, "value_schema_id": None}
    assert first == (200, {"offsets": [placed | {"offset": 0}]} | schemas)
    assert second == (200, {"offsets": [placed | {"offset": 1}]} | schemas)
    assert stored(running, new_topic) == {(0, 0): value.encode(), (0, 1): value.encode()}


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_the_key_nothing_reaches_kafka(running, api, new_topic, key):
    answer = api.call("POST", f"topics/{new_topic}", ONE, RECORDS, key)

    assert answer == (403, {"message": "Forbidden"})
    assert stored(running, new_topic) == {}


def test_an_emulator_with_a_wrong_key_says_so_in_one_line(own):
    answer = own.run("emulator", check=False, ROWS=10, API_KEY="wrong")

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: the API refuses the key (403: Forbidden): check API_KEY, or unset it to use the estate's; "
        "0 rows were acknowledged; the same command goes on behind them\n"
    )
    assert rows(own) == {"pin": [], "geo": [], "user": []}


def test_an_emulator_signs_and_shows_the_key_as_the_estate_asks(own, api):
    """LocalStack lets unsigned requests in, so a server in its place looks at what AWS would judge."""
    with recorder() as (url, requests):
        outputs = json.loads((own.settings.state / "estate.json").read_text())
        assert outputs["api_authorization"] == "AWS_IAM"
        save_estate(own.settings, outputs | {"invoke_url": f"{url}/prod"})
        own.run("emulator", LIMIT=1, ROWS=1, WAIT="no")

    paths = {f"/prod/topics/{topic}" for topic in own.estate.topics.values()}
    assert Counter(path for path, _ in requests) == Counter(paths)
    for _, headers in requests:
        assert headers["x-api-key"] == api.key
        assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")
        assert "/us-east-1/execute-api/aws4_request, SignedHeaders=" in headers["Authorization"]


@contextmanager
def recorder() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A server that takes a record a request; its URL, and (path, headers) of what came."""
    requests = []

    class Recorder(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers))
            answer = b'{"offsets":[{"partition":0,"offset":0}]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()


# --- How much it takes ---------------------------------------------------------------------------------------------


def test_a_record_of_1_mb_reaches_kafka_byte_for_byte(running, api, new_topic):
    text = 'Crème, 日本, 😍, \\"quoted\\". ' * 30_000
    value = f'{{"index":1,"title":"{text}"}}'.encode()
    assert len(value) > 1_000_000

    status, _ = api.produce(new_topic, b'{"records":[{"value":' + value + b"}]}")

    assert status == 200
    assert stored(running, new_topic) == {(0, 0): value}


def test_a_body_of_10_mib_is_taken_and_a_byte_more_refused(running, api, new_topic):
    status, _ = api.produce(new_topic, ONE.ljust(10_485_760))
    assert status == 200

    status, content = api.produce(new_topic, ONE.ljust(10_485_761))
    message = "HTTP 413 Request Entity Too Large: Maximum request body size 10485760 exceeded."
    assert (status, content) == (413, {"error_code": 413, "message": message})
    assert stored(running, new_topic) == {(0, 0): b"1"}


def test_an_emulator_names_the_row_that_the_api_does_not_take(own, tmp_path):
    pins = [{"index": 1, "title": "a"}, {"index": 2, "title": "x" * 10_485_760}]
    (tmp_path / "pinterest_data.jsonl").write_text("".join(f"{json.dumps(pin)}\n" for pin in pins))
    for table in ("geolocation_data", "user_data"):
        (tmp_path / f"{table}.jsonl").write_text('{"ind":1}\n')

    answer = own.run("emulator", check=False, DATA=tmp_path, CONCURRENCY=1)

    assert answer.returncode == 1
    assert answer.stderr == (
        f"error: {own.estate.topics['pin']}: the row with key 2 (10,485,805 bytes) is too large; "
        "3 rows were acknowledged; the same command goes on behind them\n"
    )
    assert rows(own) == {"pin": [1], "geo": [1], "user": [1]}


def test_an_emulator_halves_what_a_rest_proxy_with_a_lower_limit_does_not_take(own):
    with small_proxy(own, max_request_bytes=8_000) as url:
        shown = own.run("emulator", ROWS=64, BATCH_SIZE=64, CONCURRENCY=1, API_URL=url, WAIT="no").stdout

    assert "sent 192 rows" in shown
    assert "0 retries" in shown
    assert rows(own) == each_once(64)
    pins = [value for _, value in sorted(stored(own, own.estate.topics["pin"]).items())]
    assert [json.loads(pin)["index"] for pin in pins] == list(range(64))
    assert sum(map(len, pins)) > 8_000  # more than a request may hold


@contextmanager
def small_proxy(own: Running, max_request_bytes: int) -> Iterator[str]:
    """A REST proxy of the test's own before the same Kafka; its URL."""
    ports = {name: service.ports for name, service in own.stack.registry.load().items()}
    ports["rest_proxy"] = {"rest_proxy_port": process.choose_port(0, None, "REST_PROXY_PORT")}
    launch = REST_PROXY.launch(own.settings, ports)
    command = [*launch.command, "--max-request-bytes", str(max_request_bytes)]
    log = own.settings.state / "logs" / "small_proxy.log"
    started = process.Running(*process.start(command, launch.environment, log, launch.folder), ports["rest_proxy"])
    url = REST_PROXY.address(started.ports)
    try:
        process.wait_ready("small proxy", started, lambda: REST_PROXY.answers(url), log)
        yield url
    finally:
        process.stop(started)


# --- A REST proxy that is not there --------------------------------------------------------------------------------


def test_an_emulator_waits_for_a_rest_proxy_that_was_killed_and_then_delivers_every_row(api, own, launch):
    proxy = own.stack.registry.live(REST_PROXY.name).process()
    proxy.kill()
    proxy.wait(10)
    try:
        status, content = api.produce(own.estate.topics["pin"], ONE)  # in less than the gateway's patience
        assert 500 <= status <= 599
        assert content == {"message": "Internal server error"}
        emulator = launch(own, ROWS=200, BATCH_SIZE=20, WAIT="no")
        first = emulator.stderr.readline()
        assert first == f"trying again: {own.estate.invoke_url} answers {status}: Internal server error\n"
    finally:
        own.stack.up()

    shown, _ = emulator.communicate(timeout=120)
    assert emulator.returncode == 0
    assert "sent 600 rows" in shown
    assert "0 retries" not in shown
    assert rows(own) == each_once(200)


def test_an_emulator_is_patient_with_a_rest_proxy_that_hangs(own, launch):
    """On AWS the gateway would answer 504 after 29 s; LocalStack waits as long as the proxy does."""
    proxy = own.stack.registry.live(REST_PROXY.name)
    gateway = own.stack.registry.live(LOCALSTACK.name).process()

    def waits_for_the_proxy() -> bool:
        established = [c.raddr for c in gateway.net_connections() if c.status == psutil.CONN_ESTABLISHED]
        return any(address.port == proxy.ports["rest_proxy_port"] for address in established)

    proxy.process().send_signal(signal.SIGSTOP)
    try:
        emulator = launch(own, ROWS=200, BATCH_SIZE=20, WAIT="no")
        until(waits_for_the_proxy)
        assert emulator.poll() is None
        assert rows(own) == {"pin": [], "geo": [], "user": []}
    finally:
        proxy.process().send_signal(signal.SIGCONT)

    shown, errors = emulator.communicate(timeout=120)
    assert (emulator.returncode, errors) == (0, "")
    assert "sent 600 rows" in shown
    assert rows(own) == each_once(200)


# --- Into Kinesis --------------------------------------------------------------------------------------------------


class Stream:
    """One of the estate's streams, and what has come into it since this was made."""

    def __init__(self, running: Running, entity: str) -> None:
        self.name = running.estate.streams[entity]
        self._kinesis = running.estate.client("kinesis")
        self._before = set(self._records())

    def came(self) -> dict[str, list[bytes]]:
        """Data of what has come, by partition key, in each key's order."""
        found: dict[str, list[bytes]] = {}
        for number, (key, data) in sorted(self._records().items()):
            if number not in self._before:
                found.setdefault(key, []).append(data)
        return found

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

    assert status == 200
    assert content.keys() == {"ShardId", "SequenceNumber", "EncryptionType"}
    came = stream.came()
    assert came.keys() == {"7528"}
    assert [json.loads(data) for data in came["7528"]] == [PIN]


def test_the_path_decides_the_stream_and_every_partition_key_stays_as_it_is(running, api):
    streams = {entity: Stream(running, entity) for entity in ("geo", "user")}

    for n, key in enumerate(KEYS):
        body = {"StreamName": streams["user"].name, "Data": {"ind": n}, "PartitionKey": key}
        status, _ = api.put(f"{streams['geo'].name}/record", body)
        assert status == 200, key

    came = streams["geo"].came()
    assert {key: [json.loads(data) for data in came[key]] for key in came} == {
        key: [{"ind": n}] for n, key in enumerate(KEYS)
    }
    assert streams["user"].came() == {}


def test_records_are_in_kinesis_each_with_its_key_and_those_of_one_key_in_order(running, api):
    stream = Stream(running, "user")
    records = [{"data": {"ind": n}, "partition-key": key} for n, key in enumerate([*KEYS, *KEYS])]
    records.append({"data": PIN, "partition-key": "pin"})

    status, content = api.put(f"{stream.name}/records", {"records": records})

    assert status == 200
    assert content["FailedRecordCount"] == 0
    assert [answer.keys() for answer in content["Records"]] == [{"SequenceNumber", "ShardId"}] * 15
    came = stream.came()
    expected = {key: [{"ind": n}, {"ind": n + len(KEYS)}] for n, key in enumerate(KEYS)} | {"pin": [PIN]}
    assert {key: [json.loads(data) for data in came[key]] for key in came} == expected


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

    answer = api.put(f"{stream.name}/{route}", body)

    assert answer == (400, {"message": "Invalid request body"})
    assert stream.came() == {}


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("record", {"Data": PIN, "PartitionKey": "1"}),
        ("records", {"records": [{"data": PIN, "partition-key": "1"}]}),
    ],
)
def test_what_kinesis_refuses_is_no_success(api, route, body):
    status, content = api.put(f"there-is-no-such-stream/{route}", body)

    assert status == 400
    assert content["__type"] == "ResourceNotFoundException"
    assert "there-is-no-such-stream" in content["message"]


@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_the_key_nothing_reaches_kinesis(running, api, key):
    stream = Stream(running, "pin")
    for route, body in [
        ("record", {"Data": PIN, "PartitionKey": "1"}),
        ("records", {"records": [{"data": PIN, "partition-key": "1"}]}),
    ]:
        answer = api.call("PUT", f"streams/{stream.name}/{route}", json.dumps(body).encode(), JSON, key)
        assert answer == (403, {"message": "Forbidden"})
    assert stream.came() == {}


def test_a_body_of_another_type_is_not_taken_for_a_record(running, api):
    stream = Stream(running, "pin")
    body = json.dumps({"Data": PIN, "PartitionKey": "1"}).encode()

    status, _ = api.call("PUT", f"streams/{stream.name}/record", body, "text/plain", api.key)

    assert status == 415
    assert stream.came() == {}
