"""The HTTP side over a broker of a few lines: the literal answer of every route and of every error."""

import asyncio
import gzip
from dataclasses import dataclass, field

import pytest

from rest_proxy.api import Api
from rest_proxy.problems import Problem
from rest_proxy.records import Record
from rest_proxy.room import Room

JSON = {"Content-Type": "application/vnd.kafka.json.v2+json"}
BINARY = {"Content-Type": "application/vnd.kafka.binary.v2+json"}
LARGEST = 200
ONE = b'{"records": [{"value": 1}]}'


@dataclass
class Partition:
    leader: int
    replicas: list[int]
    isrs: list[int]


@dataclass
class Topic:
    topic: str
    partitions: dict[int, Partition]


TOPICS = {
    "pins": Topic("pins", {1: Partition(2, [2, 1], [2]), 0: Partition(1, [1, 2], [1, 2])}),
    "a.user_1-x": Topic("a.user_1-x", {0: Partition(1, [1], [1])}),
}
PINS_0 = {
    "partition": 0,
    "leader": 1,
    "replicas": [{"broker": 1, "leader": True, "in_sync": True}, {"broker": 2, "leader": False, "in_sync": True}],
}
PINS_1 = {
    "partition": 1,
    "leader": 2,
    "replicas": [{"broker": 2, "leader": True, "in_sync": True}, {"broker": 1, "leader": False, "in_sync": False}],
}


@dataclass
class FakeBroker:
    """Stores records in a list, at offsets from 40 on; fails as it is told."""

    stored: list[tuple[str, Record]] = field(default_factory=list)
    failure: Exception | None = None
    closed: bool = False

    async def topics(self):
        self._fail()
        return TOPICS

    async def topic(self, name):
        self._fail()
        return TOPICS.get(name)

    async def brokers(self):
        self._fail()
        return [1, 2]

    async def produce(self, topic, records):
        offsets = []
        for record in records:
            offsets.append({"partition": record.partition, "offset": 40 + len(self.stored), "error": None})
            self.stored.append((topic, record))
        return offsets

    def close(self):
        self.closed = True
        return 0

    def _fail(self):
        if self.failure:
            raise self.failure


@pytest.fixture
def broker():
    return FakeBroker()


@pytest.fixture
async def client(broker, aiohttp_client):
    return await aiohttp_client(Api(broker, Room(1000, 60.0), LARGEST).application())


async def answer(request):
    """Status and content of an answer, whose content type is always the same."""
    async with request as response:
        assert response.headers["Content-Type"] == "application/vnd.kafka.v2+json"
        return response.status, await response.json(content_type=None)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/", {}),
        ("/health", {"status": "ok", "brokers": 2}),
        ("/brokers", {"brokers": [1, 2]}),
        ("/topics", ["a.user_1-x", "pins"]),
        ("/topics/pins", {"name": "pins", "configs": {}, "partitions": [PINS_0, PINS_1]}),
        ("/topics/pins/partitions", [PINS_0, PINS_1]),
        ("/topics/pins/partitions/0", PINS_0),
        ("/topics/pins/partitions/1", PINS_1),
        ("/topics/%70ins/partitions/1", PINS_1),
    ],
)
async def test_what_is_there_is_shown(client, path, content):
    assert await answer(client.get(path)) == (200, content)


async def test_records_are_produced_and_their_offsets_answered(client, broker):
    body = b'{"records": [{"key": "k", "value": {"a": 1}}, {"value": null, "partition": 1}]}'
    offsets = [{"partition": None, "offset": 40, "error": None}, {"partition": 1, "offset": 41, "error": None}]
    assert await answer(client.post("/topics/pins", data=body, headers=JSON)) == (
        200,
        {"offsets": offsets, "key_schema_id": None, "value_schema_id": None},
    )
    assert broker.stored == [("pins", Record(b'"k"', b'{"a":1}', None)), ("pins", Record(None, None, 1))]


async def test_binary_records_are_produced_decoded(client, broker):
    body = b'{"records": [{"key": "AA==", "value": "/w=="}]}'
    status, _ = await answer(client.post("/topics/a.user_1-x", data=body, headers=BINARY))
    assert status == 200
    assert broker.stored == [("a.user_1-x", Record(b"\x00", b"\xff", None))]


@pytest.mark.parametrize("content_type", ["; charset=utf-8", ";charset=UTF-8", ""])
async def test_parameters_of_the_content_type_do_not_matter(client, content_type):
    headers = {"Content-Type": JSON["Content-Type"] + content_type}
    assert (await answer(client.post("/topics/pins", data=ONE, headers=headers)))[0] == 200


