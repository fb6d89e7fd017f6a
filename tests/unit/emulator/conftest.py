"""What the emulator's tests share: small tables as files, and a scripted API and Kinesis on real ports."""

import asyncio
import json
import threading
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from pipeline.entities import ENTITIES
from pipeline.estate import Estate
from pipeline.settings import Settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    """No setting of the caller's, and a folder of the test's own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write_tables(tmp_path) -> Callable[..., Path]:
    """Write the three tables as .jsonl with so many rows each, or with these lines; returns their folder."""

    def write(**contents: int | bytes) -> Path:
        folder = tmp_path / "tables"
        folder.mkdir(exist_ok=True)
        for entity in ENTITIES:
            content = contents.get(entity.name, 1)
            if isinstance(content, int):
                content = b"".join(b'{"%s":%d}\n' % (entity.key.encode(), n) for n in range(content))
            (folder / f"{entity.source_table}.jsonl").write_bytes(content)
        return folder

    return write


@pytest.fixture
def new_estate() -> Callable[..., Estate]:
    """An estate on AWS whose API takes signed requests only; with other outputs where they are given."""

    def make(**outputs: object) -> Estate:
        usual: dict[str, object] = {
            "user_id": "0a1b",
            "region": "us-east-1",
            "bucket": "0a1b-bucket",
            "topics": {entity.name: f"0a1b.{entity.name}" for entity in ENTITIES},
            "dead_letter_topic": "0a1b.dlq",
            "topic_partitions": 1,
            "topic_config": {},
            "topics_dir": "topics",
            "streams": {entity.name: f"0a1b-{entity.name}" for entity in ENTITIES},
            "invoke_url": "https://abc123.execute-api.us-east-1.amazonaws.com/test",
            "api_authorization": "AWS_IAM",
            "api_key_secret": "0a1b/api-key",
            "bootstrap_servers": "127.0.0.1:1",
            "connectors": {},
        }
        return Estate.model_validate(usual | outputs)

    return make


class Api:
    """The API in a thread: stores everything, but for the requests that `script` has another answer for.

    An answer takes the request and its records, each with `key` and `value`. None: store them, as ever.
    """

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Callable | None] = []
        self.delay = 0.0  # seconds between storing and answering
        self.sent: list[tuple[str, list[str | None]]] = []  # topic or stream and keys of each request
        self.requests: list[tuple[str, str, bytes]] = []  # method, path and body of each
        self.headers: list[dict[str, str]] = []
        self.stored: dict[str, list[tuple[str | None, object]]] = defaultdict(list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        target, body = request.match_info["target"], await request.read()
        records = _records(request, json.loads(body))
        self.sent.append((target, [record.get("key") for record in records]))
        self.requests.append((request.method, request.path, body))
        self.headers.append(dict(request.headers))
        answer = self.script.pop(0) if self.script else None
        if answer:
            return await answer(request, records)
        first = len(self.stored[target])
        self.stored[target] += [(record.get("key"), record["value"]) for record in records]
        if self.delay:
            await asyncio.sleep(self.delay)
        return web.json_response(_stored(request, range(first, first + len(records))))

    def keys(self, target: str) -> list[str | None]:
        return [key for key, _ in self.stored[target]]

    def routes(self) -> list[web.RouteDef]:
        paths = ("/streams/{target}/record", "/streams/{target}/records")
        return [web.post("/topics/{target}", self.handle), *(web.put(path, self.handle) for path in paths)]


def _records(request: web.Request, body: dict) -> list[dict]:
    """The records of a request to Kafka REST or Kinesis, each as Kafka REST has them."""
    if request.path.endswith("/record"):
        return [{"key": body["PartitionKey"], "value": body["Data"]}]
    if request.path.endswith("/records"):
        return [{"key": record["partition-key"], "value": record["data"]} for record in body["records"]]
    return body["records"]


def _stored(request: web.Request, numbers: range) -> dict:
    """The answer of Kafka REST or Kinesis, when records got these numbers."""
    if request.path.startswith("/topics/"):
        return {"offsets": [{"partition": 0, "offset": number} for number in numbers]}
    placed = [{"SequenceNumber": str(number), "ShardId": "shardId-000000000000"} for number in numbers]
    return placed[0] if request.path.endswith("/record") else {"FailedRecordCount": 0, "Records": placed}


class Kinesis:
    """Kinesis in a thread, of JSON protocol: takes and gives everything, but for the calls that `script` answers.

    An answer takes the call's arguments and returns status and content. None: do as ever.
    """

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Callable | None] = []
        self.calls: list[tuple[str, dict]] = []  # operation and arguments
        self.shards: dict[str, dict[str, list[tuple[str, bytes]]]] = defaultdict(lambda: {"shard-0": []})
        self.closed: set[str] = set()  # shards
        self.page = 1000  # records or shards an answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers["X-Amz-Target"].removeprefix("Kinesis_20131202.")
        arguments = json.loads(await request.read())
        self.calls.append((operation, arguments))
        answer = self.script.pop(0) if self.script else None
        if answer == "reset":
            request.transport.abort()
            return web.Response()
        status, content = answer(arguments) if answer else (200, getattr(self, operation)(arguments))
        return web.json_response(content, status=status, content_type="application/x-amz-json-1.1")

    def store(self, stream: str, record: dict) -> dict[str, str]:
        shard = self.shards[stream]["shard-0"]
        shard.append((record["PartitionKey"], b64decode(record["Data"])))
        return {"SequenceNumber": str(len(shard)), "ShardId": "shard-0"}

    def keys(self, stream: str) -> list[str]:
        return [key for shard in self.shards[stream].values() for key, _ in shard]

    def PutRecord(self, arguments: dict) -> dict:
        return self.store(arguments["StreamName"], arguments)

    def PutRecords(self, arguments: dict) -> dict:
        stored = [self.store(arguments["StreamName"], record) for record in arguments["Records"]]
        return {"FailedRecordCount": 0, "Records": stored}

    def ListShards(self, arguments: dict) -> dict:
        stream, first = arguments.get("StreamName"), 0
        if "NextToken" in arguments:
            stream, first = json.loads(arguments["NextToken"])
        names = list(self.shards[stream])
        more = {"NextToken": json.dumps([stream, first + self.page])} if len(names) > first + self.page else {}
        return {"Shards": [{"ShardId": name} for name in names[first : first + self.page]]} | more

    def GetShardIterator(self, arguments: dict) -> dict:
        assert arguments["ShardIteratorType"] == "TRIM_HORIZON"
        return {"ShardIterator": json.dumps([arguments["StreamName"], arguments["ShardId"], 0])}

    def GetRecords(self, arguments: dict) -> dict:
        stream, shard, first = json.loads(arguments["ShardIterator"])
        held, end = self.shards[stream][shard], first + self.page
        records = [
            {"SequenceNumber": str(n), "PartitionKey": key, "Data": b64encode(data).decode()}
            for n, (key, data) in enumerate(held[first:end], first)
        ]
        more = (
            {} if shard in self.closed and end >= len(held) else {"NextShardIterator": json.dumps([stream, shard, end])}
        )
        behind = 0 if end >= len(held) and shard not in self.closed else 60_000
        return {"Records": records, "MillisBehindLatest": behind} | more


@contextmanager
def serving(*routes: web.RouteDef) -> Iterator[str]:
    """Serve these routes in a thread of its own; their URL."""
    started, stop, at = threading.Event(), asyncio.Event(), {}

    async def serve() -> None:
        application = web.Application(client_max_size=64 * 1024**2)
        application.add_routes(routes)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        at["url"], at["loop"] = f"http://127.0.0.1:{runner.addresses[0][1]}", asyncio.get_running_loop()
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(5)
    yield at["url"]
    at["loop"].call_soon_threadsafe(stop.set)
    thread.join()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    with serving(*api.routes()) as api.url:
        yield api


@pytest.fixture
def kinesis() -> Iterator[Kinesis]:
    kinesis = Kinesis()
    with serving(web.post("/", kinesis.handle)) as kinesis.url:
        yield kinesis
