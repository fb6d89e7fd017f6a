"""What a running stream tells: a line a micro-batch in a log, a line now and then on the terminal, and a sum."""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jobs.stream_engine import Done, LaneStream

SECONDS_A_LINE = 5.0


class StreamLog:
    """`path`: the log, in logfmt, of the micro-batches with records."""

    def __init__(self, path: Path, streams: Sequence[LaneStream]) -> None:
        self.path = path
        self._streams = streams
        self._logged = dict.fromkeys((stream.stream for stream in streams), -1)
        self._told_at, self._told_records = time.monotonic(), 0

    def write(self) -> None:
        """Bring the log up to the micro-batches that are done."""
        for stream in self._streams:
            for number, done in sorted(stream.done.copy().items()):
                if number > self._logged[stream.stream]:
                    self._write(stream, number, done)
                    self._logged[stream.stream] = number

    def _write(self, stream: LaneStream, number: int, done: Done) -> None:
        fields = {
            "stream": stream.stream,
            "batch": number,
            "records": done.records,
            "rejected": done.rejected,
            "latency_p50_s": f"{done.latencies[50]:.2f}",
            "latency_p99_s": f"{done.latencies[99]:.2f}",
            "iterator_age_s": f"{stream.age:.2f}",
            "duration_s": f"{done.seconds:.2f}",
        }
        began = datetime.fromtimestamp(done.began, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(began + "".join(f" {key}={value}" for key, value in fields.items()) + "\n")

    def tick(self) -> None:
        """Called a few times a second: logs, and shows a line when it is time for one and something has come."""
        self.write()
        now = time.monotonic()
        if now - self._told_at < SECONDS_A_LINE:
            return
        counts = {
            stream.stream: stream.progress.figures.records_in - stream.before.records_in for stream in self._streams
        }
        records = sum(counts.values())
        if records > self._told_records:
            rate = (records - self._told_records) / (now - self._told_at)
            each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
            print(f"{each}; {rate:,.0f} records/s; {self.summary()}", flush=True)
        self._told_at, self._told_records = now, records

    def summary(self) -> str:
        """Latency and age in words, of the last micro-batches."""
        done = [batch for stream in self._streams for batch in stream.done.copy().values()]
        batches = sum(stream.batches for stream in self._streams)
        text = f"{batches:,} micro-batches; arrival to commit: p50 {_percentile(done, 50):.1f} s"
        age = max(stream.age for stream in self._streams)
        text += f", p99 {_percentile(done, 99):.1f} s; iterator age {age:.1f} s"
        lost = sum(stream.lost for stream in self._streams)
        return text + (f"; LOST before they were read: the records of {lost:.1f} hours" if lost else "")


def _percentile(done: list[Done], percent: int) -> float:
    """Of all records' latencies, in seconds: each micro-batch's percentiles stand for its records."""
    each = ((latency, batch.records / len(batch.latencies)) for batch in done for latency in batch.latencies)
    return weighted_percentile(each, percent)


def weighted_percentile(points: Iterable[tuple[float, float]], percent: int) -> float:
    """Of (value, weight) pairs: the value up to which so many percent of the weight lie; 0 of none."""
    ordered = sorted(points)
    left = sum(weight for _, weight in ordered) * percent / 100
    for value, weight in ordered:
        left -= weight
        if left <= 0:
            return value
    return 0.0
