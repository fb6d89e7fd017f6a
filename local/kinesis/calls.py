"""What is done with a stream's records and shards: each call with what Kinesis refuses, in its words.

On the standard library and botocore alone. Whatever else is said of a stream, moto remembers (`server`).
"""

import base64
import binascii
import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Protocol

from botocore.model import ServiceModel

from local.aws_rules import refusal
from local.kinesis.shards import HASHES, Shard, Shards, hash_key

MOST_PUT = 500  # records of PutRecords
MOST_BYTES_PUT = 5 * 2**20  # their data and keys
MOST_BYTES_RECORD = 2**20  # data and key
MOST_READ = 10_000  # records of GetRecords
MOST_LISTED = 1000  # shards of ListShards
ITERATOR_LIVES = 300  # seconds
HASH_KEY = re.compile(r"0|[1-9]\d{0,38}")
TOO_LONG = f"failed to satisfy constraint: Member must have length less than or equal to {MOST_BYTES_RECORD}"

Body = dict[str, Any]


class Stream(Protocol):
    """What the calls know of a stream."""

    stream_name: str
    arn: str
    account_id: str
    shards: Shards
    retention_period_hours: int
    stream_mode: dict[str, str]
    encryption_type: str


class Refused(Exception):
    """What Kinesis answers instead."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def invalid(message: str) -> Refused:
    """An argument that is right by itself, and not here."""
    return Refused("InvalidArgumentException", message)


def broken(constraint: str) -> Refused:
    """An argument that is never right."""
    return Refused("ValidationException", f"1 validation error detected: {constraint}")


class Calls:
    """`find` gives a stream by name and ARN, or raises Refused; `limited`: shards take and give what AWS's do."""

    def __init__(self, model: ServiceModel, find: Callable[[str | None, str | None], Stream], limited: bool) -> None:
        self._model = model
        self._find = find
        self._limited = limited
        self._calls: dict[str, Callable[[Body], bytes]] = {
            "GetRecords": self.get_records,
            "GetShardIterator": self.get_shard_iterator,
            "ListShards": self.list_shards,
            "MergeShards": self.merge_shards,
            "PutRecord": self.put_record,
            "PutRecords": self.put_records,
            "SplitShard": self.split_shard,
            "UpdateShardCount": self.update_shard_count,
        }

    def answer(self, operation: str, body: Body) -> bytes | None:
        """JSON; None when the call is none of these. Raises Refused."""
        if operation not in self._model.operation_names:
            raise Refused("UnknownOperationException", f"Kinesis has no operation {operation}.")
        # PutRecords looks at its many records itself, faster.
        checked = {**body, "Records": [None]} if operation == "PutRecords" and body.get("Records") else body
        if wrong := refusal(self._model.operation_model(operation), checked):
            raise Refused("ValidationException", wrong)
        call = self._calls.get(operation)
        return call(body) if call else None

    def put_record(self, body: Body) -> bytes:
        stream = self._of(body)
        shard, size = self._place(stream, body, "")
        if self._limited and not shard.limits.put(size):
            raise _exceeded(stream, shard)
        number = shard.put(body["PartitionKey"], body["Data"], size, stream.encryption_type)
        return _json({"ShardId": shard.id, "SequenceNumber": str(number), "EncryptionType": stream.encryption_type})

    def put_records(self, body: Body) -> bytes:
        stream, records = self._of(body), body["Records"]
        if len(records) > MOST_PUT:
            raise broken(
                f"Value '[{len(records)} records]' at 'records' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MOST_PUT}"
            )
        places = [self._place(stream, record, f"records.{at}.member.") for at, record in enumerate(records, 1)]
        if sum(size for _, size in places) > MOST_BYTES_PUT:
            raise invalid("Records size exceeds 5 MB limit")
        told: list[Body] = []
        for record, (shard, size) in zip(records, places, strict=True):
            if self._limited and not shard.limits.put(size):
                refused = _exceeded(stream, shard)
                told.append({"ErrorCode": refused.code, "ErrorMessage": str(refused)})
            else:
                number = shard.put(record["PartitionKey"], record["Data"], size, stream.encryption_type)
                told.append({"SequenceNumber": str(number), "ShardId": shard.id})
        failed = sum("ErrorCode" in one for one in told)
        return _json({"FailedRecordCount": failed, "Records": told, "EncryptionType": stream.encryption_type})

    def get_shard_iterator(self, body: Body) -> bytes:
        stream = self._of(body)
        shard = stream.shards.get(body["ShardId"])
        if shard is None:
            raise _no_shard(stream, body["ShardId"])
        kind = body["ShardIteratorType"]
        if kind == "TRIM_HORIZON":
            after = 0
        elif kind == "LATEST":
            after = shard.latest()
        elif kind == "AT_TIMESTAMP":
            after = shard.before(_moment(body.get("Timestamp")))
        else:
            number = body.get("StartingSequenceNumber") or ""
            if not (number.isdecimal() and shard.knows(int(number))):
                raise invalid(
                    f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard.id} in stream "
                    f"{stream.stream_name} under account {stream.account_id} is invalid because it did not come from "
                    "this stream."
                )
            after = int(number) - (kind == "AT_SEQUENCE_NUMBER")
        return _json({"ShardIterator": _iterator(stream, shard, after)})

    def get_records(self, body: Body) -> bytes:
        try:
            name, shard_id, start, after, given_at = json.loads(base64.b64decode(body["ShardIterator"], validate=True))
        except (ValueError, TypeError):
            raise invalid("Invalid ShardIterator.") from None
        stream = self._find(name, None)
        if body.get("StreamARN", stream.arn) != stream.arn:
            raise invalid("StreamARN is not of the stream that ShardIterator is of.")
        if (now := time.time()) > given_at + ITERATOR_LIVES:
            raise Refused(
                "ExpiredIteratorException",
                f"Iterator expired. The iterator was created at time {formatdate(given_at, usegmt=True)} while right "
                f"now it is {formatdate(now, usegmt=True)} which is further in the future than the tolerated delay of "
                f"{1000 * ITERATOR_LIVES} milliseconds.",
            )
        _trim(stream)
        shard = stream.shards.get(shard_id)
        if shard is None:
            raise _no_shard(stream, shard_id)
        if shard.start != start:  # of a stream that had this name before
            raise invalid("Invalid ShardIterator.")
        if self._limited and not shard.limits.read():
            raise _exceeded(stream, shard)
        records, after, behind = shard.read(after, body.get("Limit") or MOST_READ)
        if self._limited:
            shard.limits.gave(sum(record.size for record in records))
        if shard.ends_at(after):
            goes_on: Body = {"ChildShards": [child.as_child() for child in stream.shards.children(shard_id)]}
        else:
            goes_on = {"NextShardIterator": _iterator(stream, shard, after)}
        rest = _json(goes_on | {"MillisBehindLatest": behind})
        return b'{"Records":[%b],%b' % (",".join(record.text for record in records).encode(), rest[1:])

    def list_shards(self, body: Body) -> bytes:
        token = body.get("NextToken")
        if token and (body.get("StreamName") or body.get("ExclusiveStartShardId") or body.get("ShardFilter")):
            raise invalid("NextToken and StreamName, ExclusiveStartShardId or ShardFilter cannot be provided together.")
        if token:
            try:
                asked = json.loads(base64.b64decode(token, validate=True))
            except ValueError:
                raise invalid("Invalid NextToken.") from None
        else:
            asked = {name: body[name] for name in ("StreamName", "StreamARN", "ExclusiveStartShardId") if name in body}
            asked["ShardFilter"] = body.get("ShardFilter") or {}
        stream = self._of(asked)
        after = asked.get("ExclusiveStartShardId") or asked["ShardFilter"].get("ShardId") or ""
        found = [shard for shard in _filtered(stream, asked["ShardFilter"]) if shard.id > after]
        most = min(body.get("MaxResults") or MOST_LISTED, MOST_LISTED)
        answer: Body = {"Shards": [shard.to_json() for shard in found[:most]]}
        if len(found) > most:
            asked["ExclusiveStartShardId"] = found[most - 1].id
            answer["NextToken"] = base64.b64encode(_json(asked)).decode()
        return _json(answer)

    def split_shard(self, body: Body) -> bytes:
        stream = self._of(body)
        shard = self._open_shard(stream, body["ShardToSplit"])
        at = int(body["NewStartingHashKey"])
        if not shard.first_hash + 1 < at < shard.last_hash:
            raise invalid(
                f"NewStartingHashKey {at} used in SplitShard() on shard {shard.id} in stream {stream.stream_name} "
                f"under account {stream.account_id} is not both greater than one plus the shard's StartingHashKey "
                f"{shard.first_hash} and less than the shard's EndingHashKey {shard.last_hash - 1}."
            )
        stream.shards.split(shard, at)
        return b""

    def merge_shards(self, body: Body) -> bytes:
        stream = self._of(body)
        shard, other = (self._open_shard(stream, body[name]) for name in ("ShardToMerge", "AdjacentShardToMerge"))
        if other.last_hash + 1 != shard.first_hash and shard.last_hash + 1 != other.first_hash:
            raise invalid(
                f"Shards {shard.id} and {other.id} in stream {stream.stream_name} under account {stream.account_id} "
                "are not an adjacent pair of shards eligible for merging"
            )
        stream.shards.merge(shard, other)
        return b""

    def update_shard_count(self, body: Body) -> bytes:
        stream, wanted = self._of(body), int(body["TargetShardCount"])
        if stream.stream_mode["StreamMode"] == "ON_DEMAND":
            raise Refused(
                "ValidationException",
                f"Request is invalid. Stream {stream.stream_name} under account {stream.account_id} is in On-Demand "
                "mode.",
            )
        now = len(stream.shards.open)
        if not now <= 2 * wanted <= 4 * now:
            raise invalid(
                "UpdateShardCount cannot scale up over double your current open shard count or below half of it. "
                f"Current open shard count: {now} Target shard count: {wanted}"
            )
        stream.shards.scale(wanted)
        told = {"StreamName": stream.stream_name, "StreamARN": stream.arn}
        return _json(told | {"CurrentShardCount": now, "TargetShardCount": wanted})

    def _of(self, body: Body) -> Stream:
        stream = self._find(body.get("StreamName"), body.get("StreamARN"))
        _trim(stream)
        return stream

    def _place(self, stream: Stream, record: Body, where: str) -> tuple[Shard, int]:
        """The shard that a record goes to, and its bytes; `where`: the path to its members in the request."""
        key, data, explicit = record.get("PartitionKey"), record.get("Data"), record.get("ExplicitHashKey")
        if not isinstance(key, str) or not isinstance(data, str):
            name = "data" if isinstance(key, str) else "partitionKey"
            raise broken(f"Value null at '{where}{name}' failed to satisfy constraint: Member must not be null")
        if not 1 <= len(key) <= 256:
            least = "greater than or equal to 1" if not key else "less than or equal to 256"
            raise broken(
                f"Value '{key}' at '{where}partitionKey' failed to satisfy constraint: Member must have length {least}"
            )
        try:
            size = len(binascii.a2b_base64(data, strict_mode=True))
        except (binascii.Error, ValueError):
            raise Refused("SerializationException", f"{where}data is not base64") from None
        size += len(key.encode())
        if size > MOST_BYTES_RECORD:
            raise broken(f"Value at '{where}data' {TOO_LONG}")
        if explicit is None:
            return stream.shards.of(hash_key(key)), size
        if not HASH_KEY.fullmatch(explicit):
            raise broken(
                f"Value '{explicit}' at '{where}explicitHashKey' failed to satisfy constraint: Member must satisfy "
                f"regular expression pattern: {HASH_KEY.pattern}"
            )
        if int(explicit) >= HASHES:
            raise invalid(f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]: {explicit}")
        return stream.shards.of(int(explicit)), size

    def _open_shard(self, stream: Stream, shard_id: str) -> Shard:
        shard = stream.shards.get(shard_id)
        if shard is None:
            raise _no_shard(stream, shard_id)
        if shard.closed_at is not None:
            raise invalid(
                f"Shard {shard_id} in stream {stream.stream_name} under account {stream.account_id} has already been "
                "merged or split, and thus is not eligible for merging or splitting."
            )
        return shard


