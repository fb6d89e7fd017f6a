"""Waiting for S3: with a bucket, a Kafka and a clock of the test's own."""

import pytest

from emulator.landing import ASK_KAFKA_AFTER, PATIENCE, Bucket, Landing
from pipeline.errors import UserError
from pipeline.estate import Estate
from tests.s3 import MemoryS3

A, B = ("u.pin", 0), ("u.geo", 3)


class World:
    """What has landed and what is committed, as functions of the seconds gone by."""

    def __init__(self, landed, committed=lambda place, second: 0, rotation=0.0):
        self.second, self.asked_s3, self.asked_kafka = 0.0, [], []
        self._landed_at, self._committed_at = landed, committed
        self.landing = Landing(self._landed, self._committed, rotation, self._clock, self._sleep)

    def _landed(self, topic, partition):
        self.asked_s3.append((topic, partition))
        return self._landed_at((topic, partition), self.second)

    def _committed(self, topic, partitions):
        self.asked_kafka.append((self.second, topic, list(partitions)))
        return {n: self._committed_at((topic, n), self.second) for n in partitions}

    def _clock(self):
        return self.second

    def _sleep(self, seconds):
        self.second += seconds


def stuck(world, targets):
    with pytest.raises(UserError) as error:
        world.landing.wait(targets)
    return str(error.value)


def test_what_has_landed_already_is_not_waited_for():
    world = World(lambda place, second: 10)
    world.landing.wait({A: 10, B: 3})
    assert (world.second, world.asked_kafka) == (0, [])


def test_it_waits_for_every_place_and_asks_only_for_those_that_lack_something():
    world = World(lambda place, second: {A: 5, B: 2 * int(second)}[place])
    world.landing.wait({A: 5, B: 20})
    assert world.second == 10
    assert world.asked_s3.count(A) == 1
    assert world.asked_kafka == []


def test_slow_but_steady_is_waited_for_as_long_as_it_takes():
    world = World(lambda place, second: int(second / 50))  # a record every 50 s
    world.landing.wait({A: 10})
    assert world.second == 500


def test_records_put_aside_are_found_by_the_committed_offset_once_s3_stands_still():
    world = World(lambda place, second: 7, lambda place, second: 10 if second >= 8 else 0)
    world.landing.wait({A: 10})
    assert world.second == 8
    first_asked, topic, partitions = world.asked_kafka[0]
    assert ASK_KAFKA_AFTER < first_asked <= ASK_KAFKA_AFTER + 1
    assert (topic, partitions) == ("u.pin", [0])


def test_a_committed_offset_before_the_landed_one_takes_nothing_back():
    world = World(lambda place, second: 9 if second < 20 else 10, lambda place, second: 3)
    world.landing.wait({A: 10})
    assert world.second == 20


def test_the_sinks_rotation_is_no_standstill():
    def landed(place, second):
        return 10 if second >= 220 else 0

    World(landed, rotation=90.0).landing.wait({A: 10})
    assert "lacks 10 of u.pin" in stuck(World(landed, rotation=30.0), {A: 10})


def test_a_kafka_that_cannot_be_asked_is_done_without():
    def committed(place, second):
        raise UserError("Kafka does not answer")

    world = World(lambda place, second: 10 if second >= 30 else 0, committed)
    world.landing.wait({A: 10})
    assert world.second == 30
    assert world.asked_kafka


def test_what_never_lands_ends_with_what_is_lacking():
    world = World(lambda place, second: {A: 10, B: 1}.get(place, 0))
    message = stuck(world, {A: 1510, B: 1, ("u.geo", 1): 4, ("u.geo", 2): 3})
    assert message == ("nothing more landed in S3 for 180 s; it lacks 1,500 of u.pin, 7 of u.geo (see `make status`)")
    assert PATIENCE <= world.second <= PATIENCE + 1


def test_patience_is_counted_from_the_last_record_that_landed():
    world = World(lambda place, second: min(int(second), 40))
    assert "lacks 60 of u.pin" in stuck(world, {A: 100})
    assert 40 + PATIENCE <= world.second <= 42 + PATIENCE


def test_only_what_the_sink_named_says_how_far_a_partition_has_landed(new_estate, monkeypatch):
    s3 = MemoryS3()
    monkeypatch.setattr(Estate, "client", lambda self, service: s3)
    folder = "topics/0a1b.pin/partition=0/"
    s3.put(f"{folder}README.txt")
    s3.put(f"{folder}zzz.json", kafka_next_offset="900")
    bucket = Bucket(new_estate())
    assert bucket.landed("0a1b.pin", 0) == 0

    s3.put(f"{folder}0a1b.pin+0+0000000000.json", kafka_next_offset="3")
    assert bucket.landed("0a1b.pin", 0) == 3
    s3.put(f"{folder}0a1b.pin+0+0000000003+0000000006.missing", kafka_next_offset="6")
    assert bucket.landed("0a1b.pin", 0) == 6


def test_the_newest_object_is_that_of_the_highest_offset_also_past_ten_digits(new_estate, monkeypatch):
    s3 = MemoryS3()
    monkeypatch.setattr(Estate, "client", lambda self, service: s3)
    bucket = Bucket(new_estate())
    landed = {"9999990000": 10_000_000_000, "10000000000": 10_000_000_500, "10000000500": 10_000_000_700}
    for name, reached in landed.items():
        s3.put(f"topics/0a1b.pin/partition=0/0a1b.pin+0+{name}.json", kafka_next_offset=str(reached))
        assert bucket.landed("0a1b.pin", 0) == reached
    assert Bucket(new_estate()).landed("0a1b.pin", 0) == 10_000_000_700
