"""Processes of a STATE: found again, told from others, stopped for real; ports."""

import socket
import sys

import psutil
import pytest

from local.process import Registry, Running, choose_port, start, stop, wait_ready
from pipeline.errors import UserError

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""

PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def started(tmp_path, script):
    log = tmp_path / "log"
    pid, created = start([sys.executable, "-c", script], {}, log, tmp_path)
    return Running(pid, created, {}), log


def test_a_process_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    running, log = started(tmp_path, STUBBORN)
    wait_ready("stubborn", running, lambda: "ready" in log.read_text(), log)
    children = running.process().children()
    stop(running, patience=0.2)
    assert running.process() is None
    assert len(children) == 1
    assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE


def test_a_process_whose_parent_does_not_look_has_ended(tmp_path):
    """Its parent here is one that never waits for it, so it stays a zombie until that one ends."""
    parent, log = started(tmp_path, PARENT)
    wait_ready("parent", parent, lambda: "\n" in log.read_text(), log)
    child = psutil.Process(int(log.read_text()))
    stop(Running(child.pid, child.create_time(), {}), patience=3600)
    assert child.status() == psutil.STATUS_ZOMBIE
    stop(parent)


def test_a_later_process_with_the_same_pid_is_another_one(tmp_path):
    me = psutil.Process()
    assert Running(me.pid, me.create_time(), {}).process() is not None
    assert Running(me.pid, me.create_time() - 100, {}).process() is None


def test_the_registry_finds_what_runs(tmp_path):
    me = psutil.Process()
    Registry(tmp_path).put("me", Running(me.pid, me.create_time(), {"port": 1}))
    Registry(tmp_path).put("gone", Running(me.pid, 0.0, {"port": 2}))
    registry = Registry(tmp_path)
    assert registry.live("me").ports == {"port": 1}
    assert registry.live("gone") is None
    assert registry.live("never") is None


def test_a_server_that_ends_while_starting_says_why(tmp_path):
    running, log = started(tmp_path, "raise SystemExit('Error: no room on the disk')")
    with pytest.raises(UserError, match=r"^broker ended while starting: Error: no room on the disk \(its log: "):
        wait_ready("broker", running, lambda: False, log)


def test_a_server_that_runs_and_does_not_answer_is_waited_for_aloud_and_not_for_ever(tmp_path, capsys):
    running, log = started(tmp_path, "print('looking for the broker', flush=True); import time; time.sleep(60)")
    wait_ready("connect", running, lambda: log.read_text() != "", log)
    try:
        with pytest.raises(
            UserError, match=r"^connect runs, but did not answer in 1 s: looking for the broker \(its log: "
        ):
            wait_ready("connect", running, lambda: False, log, timeout=1.0, tell_every=0.6)
    finally:
        stop(running)
    assert capsys.readouterr().out == "connect: runs, but does not answer yet after 1 s: looking for the broker\n"


def test_a_taken_port_is_named_with_its_setting():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(UserError, match=rf"^port {port} is taken: set KAFKA_PORT to another one, or to 0"):
            choose_port(port, None, "KAFKA_PORT")


def test_a_recorded_port_is_kept_while_it_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert choose_port(0, taken, "KAFKA_PORT") != taken
    assert choose_port(0, taken, "KAFKA_PORT") == taken
