"""The stream lane past the API: Kinesis with the AWS SDK."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from emulator.backoff import Backoff
from emulator.door import Answer, Busy, Record, TooLarge
from emulator.kinesis_door import KinesisDoor, outcomes
from emulator.kinesis_errors import busy, too_large
from emulator.signing import unusable, usable
from pipeline.estate import Estate

# What a call of boto3 raises for a reason outside the program: of Kinesis, of the way there, and of credentials that
# a process or file gives.
SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, OSError, ValueError, RuntimeError)
DENIED = "have kinesis:PutRecord and kinesis:PutRecords on it allowed to these AWS credentials, or use others"

CONFIG = Config(retries={"total_max_attempts": 1}, max_pool_connections=64, connect_timeout=10, read_timeout=30)


def kinesis_client(estate: Estate) -> Any:
    """A boto3 client that tries each call once: whoever calls knows better how long to wait, and when to stop.

    Raises UserError when there are no credentials that can be used.
    """
    return usable(lambda: estate.client("kinesis", CONFIG))


class KinesisSdk(KinesisDoor):
    """Into Kinesis directly. A call keeps one of the threads until it is answered."""

    def __init__(
        self, client: Any, threads: Executor, new_backoff: Callable[[], Backoff], tell: Callable[[str], None]
    ) -> None:
        super().__init__(new_backoff, tell)
        self._kinesis = client
        self._threads = threads

    async def _put_record(self, stream: str, record: Record) -> Answer:
        return await self._call(
            stream,
            lambda: [self._kinesis.put_record(StreamName=stream, Data=record.body, PartitionKey=record.key)],
        )

    async def _put_records(self, stream: str, records: Sequence[Record]) -> Answer:
        entries = [{"Data": record.body, "PartitionKey": record.key} for record in records]
        return await self._call(
            stream, lambda: self._kinesis.put_records(StreamName=stream, Records=entries)["Records"]
        )

    async def _call(self, stream: str, call: Callable[[], list[dict[str, Any]]]) -> Answer:
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except SDK_ERRORS as error:
            return TooLarge() if too_large(str(error)) else sdk_busy(error, stream, DENIED)
        return outcomes(answers)


def sdk_busy(error: Exception, stream: str, denied: str) -> Busy:
    """What one of SDK_ERRORS comes to, as `busy`."""
    if isinstance(error, ClientError):
        told, status = error.response["Error"], error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        return busy(told.get("Code", ""), told.get("Message", ""), status, stream, denied)
    if isinstance(error, ConnectionError | HTTPClientError | ResponseParserError):
        return Busy(f"{stream}: Kinesis does not answer ({' '.join(str(error).split())})")
    raise unusable(error) from None
