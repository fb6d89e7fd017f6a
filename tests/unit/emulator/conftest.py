"""What the emulator's tests share: small tables as files, and a scripted API on a real port."""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Callable
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
            "invoke_url": "https://abc123.execute-api.us-east-1.amazonaws.com/test",
            "api_authorization": "AWS_IAM",
            "api_key_secret": "0a1b/api-key",
            "bootstrap_servers": "127.0.0.1:1",
            "connectors": {},
        }
        return Estate.model_validate(usual | outputs)

    return make


class Api:
    """Kafka REST in a thread: stores everything, but for the requests that `script` has another answer for.

    An answer takes the request and its records. None: store them, as ever.
    """

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Callable | None] = []
        self.delay = 0.0  # seconds between storing and answering
        self.sent: list[tuple[str, list[str | None]]] = []  # topic and keys of each request
        self.headers: list[dict[str, str]] = []
        self.stored: dict[str, list[tuple[str | None, object]]] = defaultdict(list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        topic = request.match_info["topic"]
        records = json.loads(await request.read())["records"]
        self.sent.append((topic, [record.get("key") for record in records]))
        self.headers.append(dict(request.headers))
        answer = self.script.pop(0) if self.script else None
        if answer:
            return await answer(request, records)
        first = len(self.stored[topic])
        self.stored[topic] += [(record.get("key"), record["value"]) for record in records]
        if self.delay:
            await asyncio.sleep(self.delay)
        return web.json_response({"offsets": [{"partition": 0, "offset": first + n} for n in range(len(records))]})

    def keys(self, topic: str) -> list[str | None]:
        return [key for key, _ in self.stored[topic]]


@pytest.fixture
def api():
    api, started, loop = Api(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        application = web.Application(client_max_size=64 * 1024**2)
        application.router.add_post("/topics/{topic}", api.handle)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        api.url = f"http://127.0.0.1:{port}"
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(5)
    yield api
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()
