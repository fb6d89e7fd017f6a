"""Back-pressure: first come, first in; no room is lost or gained by those who give up."""

import asyncio

import pytest

from rest_proxy.problems import Problem
from rest_proxy.room import Room

PATIENT = 60.0


class Visitor:
    """A request that takes room, and holds it until it is told to leave."""

    def __init__(self, room, wanted):
        self._leave = asyncio.Event()
        self.inside = False
        self.task = asyncio.create_task(self._visit(room, wanted))

    async def _visit(self, room, wanted):
        async with room.take(wanted):
            self.inside = True
            await self._leave.wait()
        self.inside = False

    async def leave(self):
        self._leave.set()
        await self.task


async def settle():
    """Let every task run as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def visitors(room, *wanted):
    """Visitors that come one after the other."""
    made = [Visitor(room, size) for size in wanted]
    await settle()
    return made


def inside(visitors):
    return [visitor.inside for visitor in visitors]


async def free(room, size):
    """Whether exactly `size` bytes of the room are free: that many fit, and not one more beside them."""
    all_of_it, one_more = await visitors(room, size, 1)
    answer = inside([all_of_it, one_more]) == [True, False]
    await all_of_it.leave()
    await one_more.leave()
    return answer


async def test_requests_come_in_while_there_is_room():
    first, second, third = everyone = await visitors(Room(10, PATIENT), 4, 6, 1)
    assert inside(everyone) == [True, True, False]
    await first.leave()
    await settle()
    assert inside(everyone) == [False, True, True]
    await second.leave()
    await third.leave()


async def test_those_that_wait_come_in_in_their_order():
    first, large, small, last = everyone = await visitors(Room(10, PATIENT), 8, 5, 1, 1)
    # The small ones would fit beside the first one, but may not overtake the large one.
    assert inside(everyone) == [True, False, False, False]
    await first.leave()
    await settle()
    assert inside(everyone) == [False, True, True, True]
    for visitor in (large, small, last):
        await visitor.leave()


async def test_one_that_comes_later_does_not_overtake_those_that_wait():
    room = Room(10, PATIENT)
    first, waiting = await visitors(room, 8, 5)
    (late,) = await visitors(room, 1)
    assert inside([first, waiting, late]) == [True, False, False]
    for visitor in (first, waiting, late):
        await visitor.leave()


async def test_all_room_is_free_again_after_everyone_has_left():
    room = Room(10, PATIENT)
    for visitor in await visitors(room, 3, 7, 10, 2):
        await visitor.leave()
    assert await free(room, 10)


async def test_room_is_given_back_by_a_request_that_fails():
    room = Room(10, PATIENT)
    with pytest.raises(ZeroDivisionError):
        async with room.take(10):
            raise ZeroDivisionError
    assert await free(room, 10)


async def test_a_request_larger_than_the_room_passes_alone():
    room = Room(10, PATIENT)
    small, huge, after = everyone = await visitors(room, 1, 1000, 1)
    assert inside(everyone) == [True, False, False]
    await small.leave()
    await settle()
    assert inside(everyone) == [False, True, False]
    await huge.leave()
    await settle()
    assert inside(everyone) == [False, False, True]
    await after.leave()
    assert await free(room, 10)


async def test_a_request_without_a_body_needs_no_room():
    full, empty = everyone = await visitors(Room(10, PATIENT), 10, 0)
    assert inside(everyone) == [True, True]
    await full.leave()
    await empty.leave()


async def test_one_that_waits_too_long_is_sent_away():
    room = Room(10, 0.05)
    (holder,) = await visitors(room, 10)
    with pytest.raises(Problem) as caught:
        async with room.take(1):
            pytest.fail("there is no room")
    problem = caught.value
    assert (problem.status, problem.code, problem.retry_after) == (503, 50302, 2)
    assert problem.message == "Kafka takes records more slowly than they come: try again later."
    await holder.leave()
    assert await free(room, 10)


async def test_those_behind_one_that_gives_up_come_in():
    holder, large, small = everyone = await visitors(Room(10, PATIENT), 8, 5, 2)
    assert inside(everyone) == [True, False, False]
    large.task.cancel()
    await settle()
    assert large.task.cancelled()
    assert inside(everyone) == [True, False, True]
    await holder.leave()
    await small.leave()


async def test_one_cancelled_while_it_waits_gives_its_place_back():
    room = Room(10, PATIENT)
    holder, waiting = await visitors(room, 10, 5)
    waiting.task.cancel()
    await settle()
    assert waiting.task.cancelled()
    await holder.leave()
    assert await free(room, 10)


async def test_one_cancelled_just_after_it_was_let_in_gives_its_room_back():
    room = Room(10, PATIENT)
    async with room.take(10):
        (waiting,) = await visitors(room, 5)
    # The other one has been let in, and has not run since.
    waiting.task.cancel()
    await settle()
    assert waiting.task.cancelled()
    assert not waiting.inside
    assert await free(room, 10)


async def test_one_cancelled_just_before_it_would_be_let_in_gives_back_no_more_than_it_had():
    room = Room(10, PATIENT)
    holder, waiting = await visitors(room, 10, 5)
    holder.task.cancel()
    waiting.task.cancel()  # both before either runs
    await settle()
    assert holder.task.cancelled()
    assert waiting.task.cancelled()
    assert await free(room, 10)
