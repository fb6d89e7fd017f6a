"""Batches on their way, in parallel lanes.

A key always takes the same lane, and a lane sends one request at a time: so rows of one key arrive in their order,
while other keys are under way in other lanes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from zlib import crc32

from emulator.door import Door, Record
from emulator.orders import Event, Mark

BATCHES_QUEUED = 2  # a lane, so that it never waits for the reader, nor the reader's rows fill memory


@dataclass(eq=False)
class Batch:
    """Records for one table's topic or stream; all rows of the table up to `before` come before its first one."""

    table: str
    before: Mark
    records: list[Record] = field(default_factory=list)
    size: int = 0  # bytes, as the door weighs them

    def add(self, record: Record, size: int) -> None:
        self.records.append(record)
        self.size += size


class Lane:
    """One request at a time. `deliver` returns when all of a batch is acknowledged."""

    def __init__(self, deliver: Callable[[Batch], Awaitable[None]]) -> None:
        self.open: dict[str, Batch] = {}  # table name -> the batch being filled
        self._deliver = deliver
        self._queue: asyncio.Queue[Batch | None] = asyncio.Queue(BATCHES_QUEUED)

    async def run(self) -> None:
        """Deliver batches until the lane is finished."""
        while (batch := await self._queue.get()) is not None:
            await self._deliver(batch)

    async def ship(self, table: str) -> None:
        """Send what is in the table's open batch; waits while the lane is busy."""
        if batch := self.open.pop(table, None):
            await self._queue.put(batch)

    async def finish(self) -> None:
        """Let the lane end after what it was given."""
        await self._queue.put(None)

    def stop(self) -> None:
        """Let the lane end after the batch that it is delivering."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


class Lanes:
    """All the lanes. `opened` hears of every new batch, before anything else happens to it."""

    def __init__(
        self,
        door: Door,
        number: int,
        batch_size: int,
        deliver: Callable[[Batch], Awaitable[None]],
        opened: Callable[[Batch], None],
    ) -> None:
        self._door = door
        self._batch_size = batch_size
        self._opened = opened
        self.lanes = [Lane(deliver) for _ in range(number)]

    async def add(self, event: Event, before: Mark) -> None:
        """Put an event into the batch of its key; waits while its lane is busy."""
        table = event.entity.name
        record = self._door.as_record(event.row)
        size = self._door.weigh(record)
        lane = self.lanes[crc32((record.key or "").encode()) % len(self.lanes)]
        batch = lane.open.get(table)
        if batch and batch.size + size > self._door.MAX_REQUEST:
            await lane.ship(table)
            batch = None
        if batch is None:
            batch = lane.open[table] = Batch(table, before)
            self._opened(batch)
        batch.add(record, size)
        if len(batch.records) >= self._batch_size:
            await lane.ship(table)

    async def flush(self) -> None:
        """Ship all open batches, however small."""
        for lane in self.lanes:
            for table in list(lane.open):
                await lane.ship(table)

    async def finish(self) -> None:
        """Ship the rest, and let every lane end."""
        await self.flush()
        for lane in self.lanes:
            await lane.finish()
