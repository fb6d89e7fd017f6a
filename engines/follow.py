"""Follows a run that goes on elsewhere."""

import time
from collections.abc import Callable

POLL = 10.0  # seconds between two looks
TELL_EVERY = 60.0  # seconds, while nothing changes


def follow(look: Callable[[], tuple[str, bool]], cancel: Callable[[], None], poll: float = POLL) -> None:
    """Return when the run has ended, telling each new state and how long the run has taken; Ctrl-C cancels it.

    `look` gives the run's state, for people, and whether that is its end.
    """
    began = told = time.monotonic()
    before = None
    try:
        while True:
            state, ended = look()
            now = time.monotonic()
            if state != before or now - told >= TELL_EVERY:
                print(f"{now - began:4.0f} s: {state}", flush=True)
                before, told = state, now
            if ended:
                return
            time.sleep(poll)
    except KeyboardInterrupt:
        print("cancelling the run", flush=True)
        cancel()
        raise
