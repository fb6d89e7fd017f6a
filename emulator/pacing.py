"""A steady rate: a token bucket that hands out events in small bursts."""

import time
from collections.abc import Callable

BURST = 0.5  # seconds' worth of events at once: often enough to flow, seldom enough to fill batches


class Pacer:
    """Tells how long to wait before each event, so that they come at `rate` a second."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._most = max(1.0, rate * BURST)
        self._tokens = self._most
        self._at = clock()

    def wait(self) -> float:
        """Take an event's token; the seconds to wait before the event goes out, most often 0."""
        now = self._clock()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        if self._tokens >= 0:
            return 0.0
        return (self._most - 1 - self._tokens) / self._rate
