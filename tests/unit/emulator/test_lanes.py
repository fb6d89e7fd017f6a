"""Batches on their way: one order a key whatever the number of lanes, and batches no larger than asked for."""

import asyncio
import random
from collections import defaultdict

import pytest

from emulator.kafka_rest import KafkaRest
from emulator.lanes import Lanes
from emulator.orders import Event, Mark
from emulator.source import Row
from pipeline.entities import GEO, PIN

DOOR = KafkaRest(None, "", None, None, None)  # to make records with


class Sink:
    """Delivers after a random number of turns of the event loop."""

    def __init__(self, seed=0):
        self.opened, self.delivered, self.under_way, self.most = [], [], 0, 0
        self._random = random.Random(seed)

    async def deliver(self, batch):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(self._random.randrange(8)):
            await asyncio.sleep(0)
        self.delivered.append(batch)
        self.under_way -= 1


def event(entity, key, value=b"{}"):
    return Event(entity, Row(key, value, None))


async def send(sink, number, batch_size, events):
    lanes = Lanes(DOOR, number, batch_size, sink.deliver, sink.opened.append)

    async def read():
        for n, item in enumerate(events):
            await lanes.add(item, before=Mark(n, n))
        await lanes.finish()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        for lane in lanes.lanes:
            tasks.create_task(lane.run())


def bodies(batch):
    return [record.body for record in batch.records]


@pytest.mark.parametrize("number", [1, 2, 7])
async def test_rows_of_one_key_arrive_in_their_order_however_the_lanes_race(number):
    for seed in range(10):
        sink, rng = Sink(seed), random.Random(seed)
        keys = [rng.choice(["a", "b", "c", "d", "e", None]) for _ in range(200)]
        events = [event(rng.choice([PIN, GEO]), key, b"%d" % n) for n, key in enumerate(keys)]
        await send(sink, number, 3, events)
        arrived = defaultdict(list)
        for batch in sink.delivered:
            for record in batch.records:
                arrived[batch.table, record.key].append(int(record.body.split(b":")[-1][:-1]))
        assert sum(len(order) for order in arrived.values()) == 200
        assert all(order == sorted(order) for order in arrived.values())


async def test_lanes_deliver_side_by_side_and_each_one_batch_at_a_time():
    for number in (1, 4):
        sink = Sink()
        await send(sink, number, 1, [event(PIN, str(n)) for n in range(300)])
        assert sink.most == number


async def test_batches_hold_one_table_and_as_many_records_as_asked_for_the_rest_at_the_end():
    sink = Sink()
    events = [event(entity, str(n)) for n in range(5) for entity in (PIN, GEO)]
    await send(sink, 1, 2, events)
    assert [(batch.table, [record.key for record in batch.records]) for batch in sink.opened] == [
        ("pin", ["0", "1"]),
        ("geo", ["0", "1"]),
        ("pin", ["2", "3"]),
        ("geo", ["2", "3"]),
        ("pin", ["4"]),
        ("geo", ["4"]),
    ]
    assert sorted(map(id, sink.opened)) == sorted(map(id, sink.delivered))
    # Each batch knows the mark before its first row: rows 0, 1, 4, 5, 8 and 9 of those read.
    assert [batch.before.rows for batch in sink.opened] == [0, 1, 4, 5, 8, 9]


async def test_a_request_has_no_more_bytes_than_the_api_takes_but_for_a_row_that_is_larger_itself(monkeypatch):
    # {"value":"aaaaaaaaaa"} has 22 bytes.
    monkeypatch.setattr(KafkaRest, "MAX_REQUEST", 88)
    sink = Sink()
    small, large = b'"' + b"a" * 10 + b'"', b'"' + b"a" * 200 + b'"'
    await send(sink, 1, 500, [event(PIN, None, small)] * 5 + [event(PIN, None, large)] + [event(PIN, None, small)])
    assert [len(bodies(batch)) for batch in sink.delivered] == [4, 1, 1, 1]


async def test_flush_ships_what_is_open_without_waiting_for_more():
    sink = Sink()
    lanes = Lanes(DOOR, 1, 500, sink.deliver, sink.opened.append)
    running = asyncio.create_task(lanes.lanes[0].run())
    await lanes.add(event(PIN, "1"), Mark())
    await lanes.add(event(GEO, "1"), Mark())
    await lanes.flush()
    await asyncio.sleep(0.01)
    assert [batch.table for batch in sink.delivered] == ["pin", "geo"]
    await lanes.finish()
    await running


async def test_a_stopped_lane_ends_behind_the_batch_under_way():
    hold, delivered = asyncio.Event(), []

    async def deliver(batch):
        await hold.wait()
        delivered.append(batch)

    lanes = Lanes(DOOR, 1, 1, deliver, lambda batch: None)
    running = asyncio.create_task(lanes.lanes[0].run())
    for key in "123":
        await lanes.add(event(PIN, key), Mark())
        await asyncio.sleep(0)
    lanes.lanes[0].stop()
    hold.set()
    await asyncio.wait_for(running, 1)
    assert [batch.records[0].key for batch in delivered] == ["1"]


async def test_the_reader_waits_while_the_lane_is_busy():
    hold = asyncio.Event()

    async def deliver(batch):
        await hold.wait()

    lanes = Lanes(DOOR, 1, 1, deliver, lambda batch: None)
    running = asyncio.create_task(lanes.lanes[0].run())
    added = 0

    async def read():
        nonlocal added
        for n in range(10):
            await lanes.add(event(PIN, str(n)), Mark())
            added += 1
        await lanes.finish()

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.02)
    assert added == 3  # one under way and two queued: memory holds no more
    hold.set()
    await asyncio.gather(reading, running)
    assert added == 10
