"""Long-running processes of one STATE: started detached, recorded in $STATE/stack.json, stopped by pid."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from pipeline.environment import of_server
from pipeline.errors import UserError


@dataclass(frozen=True)
class Running:
    """A started process. `created` tells it from a later process with the same pid."""

    pid: int
    created: float
    ports: dict[str, int]

    def process(self) -> psutil.Process | None:
        """The live process, None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1
        except psutil.NoSuchProcess:
            return None
        return process if same and _runs(process) else None


class Registry:
    """What runs in one STATE, in its stack.json."""

    def __init__(self, state: Path) -> None:
        self.path = state / "stack.json"
        self._writing = threading.Lock()

    def load(self) -> dict[str, Running]:
        if not self.path.exists():
            return {}
        return {name: Running(**entry) for name, entry in json.loads(self.path.read_text()).items()}

    def put(self, name: str, running: Running) -> None:
        with self._writing:
            entries = self.load() | {name: running}
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(json.dumps({n: asdict(r) for n, r in entries.items()}, indent=2))
            temporary.replace(self.path)

    def live(self, name: str) -> Running | None:
        """The named process when it runs."""
        running = self.load().get(name)
        return running if running and running.process() else None


def start(command: list[str], environment: dict[str, str], log: Path, folder: Path) -> tuple[int, float]:
    """Start a process in a session of its own, its output appended to `log`; returns pid and creation time."""
    log.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env=of_server(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process.pid, psutil.Process(process.pid).create_time()


def stop(running: Running, patience: float = 20.0) -> None:
    """SIGTERM the process and its children, SIGKILL what is left after `patience` seconds."""
    process = running.process()
    if process is None:
        return
    family = [process, *process.children(recursive=True)]
    process.send_signal(signal.SIGTERM)
    left = _still_run(family, patience)
    for straggler in left:
        straggler.kill()
    _still_run(left, 5)


def _still_run(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Those that have not ended after `patience` seconds."""
    deadline = time.monotonic() + patience
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    """Whether the process has not ended; one whose parent has not yet looked has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_ready(
    name: str,
    running: Running,
    ready: Callable[[], bool],
    log: Path,
    timeout: float = 300.0,
    tell_every: float = 30.0,
) -> None:
    """Return when `ready()` holds; says now and then what it waits for. Raises UserError at once when the process ends,
    and when it is not ready in `timeout` seconds: many, for a busy machine."""
    began = told = time.monotonic()
    while not ready():
        if running.process() is None:
            raise UserError(f"{name} ended while starting: {last_error(log)} (its log: {log})")
        now = time.monotonic()
        if now - began > timeout:
            raise UserError(f"{name} runs, but did not answer in {timeout:.0f} s: {last_error(log)} (its log: {log})")
        if now - told > tell_every:
            told = now
            print(f"{name}: runs, but does not answer yet after {now - began:.0f} s: {last_error(log)}", flush=True)
        time.sleep(0.1)


def last_error(log: Path) -> str:
    """The last line of a log that speaks of an error, or the last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()[-200:] if line.strip()]
    wrong = [line for line in lines if "error" in line.lower() or "exception" in line.lower()]
    return (wrong or lines or ["it said nothing"])[-1][:300]


def choose_port(wanted: int, recorded: int | None, setting: str) -> int:
    """`wanted` when one is configured, else the recorded one when it is still free, else any free port.

    Raises UserError when the configured port is taken.
    """
    if wanted:
        if not is_free(wanted):
            raise UserError(f"port {wanted} is taken: set {setting} to another one, or to 0 for any free port")
        return wanted
    if recorded and is_free(recorded):
        return recorded
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
