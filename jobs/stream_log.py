"""What a running stream tells: a line a micro-batch in a log, a line now and then on the terminal, and a sum."""

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql.streaming.listener import QueryProgressEvent, StreamingQueryListener

from jobs.kinesis import age_seconds, lost_hours
from jobs.spark.stream_query import Done, StreamQuery

SECONDS_A_LINE = 5.0
PATIENCE = 3.0  # seconds


class StreamLog(StreamingQueryListener):
    """Hears of each micro-batch when it is committed. `path`: the log, in logfmt."""

    def __init__(self, path: Path, queries: list[StreamQuery]) -> None:
        self.path = path
        self._queries = {query.stream: query for query in queries}
        self._ages = dict.fromkeys(self._queries, 0.0)
        self._lost = dict.fromkeys(self._queries, 0.0)
        self._logged = 0
        self._told_at, self._told_records = time.monotonic(), 0

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        progress = event.progress
        name, offset = str(progress.name), progress.sources[0].endOffset
        triggered = datetime.fromisoformat(progress.timestamp).timestamp()
        self._ages[name] = age_seconds(offset, triggered)
        self._lost[name] = lost_hours(offset)
        done = self._queries[name].done.get(progress.batchId)
        if done is None or not progress.numInputRows:
            return
        self._logged += 1
        fields = {
            "stream": name,
            "batch": progress.batchId,
            "records": done.records,
            "rejected": done.rejected,
            "latency_p50_s": f"{done.latencies[50]:.2f}",
            "latency_p99_s": f"{done.latencies[99]:.2f}",
            "iterator_age_s": f"{self._ages[name]:.2f}",
            "duration_s": f"{progress.durationMs['triggerExecution'] / 1000:.2f}",
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(progress.timestamp + "".join(f" {key}={value}" for key, value in fields.items()) + "\n")

    def onQueryStarted(self, event: Any) -> None:
        pass

    def onQueryIdle(self, event: Any) -> None:
        pass

    def onQueryTerminated(self, event: Any) -> None:
        pass

    def tick(self) -> None:
        """Called a few times a second: shows a line when it is time for one and something has come."""
        now = time.monotonic()
        if now - self._told_at < SECONDS_A_LINE:
            return
        counts = {name: query.progress.figures.records_in - query.before.records_in for name, query in self._all()}
        records = sum(counts.values())
        if records > self._told_records:
            rate = (records - self._told_records) / (now - self._told_at)
            each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
            print(f"{each}; {rate:,.0f} records/s; {self.summary()}", flush=True)
        self._told_at, self._told_records = now, records

    def summary(self) -> str:
        """Latency and age in words, of the last micro-batches."""
        done = [batch for _, query in self._all() for batch in list(query.done.values())]
        text = f"{self._batches():,} micro-batches; arrival to commit: p50 {_percentile(done, 50):.1f} s"
        text += f", p99 {_percentile(done, 99):.1f} s; iterator age {max(self._ages.values()):.1f} s"
        lost = sum(self._lost.values())
        return text + (f"; LOST before they were read: the records of {lost:.1f} hours" if lost else "")

    def settle(self) -> None:
        """Return when the last micro-batches are logged: Spark tells of them a little later."""
        deadline = time.monotonic() + PATIENCE
        while self._logged < self._batches() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _batches(self) -> int:
        return sum(query.batches for _, query in self._all())

    def _all(self) -> list[tuple[str, StreamQuery]]:
        return list(self._queries.items())


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
