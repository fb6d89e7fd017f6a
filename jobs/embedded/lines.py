"""The lines of landed objects (`jobs.landed`), read a block of objects at a time, with their place in Kafka."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from jobs.landed import LandedObject
from pipeline.estate import Estate

BLOCK = 4_000_000  # bytes of JSON, read into memory together; as Python values they take several times as much
AT_ONCE = 4  # objects under way


@dataclass
class Lines:
    """Lines that are not empty, beside their partitions and offsets."""

    raw: list[bytes] = field(default_factory=list)
    partitions: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    def position(self, number: int) -> str:
        """A line's, as `rejected` has it."""
        return f"{self.partitions[number]}/{self.offsets[number]}"


def blocks(estate: Estate, objects: list[LandedObject]) -> Iterator[Lines]:
    """The objects' lines, in the order of the objects."""
    lines, size = Lines(), 0
    for landed, body in _bodies(estate, objects):
        _add(lines, landed, body)
        size += len(body)
        if size >= BLOCK:
            yield lines
            lines, size = Lines(), 0
    if lines.raw:
        yield lines


def _add(lines: Lines, landed: LandedObject, body: bytes) -> None:
    first = landed.name.first
    numbered = [(first + number, line) for number, line in enumerate(body.split(b"\n")) if line]
    lines.raw += [line for _, line in numbered]
    lines.offsets += [offset for offset, _ in numbered]
    lines.partitions += [landed.name.partition] * len(numbered)


def _bodies(estate: Estate, objects: list[LandedObject]) -> Iterator[tuple[LandedObject, bytes]]:
    s3 = estate.client("s3")

    def get(landed: LandedObject) -> bytes:
        return bytes(s3.get_object(Bucket=estate.bucket, Key=landed.key)["Body"].read())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way: deque[tuple[LandedObject, Future[bytes]]] = deque()
        for landed in objects:
            under_way.append((landed, pool.submit(get, landed)))
            if len(under_way) > AT_ONCE:
                ready, body = under_way.popleft()
                yield ready, body.result()
        for ready, body in under_way:
            yield ready, body.result()
