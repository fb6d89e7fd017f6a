"""One batch at a time, also after one that was killed."""

import json
import signal
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


def test_a_jvm_that_does_not_end_by_itself_is_ended(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lock, "GRACE", 0.1)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    left = subprocess.Popen([sys.executable, "-c", deaf])
    with locked(tmp_path, "batch") as writes:
        writes(left.pid)
    with locked(tmp_path, "batch"):
        assert left.wait(0) == -signal.SIGKILL
    assert capsys.readouterr().out == f"ending the JVM that a killed job left behind (pid {left.pid})\n"


def test_a_dead_jvm_that_no_process_reaps_holds_nothing_up(tmp_path):
    forgets = "import os, time; pid = os.posix_spawnp('true', ['true'], {}); print(pid, flush=True); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", forgets], stdout=subprocess.PIPE, text=True)
    try:
        left = int(parent.stdout.readline())
        with locked(tmp_path, "batch") as writes:
            writes(left)
        with locked(tmp_path, "batch"):
            assert psutil.Process(left).status() == psutil.STATUS_ZOMBIE
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def test_a_process_that_got_the_pid_of_a_dead_jvm_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "GRACE", 0.1)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (tmp_path / "batch.lock").write_text(json.dumps({"pid": other.pid, "created": 1.0}))
    try:
        with locked(tmp_path, "batch"):
            assert other.poll() is None
    finally:
        other.kill()
        other.wait()
