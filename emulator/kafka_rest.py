"""The door of the Kafka lane: Kafka REST v2, `POST {url}/topics/{topic}`."""

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import aiohttp
import orjson

from emulator.backoff import Backoff, retry_after
from emulator.signing import Sign, explained
from emulator.source import Row
from pipeline.errors import UserError

CONTENT_TYPE = "application/vnd.kafka.json.v2+json"
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
MAX_REQUEST = 5 * 1024 * 1024  # bytes of a request's body
ENVELOPE = len(b'{"records":[]}')
BUSY = (408, 429)  # and whatever the server calls its own failure, from 500 on
TELL_AFTER = 3  # failures in a row before a person hears of them


class Record(NamedTuple):
    """A row as it stands in a request: `body` is the JSON object with its key and value."""

    key: str | None
    body: bytes


class Placement(NamedTuple):
    """Where Kafka put a record."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Busy:
    """The request may go through later."""

    reason: str
    pause: float = 0.0


class TooLarge:
    """The request has more bytes than the API takes."""


Answer = list[dict[str, Any]] | Busy | TooLarge


def as_record(row: Row) -> Record:
    """The row in its envelope; a row without a key is sent without one."""
    key = b"" if row.key is None else b'"key":' + orjson.dumps(row.key) + b","
    return Record(row.key, b"{" + key + b'"value":' + row.value + b"}")


class KafkaRest:
    """Produces batches. One batch of it under way a lane keeps each lane's order."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str | None,
        new_backoff: Callable[[], Backoff],
        tell: Callable[[str], None],
        sign: Sign | None = None,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": CONTENT_TYPE} | ({"x-api-key": api_key} if api_key else {})
        self._new_backoff = new_backoff
        self._tell = tell
        self._sign = sign
        self._told: set[str] = set()
        self.retries = 0

    async def produce(self, topic: str, records: Sequence[Record]) -> list[Placement]:
        """Send the records until each is acknowledged; their placements, in the same order.

        Records of one key are stored in their order, though some may be stored more than once.
        Raises UserError when the API refuses them, or does not take them for too long.
        """
        placed: dict[int, Placement] = {}
        left = list(range(len(records)))
        at_once = len(left)
        backoff = self._new_backoff()
        while left:
            sent, rest = left[:at_once], left[at_once:]
            answer = await self._post(topic, [records[i].body for i in sent])
            if isinstance(answer, TooLarge):
                if len(sent) == 1:
                    record = records[sent[0]]
                    raise UserError(f"{topic}: the row with key {record.key} ({len(record.body):,} bytes) is too large")
                at_once = (len(sent) + 1) // 2
                continue
            if isinstance(answer, Busy):
                await self._wait(backoff, answer)
                continue
            failed = {sent[i]: o["error"] for i, o in enumerate(answer) if o.get("error_code") is not None}
            placed |= {
                sent[i]: Placement(o["partition"], o["offset"]) for i, o in enumerate(answer) if sent[i] not in failed
            }
            again = _again(records, sent, failed)
            if len(again) < len(sent):
                backoff.reset()
            left = again + rest
            if failed:
                reason = next(iter(failed.values()))
                await self._wait(backoff, Busy(f"{topic}: {len(failed)} records not stored: {reason}"))
        return [placed[i] for i in range(len(records))]

    async def _wait(self, backoff: Backoff, busy: Busy) -> None:
        self.retries += 1
        if backoff.failures == TELL_AFTER and busy.reason not in self._told:
            self._told.add(busy.reason)
            self._tell(f"trying again: {busy.reason}")
        await backoff.wait(busy.reason, busy.pause)

    async def _post(self, topic: str, bodies: list[bytes]) -> Answer:
        url = f"{self._url}/topics/{topic}"
        data = b'{"records":[' + b",".join(bodies) + b"]}"
        headers = await asyncio.to_thread(self._sign, url, self._headers, data) if self._sign else self._headers
        try:
            async with self._session.post(url, data=data, headers=headers, timeout=TIMEOUT) as response:
                body = await response.read()
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise UserError(f"{self._url} is no address to POST to: it looks like http://host:port/path") from None
        except TimeoutError:
            return Busy(f"{self._url} did not answer within {TIMEOUT.total:.0f} s")
        except aiohttp.ClientError as error:
            return Busy(f"{self._url} does not answer ({' '.join(str(error).split()) or type(error).__name__})")
        if response.status == 200:
            return self._offsets(body, len(bodies))
        if response.status == 413:
            return TooLarge()
        if response.status in BUSY or response.status >= 500:
            reason = f"{self._url} answers {response.status}: {_message(body)}"
            return Busy(reason, retry_after(response.headers.get("Retry-After")))
        raise _refusal(response.status, body, self._url, topic)

    def _offsets(self, body: bytes, expected: int) -> list[dict[str, Any]]:
        try:
            offsets: list[dict[str, Any]] = orjson.loads(body)["offsets"]
        except (ValueError, KeyError, TypeError):
            offsets = []
        if len(offsets) != expected:
            raise UserError(f"{self._url} answers 200 without an offset for each record: it is no Kafka REST proxy")
        return offsets


def _again(records: Sequence[Record], sent: list[int], failed: Container[int]) -> list[int]:
    """What to send again: the failed records, and what came behind them with the same key, to keep its order."""
    again = []
    behind: set[str] = set()
    for i in sent:
        key = records[i].key
        if i in failed or key in behind:
            again.append(i)
            if key is not None:
                behind.add(key)
    return again


def _message(body: bytes) -> str:
    """What the answer says, in one line."""
    try:
        answer = orjson.loads(body)
        text = str(answer["message"] if "message" in answer else answer["Message"])
        text = text.partition("The Canonical String")[0]  # which repeats the headers, and so the key
    except (ValueError, KeyError, TypeError):
        text = body[:200].decode(errors="replace")
    return " ".join(text.split()) or "no reason given"


def _refusal(status: int, body: bytes, url: str, topic: str) -> UserError:
    """The error for a status that another attempt would not change."""
    message = _message(body)
    if status in (401, 403) and (explanation := explained(message)):
        meaning, remedy = explanation
        return UserError(f"{meaning} ({status}: {message}): {remedy}")
    if status in (401, 403):
        return UserError(
            f"the API refuses the key ({status}: {message}): check API_KEY, or unset it to use the estate's"
        )
    if status == 404 and b"40401" in body:
        return UserError(f"topic {topic} does not exist: make it with `make infra`")
    if status == 404:
        return UserError(
            f"nothing takes records at {url} (404: {message}): is the address right, is `make infra` done?"
        )
    return UserError(f"{url} refuses records for {topic} ({status}: {message})")
