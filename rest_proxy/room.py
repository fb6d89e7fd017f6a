"""Back-pressure: how many bytes of requests may be in memory at once."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rest_proxy.problems import overloaded


class Room:
    """Requests come in while there is room for them; those that wait are let in in the order they came.

    A request waits before its body is read, so that the sender's socket fills up rather than this process's memory.
    """

    def __init__(self, size: int, patience: float) -> None:
        """`size` in bytes; `patience` in seconds, after which a request is sent away."""
        self._size = size
        self._patience = patience
        self._taken = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def take(self, wanted: int) -> AsyncIterator[None]:
        """Hold `wanted` bytes of room, at most all of it. Raises Problem (503) when none becomes free in time."""
        held = min(wanted, self._size)
        if self._waiting or self._taken + held > self._size:
            await self._wait(held)
        else:
            self._taken += held
        try:
            yield
        finally:
            self._taken -= held
            self._let_in()

    async def _wait(self, wanted: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (wanted, turn)
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not turn.cancelled():  # let in at the very moment that it gave up
                self._taken -= wanted
            self._let_in()
            if isinstance(error, TimeoutError):
                raise overloaded() from None
            raise

    def _let_in(self) -> None:
        while self._waiting and self._taken + self._waiting[0][0] <= self._size:
            wanted, turn = self._waiting.popleft()
            if turn.done():
                continue
            self._taken += wanted
            turn.set_result(None)
