"""The HTTP side: routes, answers and errors of Confluent's REST proxy v2."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
from aiohttp import web

from rest_proxy.broker import Broker
from rest_proxy.problems import Problem, partition_not_found, topic_not_found
from rest_proxy.records import Record, parse
from rest_proxy.room import Room

LOG = logging.getLogger("rest_proxy")
ANSWER = "application/vnd.kafka.v2+json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The handlers, over one broker. Bodies of at most `max_request_bytes`, all together as much as `room` has."""

    def __init__(self, broker: Broker, room: Room, max_request_bytes: int) -> None:
        self._broker = broker
        self._room = room
        self._max_request_bytes = max_request_bytes
        self._under_way = 0
        self._idle = asyncio.Event()
        self._finishing = False

    def application(self) -> web.Application:
        """The application to serve; it flushes the producer when it ends."""
        app = web.Application(client_max_size=self._max_request_bytes, middlewares=[self._counted, problems])
        app.add_routes(
            [
                web.get("/", self.root),
                web.get("/health", self.health),
                web.get("/brokers", self.brokers),
                web.get("/topics", self.topics),
                web.get("/topics/{topic}", self.topic),
                web.get("/topics/{topic}/partitions", self.partitions),
                web.get("/topics/{topic}/partitions/{partition}", self.partition),
                web.post("/topics/{topic}", self.produce),
                web.post("/topics/{topic}/partitions/{partition}", self.produce_to_partition),
            ]
        )
        app.on_cleanup.append(self._flush)
        return app

    async def finish(self, patience: float) -> None:
        """Wait for the requests under way, at most `patience` seconds; their connections take no other request."""
        self._finishing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._under_way:
                    self._idle.clear()
                    await self._idle.wait()

    async def root(self, _: web.Request) -> web.Response:
        return reply({})

    async def health(self, _: web.Request) -> web.Response:
        """200 when Kafka answers, else 503: what a load balancer asks."""
        return reply({"status": "ok", "brokers": len(await self._broker.brokers())})

    async def brokers(self, _: web.Request) -> web.Response:
        return reply({"brokers": await self._broker.brokers()})

    async def topics(self, _: web.Request) -> web.Response:
        return reply(sorted(await self._broker.topics()))

    async def topic(self, request: web.Request) -> web.Response:
        topic = await self._existing(request)
        return reply({"name": topic.topic, "configs": {}, "partitions": _partitions(topic)})

    async def partitions(self, request: web.Request) -> web.Response:
        return reply(_partitions(await self._existing(request)))

    async def partition(self, request: web.Request) -> web.Response:
        number = _partition_number(request, await self._existing(request))
        return reply(_partitions(await self._existing(request))[number])

    async def produce(self, request: web.Request) -> web.Response:
        topic = await self._existing(request)
        return await self._store(request, topic.topic, None)

    async def produce_to_partition(self, request: web.Request) -> web.Response:
        topic = await self._existing(request)
        return await self._store(request, topic.topic, _partition_number(request, topic))

    async def _store(self, request: web.Request, topic: str, partition: int | None) -> web.Response:
        # A body of unknown length counts as the largest one, and so does a compressed one.
        size = request.content_length
        if size is None or "Content-Encoding" in request.headers:
            size = self._max_request_bytes
        if size > self._max_request_bytes:
            raise web.HTTPRequestEntityTooLarge(self._max_request_bytes, size)
        async with self._room.take(size):
            records = parse(await request.read(), request.content_type)
            if partition is not None:
                records = [Record(record.key, record.value, partition) for record in records]
            offsets = await self._broker.produce(topic, records)
        return reply({"offsets": offsets, "key_schema_id": None, "value_schema_id": None})

    async def _existing(self, request: web.Request) -> Any:
        topic = await self._broker.topic(request.match_info["topic"])
        if topic is None:
            raise topic_not_found()
        return topic

    @web.middleware
    async def _counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._under_way += 1
        try:
            answer = await handler(request)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()
        if self._finishing:
            answer.force_close()
        return answer

    async def _flush(self, _: web.Application) -> None:
        left = self._broker.close()
        LOG.info("stopped; %d records without an answer from Kafka", left)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as Confluent words it."""
    try:
        return await handler(request)
    except Problem as problem:
        return _problem(problem)
    except web.HTTPRequestEntityTooLarge as error:
        return _problem(Problem(413, f"HTTP 413 Request Entity Too Large: {error.text}"))
    except web.HTTPException as error:
        answer = _problem(Problem(error.status, f"HTTP {error.status} {error.reason}"))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except (web.RequestPayloadError, ConnectionResetError) as error:  # compressed wrongly; the sender has gone away
        return _problem(Problem(400, f"Bad Request: the body cannot be read: {error}"))
    except Exception:
        LOG.exception("%s %s failed", request.method, request.path)
        return _problem(Problem(500, "Internal Server Error"))


def reply(content: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type=ANSWER)


def _problem(problem: Problem) -> web.Response:
    answer = reply({"error_code": problem.code, "message": problem.message}, problem.status)
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _partitions(topic: Any) -> list[dict[str, Any]]:
    return [
        {
            "partition": number,
            "leader": partition.leader,
            "replicas": [
                {"broker": broker, "leader": broker == partition.leader, "in_sync": broker in partition.isrs}
                for broker in partition.replicas
            ],
        }
        for number, partition in sorted(topic.partitions.items())
    ]


def _partition_number(request: web.Request, topic: Any) -> int:
    text = request.match_info["partition"]
    if text not in map(str, topic.partitions):
        raise partition_not_found()
    return int(text)
