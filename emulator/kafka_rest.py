"""The door of the Kafka lane: Kafka REST v2, `POST {url}/topics/{topic}`."""

from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import orjson

from emulator.api import Api, Reply
from emulator.backoff import Backoff
from emulator.door import Answer, Door, Failed, Outcome, Placement, Record
from emulator.signing import Sign
from emulator.source import Row
from pipeline.errors import UserError

CONTENT_TYPE = "application/vnd.kafka.json.v2+json"


class KafkaRest(Door):
    """Into Kafka's topics, through the API."""

    MAX_REQUEST = 5 * 1024 * 1024

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

    def as_record(self, row: Row) -> Record:
        """The row in its envelope; a row without a key is sent without one."""
        key = b"" if row.key is None else b'"key":' + orjson.dumps(row.key) + b","
        return Record(row.key, b"{" + key + b'"value":' + row.value + b"}")

    def weigh(self, record: Record) -> int:
        return len(record.body)

    async def _post(self, target: str, records: Sequence[Record]) -> Answer:
        data = b'{"records":[' + b",".join(record.body for record in records) + b"]}"
        reply = await self._api.request("POST", f"topics/{target}", data)
        if not isinstance(reply, Reply):
            return reply
        if reply.status == 404 and b"40401" in reply.body:
            raise UserError(f"topic {target} does not exist: make it with `make infra`")
        if reply.status != 200:
            raise self._api.refusal(reply, target)
        return [_outcome(offset) for offset in self._offsets(reply.body, len(records))]

    def _offsets(self, body: bytes, expected: int) -> list[dict[str, Any]]:
        try:
            offsets: list[dict[str, Any]] = orjson.loads(body)["offsets"]
        except (ValueError, KeyError, TypeError):
            offsets = []
        if len(offsets) != expected:
            url = self._api.url
            raise UserError(f"{url} answers 200 without an offset for each record: it is no Kafka REST proxy")
        return offsets


def _outcome(offset: dict[str, Any]) -> Outcome:
    if offset.get("error_code") is not None:
        return Failed(offset["error"])
    return Placement(offset["partition"], offset["offset"])
