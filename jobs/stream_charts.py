"""The stream lane over time: records committed, and how long they took."""

import math
from typing import Any

from jobs.charts import BARS, INK, WIDTH, Chart, svg
from jobs.stream_progress import MicroBatch, StreamProgress

BUCKETS = 60  # at most, over the time that is shown
SHORTEST = 60  # seconds that are shown at least


def stream_charts(streamed: dict[str, StreamProgress]) -> list[str]:
    """SVGs of records over time and of latency over time; none where nothing was streamed."""
    batches = sorted(
        (batch for progress in streamed.values() for batch in progress.batches), key=lambda batch: batch.committed
    )
    if not batches:
        return []
    last = batches[-1].committed + 1
    first = min(batches[0].committed, last - SHORTEST)
    time = {"type": "utc", "domain": [first * 1000, last * 1000], "nice": False}
    return [svg(_records(batches, math.ceil((last - first) / BUCKETS), time)), svg(_latency(batches, time))]


def _records(batches: list[MicroBatch], width: int, time: Chart) -> Chart:
    """`width`: seconds a bar."""
    counts: dict[float, int] = {}
    for batch in batches:
        begin = batch.committed // width * width
        counts[begin] = counts.get(begin, 0) + batch.records
    rows = [{"from": begin * 1000, "to": (begin + width) * 1000, "records": n} for begin, n in counts.items()]
    title = f"records in {width:,} s"
    return {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": BARS, "clip": True},
        "encoding": {
            "x": _axis("from", time),
            "x2": {"field": "to"},
            "y": {"field": "records", "type": "quantitative", "title": title, "axis": {"format": "~s"}},
            "y2": {"datum": 0},
        },
        "width": WIDTH,
        "height": 160,
    }


def _latency(batches: list[MicroBatch], time: Chart) -> Chart:
    rows: list[dict[str, Any]] = []
    for batch in batches:
        for which, seconds in (("p99", batch.latency_p99), ("median", batch.latency_p50)):
            rows.append({"at": batch.committed * 1000, "latency": which, "seconds": seconds})
    colors = {"domain": ["median", "p99"], "range": [INK, BARS]}
    return {
        "data": {"values": rows},
        "mark": {"type": "circle", "size": 28, "opacity": 0.7},
        "encoding": {
            "x": _axis("at", time),
            "y": {"field": "seconds", "type": "quantitative", "title": "latency, seconds"},
            "color": {
                "field": "latency",
                "type": "nominal",
                "scale": colors,
                "title": None,
                "legend": {"orient": "top"},
            },
        },
        "width": WIDTH,
        "height": 160,
    }


def _axis(field: str, time: Chart) -> Chart:
    shown = {"format": "%H:%M:%S", "tickCount": 6}
    return {"field": field, "type": "temporal", "title": None, "scale": time, "axis": shown}
