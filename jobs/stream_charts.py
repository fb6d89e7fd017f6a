"""The stream lane over time: records committed, and how long they took."""

import math
from typing import Any

import altair as alt

from jobs.charts import BARS, INK, WIDTH, svg
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
    time = alt.Scale(type="utc", domain=[first * 1000, last * 1000], nice=False)
    return [svg(_records(batches, math.ceil((last - first) / BUCKETS), time)), svg(_latency(batches, time))]


def _records(batches: list[MicroBatch], width: int, time: alt.Scale) -> alt.Chart:
    """`width`: seconds a bar."""
    counts: dict[float, int] = {}
    for batch in batches:
        begin = batch.committed // width * width
        counts[begin] = counts.get(begin, 0) + batch.records
    rows = [{"from": begin * 1000, "to": (begin + width) * 1000, "records": n} for begin, n in counts.items()]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=BARS, clip=True)
        .encode(
            x=_axis("from", time),
            x2="to:T",
            y=alt.Y("records:Q", title=f"records in {width:,} s", axis=alt.Axis(format="~s")),
            y2=alt.datum(0),
        )
        .properties(width=WIDTH, height=160)
    )


def _latency(batches: list[MicroBatch], time: alt.Scale) -> alt.Chart:
    rows: list[dict[str, Any]] = []
    legend = alt.Legend(orient="top")
    for batch in batches:
        for which, seconds in (("p99", batch.latency_p99), ("median", batch.latency_p50)):
            rows.append({"at": batch.committed * 1000, "latency": which, "seconds": seconds})
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_circle(size=28, opacity=0.7)
        .encode(
            x=_axis("at", time),
            y=alt.Y("seconds:Q", title="latency, seconds"),
            color=alt.Color(
                "latency:N", scale=alt.Scale(domain=["median", "p99"], range=[INK, BARS]), title=None, legend=legend
            ),
        )
        .properties(width=WIDTH, height=160)
    )


def _axis(field: str, time: alt.Scale) -> alt.X:
    return alt.X(f"{field}:T", title=None, scale=time, axis=alt.Axis(format="%H:%M:%S", tickCount=6))
