"""Follows a run on another platform."""

import time
from collections.abc import Callable

POLL = 10.0  # seconds between two polls
REPORT_EVERY = 60.0  # seconds, while the state stays the same


def follow(poll_state: Callable[[], tuple[str, bool]], cancel: Callable[[], None], poll: float = POLL) -> None:
    """Return when the run has finished. Print each new state with the run's duration; cancel the run on Ctrl-C.

    `poll_state` returns the run's state as text, and whether the run has finished.
    """
    started = printed = time.monotonic()
    before = None
    try:
        while True:
            state, finished = poll_state()
            now = time.monotonic()
            if state != before or now - printed >= REPORT_EVERY:
                print(f"{now - started:4.0f} s: {state}", flush=True)
                before, printed = state, now
            if finished:
                return
            time.sleep(poll)
    except KeyboardInterrupt:
        print("cancelling the run", flush=True)
        cancel()
        raise
