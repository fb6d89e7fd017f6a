"""The door of the stream lane: Kinesis through the API, `PUT {url}/streams/{stream}/records` or `/record`."""

from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import orjson

from emulator.api import Api, Reply
from emulator.backoff import Backoff
from emulator.door import Answer, Busy, Record, TooLarge
from emulator.kinesis_door import KinesisDoor, outcomes
from emulator.kinesis_errors import busy, too_large
from emulator.signing import Sign
from pipeline.errors import UserError

CONTENT_TYPE = "application/json"


class KinesisApi(KinesisDoor):
    """Into Kinesis, through the API."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str | None,
        new_backoff: Callable[[], Backoff],
        tell: Callable[[str], None],
        sign: Sign | None = None,
    ) -> None:
        super().__init__(new_backoff, tell)
        self._api = Api(session, url, api_key, CONTENT_TYPE, sign)

    async def _put_record(self, stream: str, record: Record) -> Answer:
        name, key = orjson.dumps(stream), orjson.dumps(record.key)
        data = b'{"StreamName":%b,"Data":%b,"PartitionKey":%b}' % (name, record.body, key)
        return await self._put(stream, "record", data, lambda answer: [answer], 1)

    async def _put_records(self, stream: str, records: Sequence[Record]) -> Answer:
        data = b",".join(b'{"data":%b,"partition-key":%b}' % (body, orjson.dumps(key)) for key, body in records)
        return await self._put(
            stream, "records", b'{"records":[%b]}' % data, lambda answer: answer["Records"], len(records)
        )

    async def _put(
        self, stream: str, route: str, data: bytes, records_of: Callable[[Any], list[dict[str, Any]]], expected: int
    ) -> Answer:
        reply = await self._api.request("PUT", f"streams/{stream}/{route}", data)
        if not isinstance(reply, Reply):
            return reply
        if reply.status != 200:
            return self._refused(reply, stream)
        try:
            stored = outcomes(records_of(orjson.loads(reply.body)))
        except (ValueError, KeyError, TypeError, AttributeError):
            stored = []
        if len(stored) != expected:
            url = self._api.url
            raise UserError(f"{url} answers 200 without a sequence number for each record: it is no way into Kinesis")
        return stored

    def _refused(self, reply: Reply, stream: str) -> Busy | TooLarge:
        """What a status but 200 comes to: Kinesis' own errors name their type. Raises UserError."""
        try:
            answer = orjson.loads(reply.body)
            code = str(answer["__type"]).rpartition("#")[2]
        except (ValueError, KeyError, TypeError):
            raise self._api.refusal(reply, stream) from None
        message = str(answer.get("message", answer.get("Message", "")))
        if too_large(message):
            return TooLarge()
        return busy(code, message, reply.status, stream, denied="do `make infra`, which lets the API in")
