"""The four calls of Kinesis' API that reading takes, with its errors told apart (`jobs.kinesis.errors`)."""

import json
import logging
import time
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from jobs.kinesis.errors import KinesisError, Transient, told
from jobs.kinesis.options import Options
from jobs.kinesis.positions import TRIM_HORIZON, Position

T = TypeVar("T")

# botocore tries again for some seconds; after that, whoever asked decides.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=30, max_pool_connections=32
)
PATIENCE = 300.0  # seconds in which Kinesis may fail before the query does
DESCRIBED_FOR = 60.0  # seconds: DescribeStreamSummary is for the whole account, 20 a second

log = logging.getLogger("kinesis")


@dataclass(frozen=True)
class Shard:
    """`parents`: the one that was split, or the two that were merged. `open`: it still takes records.

    `first`: its first sequence number, which no shard of another stream has; None where an emulator does not say.
    """

    id: str
    parents: tuple[str, ...]
    open: bool
    first: str | None = None


@dataclass(frozen=True)
class Answer:
    """Of GetRecords: records as boto3 gives them, the iterator behind them (None: the shard has ended there), and how
    many milliseconds that is behind the shard's tip."""

    records: list[dict[str, Any]]
    iterator: str | None
    behind: int


class Client:
    """Kinesis, for one stream. Every call raises KinesisError, or Transient when the same call may succeed later."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._span: tuple[int, int] | None = None
        self._described_at = 0.0
        self._name = f"stream {options.stream_name}"
        keys = {"aws_access_key_id": options.access_key, "aws_secret_access_key": options.secret_key}
        try:
            self._kinesis = boto3.client(
                "kinesis", region_name=options.region, endpoint_url=options.endpoint, config=CONFIG, **keys
            )
        except BotoCoreError as error:
            raise told(error, self._name) from None
        self._kinesis.meta.events.register("before-parse.kinesis.GetRecords", _parse_records)

    def shards(self) -> tuple[dict[str, Shard], datetime]:
        """By id, every shard that still holds records or takes them; and the time by the service's clock."""
        found: list[dict[str, Any]] = []
        page: dict[str, str] = self._options.stream
        while True:
            answer = self._call("ListShards", self._kinesis.list_shards, **page)
            found += answer["Shards"]
            if not answer.get("NextToken"):
                break
            page = {"NextToken": answer["NextToken"]}
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return {shard["ShardId"]: _shard(shard) for shard in found}, (
            parsedate_to_datetime(date) if date else datetime.now(UTC)
        )

    def span(self) -> tuple[int, int]:
        """When the stream was made, in milliseconds since the epoch, and for how many it keeps records.

        As they were a minute ago at most.
        """
        if self._span is None or time.monotonic() - self._described_at > DESCRIBED_FOR:
            answer = self._call("DescribeStreamSummary", self._kinesis.describe_stream_summary, **self._options.stream)
            summary = answer["StreamDescriptionSummary"]
            made = int(summary["StreamCreationTimestamp"].timestamp() * 1000)
            self._span = made, int(summary["RetentionPeriodHours"]) * 3_600_000
            self._described_at = time.monotonic()
        return self._span

    def iterator(self, shard: str, position: Position) -> str:
        """A shard iterator for what comes at the position.

        Raises ForeignPosition for one of another stream, NoShard when the shard is not there.
        """
        where: dict[str, Any] = {"ShardIteratorType": TRIM_HORIZON}
        if position.after is not None:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": position.after}
        elif position.start != TRIM_HORIZON:
            where = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": position.start}
        doing = f"GetShardIterator of {shard}"
        answer = self._call(doing, self._kinesis.get_shard_iterator, **self._options.stream, ShardId=shard, **where)
        return str(answer["ShardIterator"])

    def records(self, shard: str, iterator: str, most: int) -> Answer:
        """At most so many records from the iterator on.

        Raises ExpiredIterator when that is too old, NoShard when the shard is not there any more.
        """
        arn = {"StreamARN": self._options.stream_arn} if self._options.stream_arn else {}
        answer = self._call(
            f"GetRecords of {shard}", self._kinesis.get_records, ShardIterator=iterator, Limit=most, **arn
        )
        return Answer(answer["Records"], answer.get("NextShardIterator"), answer.get("MillisBehindLatest", 0))

    def _call(self, doing: str, call: Callable[..., dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        try:
            return call(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise told(error, f"{self._name}: {doing}") from None


class Patience:
    """How long something has been failing in a row."""

    def __init__(self) -> None:
        self._since: float | None = None

    def strain(self, error: Transient) -> None:
        """After a failure. Raises KinesisError when it has been going on for PATIENCE seconds."""
        self._since = time.monotonic() if self._since is None else self._since
        if time.monotonic() - self._since > PATIENCE:
            raise KinesisError(
                f"{error}; for {PATIENCE:.0f} s: the checkpoint holds, start the query again when it is over"
            ) from None
        log.warning("%s; will try again", error)

    def restore(self) -> None:
        """After a success."""
        self._since = None


def insist(call: Callable[[], T]) -> T:
    """Call until it succeeds. Raises KinesisError when it has not for PATIENCE seconds."""
    patience, pause = Patience(), 0.2
    while True:
        try:
            return call()
        except Transient as error:
            patience.strain(error)
        time.sleep(pause)
        pause = min(2 * pause, 10.0)


def _parse_records(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Parse an answer of GetRecords into what boto3 returns, in a quarter of the time that botocore's parser takes.

    botocore still parses errors, and whatever does not have the form of such an answer.
    """
    try:
        answer = json.loads(response_dict["body"])
        for record in answer["Records"]:
            record["Data"] = a2b_base64(record["Data"])
            record["ApproximateArrivalTimestamp"] = datetime.fromtimestamp(record["ApproximateArrivalTimestamp"], UTC)
    except (ValueError, KeyError, TypeError):
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _shard(listed: dict[str, Any]) -> Shard:
    parents = (listed.get("ParentShardId"), listed.get("AdjacentParentShardId"))
    first = listed["SequenceNumberRange"].get("StartingSequenceNumber")
    return Shard(
        first=first if first and int(first) else None,
        id=listed["ShardId"],
        parents=tuple(parent for parent in parents if parent),
        open="EndingSequenceNumber" not in listed["SequenceNumberRange"],
    )
