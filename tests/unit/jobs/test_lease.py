"""One driver a lane, on whatever machine: on an S3 that keeps its promise of conditional puts."""

import io
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from jobs import lease
from jobs.lease import Lease, leased
from pipeline.errors import UserError
from tests.waiting import PATIENCE, until


class S3:
    """One object a key, with an ETag that every put changes."""

    def __init__(self):
        self.objects, self.puts, self.refused, self.down, self.lock = {}, 0, 0, False, threading.Lock()
        self.sent_twice = False

    def put_object(self, **put):
        if self.sent_twice:
            self._put(**put)
        return self._put(**put)

    def _put(self, Bucket, Key, Body, IfMatch=None, IfNoneMatch=None):
        with self.lock:
            if self.down:
                self.refused += 1
                raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")
            there = self.objects.get(Key)
            if (IfNoneMatch and there) or (IfMatch and (there is None or there[0] != IfMatch)):
                raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
            self.puts += 1
            self.objects[Key] = (f"tag {self.puts}", Body)
            return {"ETag": self.objects[Key][0]}

    def get_object(self, Bucket, Key):
        with self.lock:
            if Key not in self.objects:
                raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
            tag, body = self.objects[Key]
            return {"ETag": tag, "Body": io.BytesIO(body)}

    def delete_object(self, Bucket, Key):
        self.objects.pop(Key, None)


class Estate:
    bucket = "bucket"

    def __init__(self):
        self.s3 = S3()

    def client(self, service):
        return self.s3


@pytest.fixture
def estate(monkeypatch):
    """Renewed fifty times a second; so long a lease outlives any pause of a busy machine."""
    monkeypatch.setattr(lease, "RENEW_EVERY", 0.02)
    monkeypatch.setattr(lease, "LASTS", 600.0)
    return Estate()


def left_behind(estate):
    """A lease whose holder was killed."""
    assert Lease(estate.s3, "bucket", "progress/batch.lease").put()


def test_a_second_driver_is_refused_while_the_first_lives(estate):
    with leased(estate, "batch"), leased(estate, "stream"):  # each lane has its own tables
        with (
            pytest.raises(UserError, match="another batch job is running"),
            leased(estate, "batch"),
        ):
            pytest.fail("two drivers")
        with pytest.raises(UserError, match="another stream job"), leased(estate, "stream"):
            pytest.fail("two drivers")
    with leased(estate, "batch"):
        pass
    assert estate.s3.objects == {}


def test_a_driver_that_was_killed_is_waited_out(estate, capsys, monkeypatch):
    monkeypatch.setattr(lease, "LASTS", 0.5)
    left_behind(estate)
    began = time.monotonic()
    with leased(estate, "batch"):
        assert time.monotonic() - began >= 0.5
    assert "has not ended: looking whether it lives" in capsys.readouterr().out


def test_of_two_that_wait_for_a_dead_one_a_single_one_gets_it(estate, monkeypatch):
    monkeypatch.setattr(lease, "LASTS", 2.0)
    left_behind(estate)
    holding, most, refused = [], [], []

    def drive():
        try:
            with leased(estate, "batch"):
                holding.append(1)
                most.append(len(holding))
                time.sleep(0.3)
                holding.pop()
        except UserError:
            refused.append(1)

    threads = [threading.Thread(target=drive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(most) + len(refused)) == (1, 4)
    assert len(refused) >= 1


def test_a_short_failure_of_s3_loses_nothing(estate):
    with leased(estate, "batch"):
        estate.s3.down = True
        until(lambda: estate.s3.refused >= 3)
        estate.s3.down = False
        before = estate.s3.puts
        until(lambda: estate.s3.puts > before)


def test_a_put_that_boto3_has_sent_twice_is_our_own(estate):
    estate.s3.sent_twice = True
    with leased(estate, "batch"):
        before = estate.s3.puts
        until(lambda: estate.s3.puts > before + 2)
        with pytest.raises(UserError, match="another batch job is running"), leased(estate, "batch"):
            pytest.fail("two drivers")
    assert estate.s3.objects == {}


LOSER = """
import sys, time
sys.path.insert(0, {here!r})
from test_lease import Estate
from jobs import lease
lease.RENEW_EVERY, lease.LASTS = 0.02, 0.5
estate = Estate()
with lease.leased(estate, "batch"):
    {loses}
    time.sleep(60)
    print("went on writing")
"""


@pytest.mark.parametrize(
    "loses",
    [
        """estate.s3.objects["progress/batch.lease"] = ("of another", b'{"nonce": "another"}')""",
        "estate.s3.down = True",
    ],
    ids=["taken", "out of reach"],
)
def test_a_driver_that_has_lost_its_lease_ends_at_once(loses):
    program = LOSER.format(here=str(Path(__file__).parent), loses=loses)
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr == "error: the lease on the batch lane's tables is lost: this job ends\n"
