"""The run of events from an order through the lanes to a door: pace, stop, and what came of it."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from emulator.backoff import Backoff, RetryPolicy
from emulator.door import Door, Record
from emulator.doors import OpenDoor
from emulator.lanes import Batch, Lane, Lanes
from emulator.ledger import Ledger
from emulator.meter import Meter
from emulator.orders import Round
from emulator.pacing import Pacer
from emulator.refusals import Refuse, end_at_once
from pipeline.settings import Settings

SAVE_EVERY = 0.25  # seconds between checkpoints: what a kill makes the next replay send again
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """The person asked to stop."""


@dataclass(frozen=True)
class Outcome:
    """How a run went: `stopped` when it was asked to stop before its end."""

    rows: int
    seconds: float
    retries: int
    stopped: bool


class Run:
    """One run. `save` keeps the ledger's standing; it is called now and then and at the end, however that comes."""

    def __init__(
        self,
        settings: Settings,
        open_door: OpenDoor,
        targets: Mapping[str, str],
        ledger: Ledger,
        meter: Meter,
        save: Callable[[], None],
        refuse: Refuse = end_at_once,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._settings = settings
        self._open_door = open_door
        self._targets = targets
        self._ledger = ledger
        self._meter = meter
        self._save = save
        self._refuse = refuse
        self._policy = policy or RetryPolicy()
        self._stop = asyncio.Event()

    async def send(self, rounds: Iterator[Round]) -> Outcome:
        """Send all rounds. Raises UserError when they are refused, or not taken for too long."""
        started = time.monotonic()
        async with self._open_door(self._new_backoff, self._meter.tell) as door:
            try:
                await self._through(door, rounds)
            except ExceptionGroup as group:
                raise group.exceptions[0] from None
            finally:
                self._save()
        seconds = time.monotonic() - started
        return Outcome(self._ledger.rows_acknowledged, seconds, door.retries, self._stop.is_set())

    async def _through(self, door: Door, rounds: Iterator[Round]) -> None:
        async def deliver(batch: Batch) -> None:
            refused: list[Record] = []

            def refuse(record: Record, line: str) -> None:
                refused.append(record)
                self._refuse(line)

            placements = await door.produce(self._targets[batch.table], batch.records, refuse)
            self._ledger.acknowledged(batch, placements, refused)
            self._meter.advance(batch.table, len(batch.records))

        lanes = Lanes(door, self._settings.concurrency, self._settings.batch_size, deliver, self._ledger.opened)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._dispatch(rounds, lanes))
            sending = [tasks.create_task(self._until_stopped(lane)) for lane in lanes.lanes]
            keeping = tasks.create_task(self._keep())
            loop = asyncio.get_running_loop()
            before = {number: signal.getsignal(number) for number in SIGNALS}
            for number in SIGNALS:
                loop.add_signal_handler(number, self._interrupt, reading, lanes)
            try:
                await asyncio.wait(sending)
            finally:
                for number, handler in before.items():
                    loop.remove_signal_handler(number)
                    signal.signal(number, handler)
            keeping.cancel()

    async def _dispatch(self, rounds: Iterator[Round], lanes: Lanes) -> None:
        pacer = Pacer(self._settings.rate) if self._settings.rate else None
        while round_ := await asyncio.to_thread(next, rounds, None):
            if round_.pause and not pacer:
                await lanes.flush()
                await asyncio.sleep(round_.pause)
            for event in round_.events:
                if pacer and (pause := pacer.wait()):
                    await lanes.flush()
                    await asyncio.sleep(pause)
                await lanes.add(event, before=self._ledger.read(event))
        await lanes.finish()

    async def _until_stopped(self, lane: Lane) -> None:
        with suppress(Stopped):
            await lane.run()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self._save()
            self._meter.tick()

    def _interrupt(self, reading: asyncio.Task[None], lanes: Lanes) -> None:
        """Read no more, and let each lane end with the batch under way; a second signal ends the program at once."""
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
        self._meter.tell("stopping: waiting for what is under way")
        self._stop.set()
        reading.cancel()
        for lane in lanes.lanes:
            lane.stop()

    def _new_backoff(self) -> Backoff:
        return Backoff(self._policy, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        """Sleep before another attempt. Raises Stopped when asked to stop meanwhile."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
            raise Stopped