async def test_the_partition_of_the_path_comes_before_those_of_the_records(client, broker):
    body = b'{"records": [{"value": 1}, {"key": "k", "value": 2, "partition": 0}]}'
    status, _ = await answer(client.post("/topics/pins/partitions/1", data=body, headers=JSON))
    assert status == 200
    assert broker.stored == [("pins", Record(None, b"1", 1)), ("pins", Record(b'"k"', b"2", 1))]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/topics/none"),
        ("GET", "/topics/none/partitions"),
        ("GET", "/topics/none/partitions/0"),
        ("POST", "/topics/none"),
        ("POST", "/topics/none/partitions/0"),
        ("POST", "/topics/PINS"),
    ],
)
async def test_an_unknown_topic_is_40401(client, broker, method, path):
    content = {"error_code": 40401, "message": "Topic not found."}
    assert await answer(client.request(method, path, headers=JSON, data=ONE)) == (404, content)
    assert broker.stored == []


@pytest.mark.parametrize("partition", ["2", "-1", "x", "1.0", "01", "²", "%D9%A1", "9" * 5000])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_partition_is_40402(client, broker, method, partition):
    content = {"error_code": 40402, "message": "Partition not found."}
    request = client.request(method, f"/topics/pins/partitions/{partition}", headers=JSON, data=ONE)
    assert await answer(request) == (404, content)
    assert broker.stored == []


async def test_a_body_that_is_not_json_is_400(client, broker):
    status, content = await answer(client.post("/topics/pins", data=b"x", headers=JSON))
    assert (status, content["error_code"]) == (400, 400)
    assert content["message"].startswith("Bad Request: the body is not JSON: ")
    assert broker.stored == []


@pytest.mark.parametrize("path", ["/topic", "/topics/pins/", "/topics/pins/offsets"])
async def test_an_unknown_path_is_404(client, path):
    assert await answer(client.get(path)) == (404, {"error_code": 404, "message": "HTTP 404 Not Found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/topics", "GET,HEAD"),
        ("DELETE", "/topics/pins", "GET,HEAD,POST"),
        ("PUT", "/health", "GET,HEAD"),
    ],
)
async def test_a_method_that_a_path_does_not_have_is_405(client, method, path, allowed):
    response = await client.request(method, path)
    assert response.headers["Allow"] == allowed
    content = {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}
    assert (response.status, await response.json(content_type=None)) == (405, content)


def body_of(size):
    return b'{"records": [{"value": "' + b"x" * (size - 28) + b'"}]}'


async def chunks_of(body):
    yield body[:50]
    yield body[50:]


@pytest.mark.parametrize("sent", [bytes, chunks_of], ids=["in one piece", "in chunks"])
async def test_the_largest_body_is_taken_and_one_byte_more_is_413(client, broker, sent):
    largest, larger = body_of(LARGEST), body_of(LARGEST + 1)
    assert (len(largest), len(larger)) == (200, 201)
    assert (await answer(client.post("/topics/pins", data=sent(largest), headers=JSON)))[0] == 200
    status, content = await answer(client.post("/topics/pins", data=sent(larger), headers=JSON))
    assert (status, content["error_code"]) == (413, 413)
    assert content["message"].startswith("HTTP 413 Request Entity Too Large: Maximum request body size 200 exceeded")
    assert len(broker.stored) == 1


async def test_a_zipped_body_is_taken_and_measured_unzipped(client, broker):
    headers = JSON | {"Content-Encoding": "gzip"}
    assert (await answer(client.post("/topics/pins", data=gzip.compress(body_of(200)), headers=headers)))[0] == 200
    assert (await answer(client.post("/topics/pins", data=gzip.compress(body_of(9999)), headers=headers)))[0] == 413
    assert len(broker.stored) == 1


async def test_a_body_that_is_zipped_wrongly_is_400(client, broker):
    headers = JSON | {"Content-Encoding": "gzip"}
    status, content = await answer(client.post("/topics/pins", data=b"this is not gzip", headers=headers))
    assert (status, content["error_code"]) == (400, 400)
    assert broker.stored == []


async def test_another_content_type_is_415(client, broker):
    message = (
        "HTTP 415 Unsupported Media Type: "
        "send application/vnd.kafka.json.v2+json or application/vnd.kafka.binary.v2+json"
    )
    content = {"error_code": 415, "message": message}
    for content_type in ("application/json", "text/plain", "application/vnd.kafka.avro.v2+json"):
        headers = {"Content-Type": content_type}
        assert await answer(client.post("/topics/pins", data=ONE, headers=headers)) == (415, content)
    assert broker.stored == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "the body is no JSON object"),
        (b'{"records": []}', "records may not be null or empty"),
        (b'{"records": [{"value": 1}, {"key": 1}]}', "records[1].value is missing"),
        (b'{"records": [{"value": 1, "partition": "a"}]}', "records[0].partition is no partition number"),
    ],
)
async def test_a_body_without_proper_records_is_422(client, broker, body, message):
    content = {"error_code": 422, "message": message}
    assert await answer(client.post("/topics/pins", data=body, headers=JSON)) == (422, content)
    assert broker.stored == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/brokers"),
        ("GET", "/topics"),
        ("GET", "/topics/pins"),
        ("POST", "/topics/pins"),
    ],
)
async def test_a_kafka_that_does_not_answer_is_503_with_a_time_to_come_back(client, broker, method, path):
    broker.failure = Problem(503, "Kafka does not answer: why", 50301, retry_after=2)
    response = await client.request(method, path, headers=JSON, data=ONE)
    assert response.headers["Retry-After"] == "2"
    content = {"error_code": 50301, "message": "Kafka does not answer: why"}
    assert (response.status, await response.json(content_type=None)) == (503, content)


