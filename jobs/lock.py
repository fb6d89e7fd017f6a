"""One driver at a time writes a lane's tables: Delta's log store on S3 does not arbitrate between two.

Offline that is one driver of a STATE folder, by a lock that the operating system lets go with its holder.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from jobs.lease import leased
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Lane, Settings

GRACE = 5.0  # seconds for the JVM of a killed driver to end by itself, as it does when nothing holds it up
LOOK = 0.05  # seconds between looks at it


@contextmanager
def only_writer(settings: Settings, estate: Estate, lane: Lane) -> Iterator[Callable[[int], None]]:
    """Be the one driver; gives a function to call with the pid of the JVM that writes, where it is ours.

    Raises UserError when another one runs.
    """
    if estate.aws_endpoint_url:
        with locked(settings.state, lane) as writes:
            yield writes
    else:
        with leased(estate, lane):
            yield lambda pid: None


@contextmanager
def locked(state: Path, lane: Lane) -> Iterator[Callable[[int], None]]:
    """Hold the lock on this machine; gives a function to call with the pid of the JVM that writes.

    A driver that was killed leaves a JVM behind that may be writing for a moment more: it is ended first.
    Raises UserError when another one runs.
    """
    path = state / f"{lane}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"another {lane} job is running in {state}: wait for it to end ({path})") from None
        file.seek(0)
        _await_end(file.read())

        def writes(pid: int) -> None:
            file.truncate(0)
            file.write(json.dumps({"pid": pid, "created": psutil.Process(pid).create_time()}))
            file.flush()

        yield writes


def _await_end(recorded: str) -> None:
    """End the JVM that a killed driver left behind, whose work the next run does again, and wait until it has ended."""
    if not recorded:
        return
    left = json.loads(recorded)
    try:
        process = psutil.Process(left["pid"])
        if process.create_time() == left["created"]:
            deadline = time.monotonic() + GRACE
            while _runs(process) and time.monotonic() < deadline:
                time.sleep(LOOK)
            if _runs(process):
                print(f"ending the JVM that a killed job left behind (pid {left['pid']})", flush=True)
                process.kill()
            while _runs(process):
                time.sleep(LOOK)
    except psutil.NoSuchProcess:
        pass


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended. A zombie has: in a container there may be no one to reap it, ever."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
