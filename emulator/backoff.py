"""How long to wait before another attempt, and when to give up."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.errors import UserError

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class RetryPolicy:
    """Seconds: the pause doubles from `first` to `longest`; after `patience` without any success it is over."""

    first: float = 0.2
    longest: float = 10.0
    patience: float = 120.0


class Backoff:
    """The failures in a row of one batch."""

    def __init__(self, policy: RetryPolicy, sleep: Sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._sleep = sleep
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Something went through: begin anew."""
        self.failures = 0
        self._since: float | None = None

    async def wait(self, reason: str, at_least: float = 0.0) -> None:
        """Pause before the next attempt, with jitter so that the lanes do not come back together.

        `at_least` is what the server asked for. Raises UserError when patience is at its end.
        """
        now = self._clock()
        self._since = now if self._since is None else self._since
        ceiling = min(self._policy.longest, self._policy.first * 2**self.failures)
        pause = max(ceiling * random.uniform(0.5, 1), at_least)
        if now + pause - self._since > self._policy.patience:
            raise UserError(f"gave up after {self._policy.patience:.0f} s without success: {reason}")
        self.failures += 1
        await self._sleep(pause)


def retry_after(header: str | None) -> float:
    """The seconds that a Retry-After header asks for; 0 without one that can be read."""
    if not header:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