async def test_a_request_for_which_there_is_no_room_is_503_with_a_time_to_come_back(broker, aiohttp_client):
    room = Room(1000, 0.05)
    client = await aiohttp_client(Api(broker, room, LARGEST).application())
    async with room.take(1000):
        response = await client.post("/topics/pins", headers=JSON, data=ONE)
    assert response.headers["Retry-After"] == "2"
    message = "Kafka takes records more slowly than they come: try again later."
    assert (response.status, await response.json(content_type=None)) == (
        503,
        {"error_code": 50302, "message": message},
    )
    assert broker.stored == []


@pytest.mark.parametrize(
    ("sent", "headers", "held"),
    [
        (lambda: ONE, {}, 27),
        (lambda: chunks_of(ONE), {}, LARGEST),
        (lambda: gzip.compress(ONE), {"Content-Encoding": "gzip"}, LARGEST),
    ],
    ids=["length", "no length", "zipped"],
)
async def test_a_body_of_unknown_length_takes_the_room_of_the_largest(broker, aiohttp_client, sent, headers, held):
    room = Room(1000, 0.05)
    client = await aiohttp_client(Api(broker, room, LARGEST).application())
    for left, status in [(held, 200), (held - 1, 503)]:
        async with room.take(1000 - left):
            request = client.post("/topics/pins", data=sent(), headers=JSON | headers)
            assert (await answer(request))[0] == status


async def test_requests_that_wait_for_room_are_answered_when_there_is_some(broker, aiohttp_client):
    room = Room(1000, 60.0)
    client = await aiohttp_client(Api(broker, room, LARGEST).application())
    async with room.take(1000):
        requests = [asyncio.create_task(answer(client.post("/topics/pins", headers=JSON, data=ONE))) for _ in range(9)]
        await asyncio.sleep(0.1)
        assert broker.stored == []
    assert [status for status, _ in await asyncio.gather(*requests)] == [200] * 9
    assert len(broker.stored) == 9


async def test_a_fault_of_ours_is_500_and_its_text_is_logged_only(client, broker, caplog):
    broker.failure = RuntimeError("the password is 1234")
    content = {"error_code": 500, "message": "Internal Server Error"}
    assert await answer(client.get("/topics")) == (500, content)
    assert await answer(client.post("/topics/pins", headers=JSON, data=ONE)) == (500, content)
    assert [record.getMessage() for record in caplog.records] == ["GET /topics failed", "POST /topics/pins failed"]
    assert "the password is 1234" in caplog.text


async def test_room_is_free_again_after_requests_of_every_kind(broker, aiohttp_client):
    room = Room(LARGEST, 0.05)
    client = await aiohttp_client(Api(broker, room, LARGEST).application())
    for body, headers, status in [
        (ONE, JSON, 200),
        (b"x" * LARGEST, JSON, 400),
        (body_of(LARGEST), {"Content-Type": "text/plain"}, 415),
        (b"[" + b" " * (LARGEST - 2) + b"]", JSON, 422),
        (body_of(LARGEST + 1), JSON, 413),
        (body_of(LARGEST), JSON, 200),
    ]:
        assert (await answer(client.post("/topics/pins", data=body, headers=headers)))[0] == status


async def test_finish_waits_for_what_is_under_way_and_no_longer_than_told(broker, aiohttp_client):
    room = Room(1000, 60.0)
    api = Api(broker, room, LARGEST)
    client = await aiohttp_client(api.application())
    await api.finish(60)  # nothing is under way
    async with room.take(1000):
        waiting = asyncio.create_task(client.post("/topics/pins", headers=JSON, data=ONE))
        await asyncio.sleep(0.1)
        await api.finish(0.1)
        assert broker.stored == []
    await api.finish(60)
    assert len(broker.stored) == 1
    response = await waiting
    assert (response.status, response.headers["Connection"]) == (200, "close")


async def test_the_producer_is_flushed_when_the_application_ends(client, broker, caplog):
    caplog.set_level("INFO")
    await client.get("/")
    assert not broker.closed
    await client.close()
    assert broker.closed
    assert "stopped; 0 records without an answer from Kafka" in caplog.text
