"""Waits until all that was acknowledged lies in S3.

Each object's metadata says up to which offset its partition has landed. Records that the sink puts aside as dead
letters leave no object of their topic behind; the connector's committed offset covers them, a little later. They land
too, in objects of the dead-letter topic, and are waited for as well: a batch job that follows finds everything.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError

from emulator.kafka import Kafka
from emulator.meter import meter
from pipeline.errors import UserError
from pipeline.estate import Estate

NEXT_OFFSET = "kafka-next-offset"  # metadata that the sink gives each object

POLL = 0.5  # seconds
ASK_KAFKA_AFTER = 3.0  # seconds in which S3 should have moved and has not
PATIENCE = 180.0  # seconds in which anything should have moved

Place = tuple[str, int]  # topic and partition


def wait_until_landed(estate: Estate, acknowledged: Mapping[str, Mapping[int, int]]) -> None:
    """Return when S3 has all records before these offsets (topic to partition to offset), and all dead letters.

    Raises UserError when nothing moves any more.
    """
    landing = Landing(Bucket(estate).landed, Kafka(estate).committed, _rotation(estate))
    landing.wait(_places(acknowledged))
    try:
        ends = Kafka(estate).ends(estate.dead_letter_topic)
    except UserError as error:  # from outside the brokers' network
        print(f"not waiting for dead letters, should there be any: {error}")
        return
    landing.wait(_places({estate.dead_letter_topic: ends}))


class Landing:
    """Asks S3 how far a partition has landed, and Kafka, when S3 stands still, how far the sink is done with it."""

    def __init__(
        self,
        landed: Callable[[str, int], int],
        committed: Callable[[str, Iterable[int]], Mapping[int, int]],
        rotation: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`rotation`: seconds after which the sink writes an object that is not full."""
        self._landed = landed
        self._committed = committed
        self._rotation = rotation
        self._clock = clock
        self._sleep = sleep

    def wait(self, targets: Mapping[Place, int]) -> None:
        """Return when each place has landed up to its target."""
        behind = self._behind(targets, ask_kafka=False)
        with meter("landed", _by_topic(behind)) as shown:
            moved = self._clock()
            while behind:
                self._sleep(POLL)
                still = self._clock() - moved - self._rotation
                if still > PATIENCE:
                    raise UserError(_stuck(behind, still + self._rotation))
                now = self._behind({place: targets[place] for place in behind}, still > ASK_KAFKA_AFTER)
                for place, records in behind.items():
                    if landed := records - now.get(place, 0):
                        shown.advance(place[0], landed)
                        moved = self._clock()
                behind = now
                shown.tick()

    def _behind(self, targets: Mapping[Place, int], ask_kafka: bool) -> dict[Place, int]:
        """Records that each place lacks; places that lack none are left out."""
        reached = {(topic, n): self._landed(topic, n) for topic, n in targets}
        if ask_kafka:
            for topic in {topic for topic, _ in targets}:
                with suppress(UserError):  # then S3 is all there is to go by
                    for n, offset in self._committed(topic, [n for t, n in targets if t == topic]).items():
                        reached[topic, n] = max(reached[topic, n], offset)
        return {place: target - reached[place] for place, target in targets.items() if reached[place] < target}


class Bucket:
    """How far the topics have landed, by the metadata of their newest objects."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._s3 = estate.client("s3")
        self._newest: dict[tuple[str, int], str] = {}

    def landed(self, topic: str, partition: int) -> int:
        """The offset up to which the partition has landed, 0 when nothing has."""
        try:
            newest = self._newest_key(topic, partition)
            if newest is None:
                return 0
            head = self._s3.head_object(Bucket=self._estate.bucket, Key=newest)
        except (BotoCoreError, ClientError) as error:
            raise UserError(f"bucket {self._estate.bucket} cannot be read: {error}") from None
        return int(head["Metadata"].get(NEXT_OFFSET, 0))

    def _newest_key(self, topic: str, partition: int) -> str | None:
        """The object of the highest offset; listing goes on after the one known, where later names sort behind it."""
        prefix = f"{self._estate.topic_prefix(topic)}partition={partition}/"
        newest = self._newest.get((topic, partition), "")
        known = self._estate.landed(newest)
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._estate.bucket, Prefix=prefix, StartAfter=newest if known and known.sorts_on else prefix
        )
        for page in pages:
            for key in (item["Key"] for item in page.get("Contents", [])):
                name = self._estate.landed(key)
                if name and (known is None or name.first > known.first):
                    known, self._newest[topic, partition] = name, key
        return self._newest.get((topic, partition))


def _places(offsets: Mapping[str, Mapping[int, int]]) -> dict[Place, int]:
    return {(topic, n): offset for topic, partitions in offsets.items() for n, offset in partitions.items()}


def _by_topic(behind: Mapping[Place, int]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for (topic, _), records in behind.items():
        totals[topic] += records
    return dict(totals)


def _rotation(estate: Estate) -> float:
    intervals = [int(c.get("rotate.schedule.interval.ms", 0)) for c in estate.connectors.values()]
    return max(intervals, default=0) / 1000


def _stuck(behind: Mapping[Place, int], seconds: float) -> str:
    lacking = ", ".join(f"{records:,} of {topic}" for topic, records in _by_topic(behind).items())
    return f"nothing more landed in S3 for {seconds:.0f} s; it lacks {lacking} (see `make status`)"
