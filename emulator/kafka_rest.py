"""The door of the Kafka lane: Kafka REST v2, `POST {url}/topics/{topic}`."""

from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import orjson

from emulator.api import Api, Reply
from emulator.backoff import Backoff
from emulator.door import Answer, Door, Failed, Outcome, Placement, Record, Refused
from emulator.signing import Sign
from emulator.source import Row
from pipeline.errors import UserError

REFUSED = 50002  # of one record: another attempt would not change it; 50003 may pass
# Kafka's words for what is wrong with the one record, rather than with the topic or who sends to it.
OF_THE_RECORD = ("message size too large", "failed to validate record", "invalid message", "invalid record")
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
        return [_outcome(offset, target) for offset in self._offsets(reply.body, len(records))]

    def _offsets(self, body: bytes, expected: int) -> list[dict[str, Any]]:
        try:
            offsets: list[dict[str, Any]] = orjson.loads(body)["offsets"]
        except (ValueError, KeyError, TypeError):
            offsets = []
        if len(offsets) != expected:
            url = self._api.url
            raise UserError(f"{url} answers 200 without an offset for each record: it is no Kafka REST proxy")
        return offsets


def _outcome(offset: dict[str, Any], target: str) -> Outcome:
    """What became of one record. Raises UserError when Kafka refuses every record of the topic alike."""
    code, error = offset.get("error_code"), str(offset.get("error"))
    if code is None:
        return Placement(offset["partition"], offset["offset"])
    if code != REFUSED:
        return Failed(error)
    if any(words in error.lower() for words in OF_THE_RECORD):
        return Refused(f"is refused by Kafka: {error}")
    raise UserError(f"Kafka refuses the records for {target}: {error}")
