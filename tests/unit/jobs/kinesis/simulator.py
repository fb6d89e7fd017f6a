"""Kinesis in a thread: one stream, by its real protocol, on a clock that only the tests move."""

import base64
import json
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FIRST_NUMBER = 49_590_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000
MOST_BYTES = 10 * 2**20
RESET = "reset"

Fault = tuple[int, str] | tuple[int, str, str] | str  # status, code and maybe message of an error, or RESET


class Clock:
    """In the place of the module `time`: sleeping takes none."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0  # 2027-01-15 08:00 UTC

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pass_hours(self, hours: float) -> None:
        self.now += 3600 * hours


@dataclass
class Record:
    number: int
    key: str
    data: bytes
    arrival: float


@dataclass
class Shard:
    id: str
    parents: tuple[str, ...]
    first_number: int
    records: list[Record] = field(default_factory=list)
    closed_at: float | None = None


class Refused(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class Kinesis:
    """The stream `pins`. A test puts, splits, merges and trims here; the source reads through `url`."""

    def __init__(self, clock: Clock) -> None:
        self.url = ""
        self.clock = clock
        self.retention_hours = 24.0
        self.faults: dict[str, list[Fault | None]] = defaultdict(list)  # by operation, one a call; None: as ever
        self.gaps = 0  # so many answers of GetRecords hold nothing, though there is something
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.page = 1000  # shards
        self.ends_late = False  # a closed shard tells its end in an answer without records
        self._numbers = FIRST_NUMBER
        self._made = 0
        self.make(1)

    def make(self, shards: int) -> None:
        """The stream, or another of its name in its place."""
        self._made += 1
        self.created_at = self.clock.now
        self.shards: dict[str, Shard] = {}
        for _ in range(shards):
            self._open()

    def put(self, *texts: str | bytes, shard: int = 0, arrival: float | None = None) -> list[str]:
        """A record for each text, with it as key too; returns their sequence numbers."""
        target = self.shards[name(shard)]
        assert target.closed_at is None
        for text in texts:
            data = text.encode() if isinstance(text, str) else text
            key = text if isinstance(text, str) else "key"
            target.records.append(Record(self._number(), key, data, arrival or self.clock.now))
        return [str(record.number) for record in target.records[-len(texts) :]]

    def split(self, shard: int) -> None:
        self._close(shard)
        for _ in range(2):
            self._open(name(shard))

    def merge(self, shard: int, other: int) -> None:
        self._close(shard)
        self._close(other)
        self._open(name(shard), name(other))

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [body for called, body in self.calls if called == operation]

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """None: hang up. Raises Refused."""
        self.calls.append((operation, body))
        fault = self.faults[operation].pop(0) if self.faults[operation] else None
        if fault == RESET:
            return None
        if isinstance(fault, tuple):
            raise Refused(fault[1], fault[2] if len(fault) > 2 else "as the test wants it", fault[0])
        stream = body.get("StreamName") or str(body.get("StreamARN", "pins")).split("/")[-1]
        if stream != "pins":
            raise Refused("ResourceNotFoundException", f"Stream {stream} under account 000000000000 not found.")
        answer: dict[str, Any] = getattr(self, f"_{operation}")(body)
        return answer

    def _ListShards(self, body: dict[str, Any]) -> dict[str, Any]:
        listed = [shard for shard in self.shards.values() if not self._expired(shard)]
        first = int(body.get("NextToken", 0))
        answer: dict[str, Any] = {"Shards": [_described(shard) for shard in listed[first : first + self.page]]}
        return answer | ({"NextToken": str(first + self.page)} if first + self.page < len(listed) else {})

    def _DescribeStreamSummary(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "StreamDescriptionSummary": {
                "StreamName": "pins",
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/pins",
                "StreamStatus": "ACTIVE",
                "RetentionPeriodHours": int(self.retention_hours),
                "StreamCreationTimestamp": self.created_at,
                "EnhancedMonitoring": [],
                "OpenShardCount": sum(shard.closed_at is None for shard in self.shards.values()),
            }
        }

    def _GetShardIterator(self, body: dict[str, Any]) -> dict[str, Any]:
        shard = self._shard(body["ShardId"])
        after = 0
        if body["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER":
            after = int(body["StartingSequenceNumber"])
            # Records that were trimmed keep their numbers: from there on it reads what is left.
            if not any(record.number == after for record in shard.records):
                raise Refused(
                    "InvalidArgumentException",
                    f"StartingSequenceNumber {after} used in GetShardIterator on shard {shard.id} in stream pins under "
                    "account 000000000000 is invalid because it did not come from this stream.",
                )
        elif body["ShardIteratorType"] == "AT_TIMESTAMP":
            if body["Timestamp"] > self.clock.now:
                raise Refused("InvalidArgumentException", "Timestamp cannot be in the future")
            after = max((record.number for record in shard.records if record.arrival < body["Timestamp"]), default=0)
        else:
            assert body["ShardIteratorType"] == "TRIM_HORIZON"
        return {"ShardIterator": self._iterator(shard.id, after)}

    def _GetRecords(self, body: dict[str, Any]) -> dict[str, Any]:
        made, shard_id, after, given_at = json.loads(base64.b64decode(body["ShardIterator"]))
        if made != self._made:
            raise Refused("InvalidArgumentException", "Invalid ShardIterator.")
        if self.clock.now - given_at > 300:
            raise Refused("ExpiredIteratorException", "Iterator expired.")
        shard = self._shard(shard_id)
        unread = [record for record in self._kept(shard) if record.number > after]
        if self.gaps and unread:
            self.gaps -= 1
            return {
                "Records": [],
                "NextShardIterator": self._iterator(shard_id, after),
                "MillisBehindLatest": self._age(unread),
            }
        found: list[Record] = []
        size = 0
        for record in unread[: body["Limit"]]:
            size += len(record.data)
            if found and size > MOST_BYTES:
                break
            found.append(record)
        left = unread[len(found) :]
        answer: dict[str, Any] = {
            "Records": [
                {
                    "SequenceNumber": str(record.number),
                    "PartitionKey": record.key,
                    "Data": base64.b64encode(record.data).decode(),
                    "ApproximateArrivalTimestamp": record.arrival,
                }
                for record in found
            ],
            "MillisBehindLatest": self._age(left),
        }
        if left or shard.closed_at is None or (self.ends_late and found):
            answer["NextShardIterator"] = self._iterator(shard_id, found[-1].number if found else after)
        return answer

    def _age(self, records: list[Record]) -> int:
        return max(1, int(1000 * (self.clock.now - records[0].arrival))) if records else 0

    def _iterator(self, shard: str, after: int) -> str:
        return base64.b64encode(json.dumps([self._made, shard, after, self.clock.now]).encode()).decode()

    def _shard(self, shard: str) -> Shard:
        if shard not in self.shards or self._expired(self.shards[shard]):
            raise Refused(
                "ResourceNotFoundException",
                f"Shard {shard} in stream pins under account 000000000000 does not exist",
            )
        return self.shards[shard]

    def _kept(self, shard: Shard) -> list[Record]:
        return [record for record in shard.records if record.arrival >= self._horizon()]

    def _expired(self, shard: Shard) -> bool:
        return shard.closed_at is not None and shard.closed_at < self._horizon()

    def _horizon(self) -> float:
        return self.clock.now - 3600 * self.retention_hours

    def _open(self, *parents: str) -> None:
        shard = name(len(self.shards))
        self.shards[shard] = Shard(shard, parents, self._number())

    def _close(self, shard: int) -> None:
        assert self.shards[name(shard)].closed_at is None
        self.shards[name(shard)].closed_at = self.clock.now

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers


def name(shard: int) -> str:
    return f"shardId-{shard:012}"


@contextmanager
def serve(kinesis: Kinesis) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                with lock:
                    answer = kinesis.answer(self.headers["X-Amz-Target"].split(".")[-1], body)
                status = 200
            except Refused as refused:
                answer, status = {"__type": refused.code, "message": str(refused)}, refused.status
            if answer is None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(kinesis.clock.now, usegmt=True)

        def log_message(self, *_: object) -> None:
            pass

    lock = threading.Lock()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        kinesis.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield
        server.shutdown()
        thread.join()


def _described(shard: Shard) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": str(shard.first_number)}
    if shard.closed_at is not None:
        numbers["EndingSequenceNumber"] = "9223372036854775807"  # as some emulators have it: it says closed, no more
    parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False))
    hashes = {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    return {"ShardId": shard.id, "HashKeyRange": hashes, "SequenceNumberRange": numbers} | parents
