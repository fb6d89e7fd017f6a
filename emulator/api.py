"""Requests to the API: key, signature, and what its statuses mean whatever stands behind it."""

import asyncio
import re
from typing import NamedTuple

import aiohttp
import orjson

from emulator.backoff import retry_after
from emulator.door import Busy, TooLarge
from emulator.signing import Sign, explained
from pipeline.errors import UserError

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
BUSY = (408, 429)  # and whatever the server calls its own failure, from 500 on


class Reply(NamedTuple):
    """A reply that another attempt would not change."""

    status: int
    body: bytes


class Api:
    """The API at one URL, for bodies of one content type."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, api_key: str | None, content_type: str, sign: Sign | None
    ) -> None:
        self._url = url.rstrip("/")
        self.url = re.sub("//.*@", "//***@", self._url)  # for a person: without user and password
        self._session = session
        self._headers = {"Content-Type": content_type} | ({"x-api-key": api_key} if api_key else {})
        self._sign = sign

    async def request(self, method: str, path: str, data: bytes) -> Reply | Busy | TooLarge:
        """Send a body to a path below the URL. Raises UserError when the URL is no address."""
        url, headers = f"{self._url}/{path}", self._headers
        if self._sign:
            headers = await asyncio.to_thread(self._sign, method, url, headers, data)
        try:
            async with self._session.request(method, url, data=data, headers=headers, timeout=TIMEOUT) as response:
                body = await response.read()
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise UserError(f"{self.url} is no address to {method} to: it looks like http://host:port/path") from None
        except TimeoutError:
            return Busy(f"{self.url} did not answer within {TIMEOUT.total:.0f} s")
        except aiohttp.ClientError as error:
            return Busy(f"{self.url} does not answer ({' '.join(str(error).split()) or type(error).__name__})")
        if response.status == 413:
            return TooLarge()
        if response.status in BUSY or response.status >= 500:
            reason = f"{self.url} answers {response.status}: {_message(body)}"
            return Busy(reason, retry_after(response.headers.get("Retry-After")))
        return Reply(response.status, body)

    def refusal(self, reply: Reply, target: str) -> UserError:
        """The error for a reply that is no success; `target`: the topic or stream of the records."""
        status, message = reply.status, _message(reply.body)
        if status in (401, 403) and (explanation := explained(message)):
            meaning, remedy = explanation
            return UserError(f"{meaning} ({status}: {message}): {remedy}")
        if status in (401, 403):
            return UserError(
                f"the API refuses the key ({status}: {message}): check API_KEY, or unset it to use the estate's"
            )
        if status == 404:
            return UserError(
                f"nothing takes records at {self.url} (404: {message}): is the address right, is `make infra` done?"
            )
        return UserError(f"{self.url} refuses records for {target} ({status}: {message})")


def _message(body: bytes) -> str:
    """What the reply says, in one line."""
    try:
        answer = orjson.loads(body)
        text = str(answer["message"] if "message" in answer else answer["Message"])
        text = text.partition("The Canonical String")[0]  # which repeats the headers, and so the key
    except (ValueError, KeyError, TypeError):
        text = body[:200].decode(errors="replace")
    return " ".join(text.split()) or "no reason given"
