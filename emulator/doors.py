"""Which door the settings ask for."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp

from emulator.backoff import Backoff
from emulator.destination import signing, url_and_key
from emulator.door import Door
from emulator.kafka_rest import KafkaRest
from emulator.kinesis_api import KinesisApi
from emulator.kinesis_door import MAX_RECORDS
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

# Opens a door, which takes what makes a backoff for each batch and what tells a person of trouble.
OpenDoor = Callable[[Callable[[], Backoff], Callable[[str], None]], AbstractAsyncContextManager[Door]]


def check(settings: Settings) -> None:
    """Raises UserError when the settings ask for a door that there is not."""
    if settings.direct and settings.lane == "batch":
        raise UserError("DIRECT=yes: only LANE=stream has a way past the API")
    if settings.direct and settings.api_url:
        raise UserError("both DIRECT and API_URL are set: give the one to take")
    if settings.lane == "stream" and settings.batch_size > MAX_RECORDS:
        raise UserError(f"BATCH_SIZE={settings.batch_size}: Kinesis takes at most {MAX_RECORDS} records a request")


def door_to(settings: Settings, estate: Estate | None) -> OpenDoor:
    """The door, yet to be opened. Raises UserError when credentials or the API's key are lacking."""
    if settings.direct and estate:
        return _past_the_api(settings, estate)
    return _through_the_api(settings, estate)


def _through_the_api(settings: Settings, estate: Estate | None) -> OpenDoor:
    sign = signing(settings, estate)  # before the key, which cannot be read without credentials either
    url, api_key = url_and_key(settings, estate)
    kind = KinesisApi if settings.lane == "stream" else KafkaRest

    @asynccontextmanager
    async def opened(new_backoff: Callable[[], Backoff], tell: Callable[[str], None]) -> AsyncIterator[Door]:
        connections = aiohttp.TCPConnector(limit=settings.concurrency)
        # On AWS through a person's proxy, as everything else; offline the API is on this machine.
        async with aiohttp.ClientSession(connector=connections, trust_env=settings.env == "aws") as session:
            yield kind(session, url, api_key, new_backoff, tell, sign)

    return opened


def _past_the_api(settings: Settings, estate: Estate) -> OpenDoor:
    from emulator.kinesis_sdk import KinesisSdk, kinesis_client  # the AWS SDK

    client = kinesis_client(estate)

    @asynccontextmanager
    async def opened(new_backoff: Callable[[], Backoff], tell: Callable[[str], None]) -> AsyncIterator[Door]:
        with ThreadPoolExecutor(settings.concurrency) as threads:
            yield KinesisSdk(client, threads, new_backoff, tell)

    return opened
