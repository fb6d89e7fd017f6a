"""One batch at a time, also after one that was killed."""

import subprocess
import sys

import psutil
import pytest

from jobs import lock
from jobs.lock import locked
from pipeline.errors import UserError


def test_a_second_batch_is_refused_while_the_first_runs(tmp_path):
    with (
        locked(tmp_path, "batch"),
        pytest.raises(UserError, match="another batch job is running"),
        locked(tmp_path, "batch"),
    ):
        pass
    with locked(tmp_path, "batch"), locked(tmp_path, "stream"):  # each lane has its own tables
        pass


def test_the_jvm_of_a_killed_batch_is_waited_for(tmp_path):
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"])
    with locked(tmp_path, "batch") as writes:
        writes(left.pid)
    with locked(tmp_path, "batch"):
        assert left.poll() is not None or psutil.Process(left.pid).status() == psutil.STATUS_ZOMBIE
    left.wait()


def test_a_jvm_that_does_not_end_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with locked(tmp_path, "batch") as writes:
        writes(left.pid)
    try:
        with pytest.raises(UserError, match=f"pid {left.pid}"), locked(tmp_path, "batch"):
            pass
    finally:
        left.kill()
        left.wait()
