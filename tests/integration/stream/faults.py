"""A proxy in front of Kinesis that lets its calls fail as they do on AWS: by a plan, and counted.

    with FaultProxy(kinesis=url, seed=1) as proxy:
        proxy.play({"GetRecords": {THROTTLED: 0.1, LOST: 0.05, EXPIRED: 0.05}})
        ...  # with proxy.url as the endpoint
        assert proxy.played["GetRecords", LOST] > 0

Whatever is no Kinesis call, or has no part in the plan, passes through as it is.
"""

import asyncio
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiohttp import ClientError, ClientSession, DummyCookieJar, TCPConnector, web
from yarl import URL

THROTTLED = "throttled"  # 400 ProvisionedThroughputExceededException
FAILED = "failed"  # 500 InternalFailure
UNAVAILABLE = "unavailable"  # 503
RESET = "reset"  # the connection, before the request has got anywhere
LOST = "lost"  # the request is carried out, but the connection is reset instead of an answer
EXPIRED = "expired"  # 400 ExpiredIteratorException; of GetRecords alone
PARTIAL = "partial"  # some of the records are put, the others answered as failed; of PutRecords alone

ERRORS = {
    THROTTLED: (400, "ProvisionedThroughputExceededException", "Rate exceeded for shard shardId-000000000000."),
    FAILED: (500, "InternalFailure", "The request processing has failed because of an unknown error."),
    UNAVAILABLE: (503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    EXPIRED: (400, "ExpiredIteratorException", "Iterator expired. The iterator was created more than 5 minutes ago."),
}
FAULTS = {*ERRORS, RESET, LOST, PARTIAL}
ONLY = {EXPIRED: "GetRecords", PARTIAL: "PutRecords"}

TARGET = "Kinesis_20131202."
JSON = "application/x-amz-json-1.1"
OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "expect", "proxy-connection", "te", "upgrade"}

Plan = Mapping[str, Mapping[str, float]]  # operation → fault → its probability, of 1


class FaultProxy:
    """Passes Kinesis' calls on to `kinesis` and all others to `rest` (left out: there too), both base URLs.

    `calls`: how often each Kinesis operation was asked for, failures included. `played`: how often each (operation,
    fault) was played. Each operation draws its faults from a sequence of its own that `seed` decides.
    """

    def __init__(self, kinesis: str, rest: str | None = None, seed: int = 0) -> None:
        self.calls: Counter[str] = Counter()
        self.played: Counter[tuple[str, str]] = Counter()
        self.url = ""
        self._kinesis = kinesis.rstrip("/")
        self._rest = (rest or kinesis).rstrip("/")
        self._seed = seed
        self._plan: Plan = {}
        self._draws: dict[str, random.Random] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def play(self, plan: Plan) -> None:
        """Let calls fail by this plan from now on; an empty one lets all succeed."""
        for operation, faults in plan.items():
            assert faults.keys() <= FAULTS, faults
            assert all(ONLY.get(fault, operation) == operation for fault in faults), (operation, faults)
            assert sum(faults.values()) <= 1, faults
        self._plan = plan

    async def _start(self) -> None:
        self._session = ClientSession(
            auto_decompress=False, cookie_jar=DummyCookieJar(), connector=TCPConnector(limit=0), trust_env=False
        )
        self._server = web.Server(self._answer, auto_decompress=False, access_log=None)
        self._listening = await self._loop.create_server(self._server, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    async def _stop(self) -> None:
        self._listening.close()
        await self._server.shutdown(1)
        await self._session.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await request.content.read()
        target = request.headers.get("X-Amz-Target", "")
        if not target.startswith(TARGET):
            return await self._pass_on(self._rest, request, body)
        operation = target.removeprefix(TARGET)
        self.calls[operation] += 1
        fault = self._draw(operation)
        if fault is None:
            return await self._pass_on(self._kinesis, request, body)
        self.played[operation, fault] += 1
        if fault in ERRORS:
            status, name, message = ERRORS[fault]
            return _json(status, {"__type": name, "message": message})
        if fault == PARTIAL:
            return await self._put_some(request, body)
        if fault == LOST:
            await self._pass_on(self._kinesis, request, body)
        return _reset(request)

    def _draw(self, operation: str) -> str | None:
        """The fault to play now, if any."""
        faults = self._plan.get(operation, {})
        if not faults:
            return None
        drawn = self._random(operation).random()
        for fault, probability in faults.items():
            drawn -= probability
            if drawn < 0:
                return fault
        return None

    def _random(self, operation: str) -> random.Random:
        return self._draws.setdefault(operation, random.Random(f"{self._seed} {operation}"))

    async def _pass_on(self, upstream: str, request: web.BaseRequest, body: bytes) -> web.Response:
        # Not request.headers' own length: PARTIAL changes the body.
        headers = [
            (n, v) for n, v in request.headers.items() if n.lower() not in OF_ONE_CONNECTION | {"content-length"}
        ]
        headers.append(("Content-Length", str(len(body))))
        url = URL(f"{upstream}{request.raw_path}", encoded=True)
        try:
            async with self._session.request(
                request.method, url, headers=headers, data=body, allow_redirects=False, skip_auto_headers=_OWN_HEADERS
            ) as answer:
                content = await answer.read()
        except ClientError:
            return _reset(request)  # as the upstream did
        response = web.Response(status=answer.status, reason=answer.reason, body=content)
        response.headers.clear()
        for name, value in answer.headers.items():
            if name.lower() not in OF_ONE_CONNECTION:
                response.headers.add(name, value)
        return response

    async def _put_some(self, request: web.BaseRequest, body: bytes) -> web.Response:
        """PutRecords of about half of the records; at least one fails."""
        told = json.loads(body)
        draws = self._random("PutRecords of some")
        passes = [draws.random() < 0.5 for _ in told["Records"]]
        passes[draws.randrange(len(passes))] = False
        told["Records"] = [record for record, goes in zip(told["Records"], passes, strict=True) if goes]
        put: dict[str, Any] = {"Records": []}
        if told["Records"]:
            answer = await self._pass_on(self._kinesis, request, json.dumps(told).encode())
            if answer.status != 200:
                return answer
            put = json.loads(bytes(answer.body))  # type: ignore[arg-type]
        _, name, message = ERRORS[THROTTLED]
        failed = {"ErrorCode": name, "ErrorMessage": message}
        answers = iter(put["Records"])
        put["Records"] = [next(answers) if goes else failed for goes in passes]
        put["FailedRecordCount"] = sum("ErrorCode" in record for record in put["Records"])
        return _json(200, put)


_OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")  # aiohttp would add them


def _json(status: int, content: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=json.dumps(content).encode(), headers={"Content-Type": JSON})


def _reset(request: web.BaseRequest) -> web.Response:
    """Reset the request's connection (TCP RST). What this returns reaches nobody."""
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()
