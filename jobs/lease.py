"""One driver at a time writes a lane's tables, on whatever machine: a lease, an object in the bucket.

S3 puts it only where none is, or in place of the very one that was read: of two drivers that want it, one gets it. Who
holds it puts it anew all the time; who finds it looks whether that happens. No clock is compared with another.
"""

import os
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Lane

RENEW_EVERY = 10.0  # seconds
LASTS = 60.0  # seconds without a renewal: whoever held it is dead
LOST = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")


@dataclass
class Lease:
    """The lease on a lane's tables; `tag`: ETag of the object as we have put it, or found it."""

    s3: Any
    bucket: str
    key: str
    tag: str | None = None

    def put(self) -> bool:
        """Put it in place of what has the tag, or where nothing is; whether that was so."""
        condition = {"IfMatch": self.tag} if self.tag else {"IfNoneMatch": "*"}
        nonce = str(uuid.uuid4())
        body = orjson.dumps({"holder": socket.gethostname(), "renewed": datetime.now(UTC), "nonce": nonce})
        try:
            self.tag = self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=body, **condition)["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in LOST:
                raise
            # boto3 sends again what it heard no answer to, and is then refused for what it has put itself.
            before, held = self.tag, self.found()
            if held is None or held["nonce"] != nonce:
                self.tag = before
                return False
        return True

    def found(self) -> dict[str, Any] | None:
        """What somebody has put, whose tag is then ours to compare with; None when there is none."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                self.tag = None
                return None
            raise
        self.tag = answer["ETag"]
        held: dict[str, Any] = orjson.loads(answer["Body"].read())
        return held


@contextmanager
def leased(estate: Estate, lane: Lane) -> Iterator[None]:
    """Hold the lane's lease. Raises UserError when another driver holds it; one that has died is waited out."""
    lease = Lease(estate.client("s3"), estate.bucket, f"progress/{lane}.lease")
    _take(lease, lane)
    released = Event()
    renewing = Thread(target=_renew, args=(lease, lane, released), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        released.set()
        renewing.join()
        lease.s3.delete_object(Bucket=lease.bucket, Key=lease.key)


def _take(lease: Lease, lane: Lane) -> None:
    seen, since = None, 0.0
    while True:
        held = lease.found()
        if held is None:
            if lease.put():
                return
            continue
        if seen is None:
            print(f"a {lane} job on {held['holder']} has not ended: looking whether it lives", flush=True)
            seen, since = lease.tag, time.monotonic()
        elif lease.tag != seen:
            raise UserError(f"another {lane} job is running on {held['holder']}: wait for it to end")
        elif time.monotonic() - since > LASTS and lease.put():
            return
        time.sleep(RENEW_EVERY / 2)


def _renew(lease: Lease, lane: Lane, released: Event) -> None:
    renewed = time.monotonic()
    while not released.wait(RENEW_EVERY):
        try:
            held = lease.put()
        except (BotoCoreError, ClientError):
            held = time.monotonic() - renewed < LASTS - RENEW_EVERY
        else:
            renewed = time.monotonic()
        if not held:
            # Another driver writes the tables by now, or is about to: not a moment more.
            print(f"error: the lease on the {lane} lane's tables is lost: this job ends", file=sys.stderr, flush=True)
            os._exit(1)