def _trim(stream: Stream) -> None:
    stream.shards.trim(time.time() - 3600 * stream.retention_period_hours)


def _filtered(stream: Stream, wanted: Body) -> list[Shard]:
    """The shards that a ShardFilter lets through, by id."""
    shards = sorted(stream.shards.values(), key=lambda shard: shard.id)
    kind = wanted.get("Type", "FROM_TRIM_HORIZON")
    if kind in ("FROM_TRIM_HORIZON", "AFTER_SHARD_ID"):
        return shards
    if kind == "AT_LATEST":
        return [shard for shard in shards if shard.closed_at is None]
    moment = _moment(wanted.get("Timestamp")) if kind.endswith("_TIMESTAMP") else 0.0
    first = min(shard.opened_at for shard in shards)
    closed_later = [shard for shard in shards if shard.closed_at is None or shard.closed_at >= moment]
    if kind == "FROM_TIMESTAMP":
        return closed_later
    return [shard for shard in closed_later if shard.opened_at <= max(moment, first)]  # AT_TRIM_HORIZON, AT_TIMESTAMP


def _moment(timestamp: Any) -> float:
    if not isinstance(timestamp, int | float):
        raise invalid("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.")
    if timestamp > time.time():
        raise invalid("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.")
    return float(timestamp)


def _iterator(stream: Stream, shard: Shard, after: int) -> str:
    """Good for five minutes from now."""
    return base64.b64encode(_json([stream.stream_name, shard.id, shard.start, after, time.time()])).decode()


def _exceeded(stream: Stream, shard: Shard) -> Refused:
    return Refused(
        "ProvisionedThroughputExceededException",
        f"Rate exceeded for shard {shard.id} in stream {stream.stream_name} under account {stream.account_id}.",
    )


def _no_shard(stream: Stream, shard_id: str) -> Refused:
    return Refused(
        "ResourceNotFoundException",
        f"Shard {shard_id} in stream {stream.stream_name} under account {stream.account_id} does not exist",
    )


def _json(answer: Any) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()
