"""How tests wait: for progress, not for seconds. A test fails when nothing moves for long, not on a slow machine."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0  # seconds: whatever takes longer, on a machine with ten other things to do, does not come


def until(
    condition: Callable[[], object],
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
    moved: Callable[[], object] | None = None,
) -> None:
    """Return when the condition holds.

    Fails when the process ends before, or when for PATIENCE seconds neither its log grows nor `moved` gives another
    value.
    """
    seen, since = None, time.monotonic()
    while not condition():
        said = log.read_text(errors="replace") if log and log.exists() else ""
        assert process is None or process.poll() is None, f"the process has ended: {said}"
        now = (len(said), moved() if moved else None)
        if now != seen:
            seen, since = now, time.monotonic()
        assert time.monotonic() - since < PATIENCE, f"nothing has moved for {PATIENCE:.0f} s: {said[-2000:]}"
        time.sleep(0.1)
