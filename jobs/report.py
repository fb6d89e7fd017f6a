"""The report: one HTML file that needs nothing beside it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.charts import charts
from jobs.contract import QUESTIONS
from jobs.figures import Figures
from jobs.progress import load_progress
from jobs.results import Result, load_results
from jobs.stored import Objects
from jobs.stream_charts import stream_charts
from jobs.stream_progress import StreamProgress, load_stream_progress
from pipeline.estate import Estate, analyses_folder, report_file
from pipeline.settings import Settings

VARIANTS = {question.name for question in QUESTIONS if question.variant}
SHOWN = 12  # rows of a table that are seen before it is opened


def write_report(settings: Settings, estate: Estate) -> Path:
    """Write the report anew from what both lanes have come to; returns where it is."""
    path = report_file(settings)
    totals = load_progress(estate).figures
    render(path, estate, totals, load_results(analyses_folder(settings)), load_stream_progress(estate))
    return path


def publish_report(settings: Settings, estate: Estate) -> str:
    """Put the analyses and then the report, as they were written last, into the bucket; returns where the report is."""
    objects = Objects(estate)
    for result in load_results(analyses_folder(settings)):
        table = analyses_folder(settings) / f"{result.name}.csv"
        objects.put(estate.analysis_key(result.name), table.read_bytes(), "text/csv; charset=utf-8")
    objects.put(estate.report_key, report_file(settings).read_bytes(), "text/html; charset=utf-8")
    return f"s3://{estate.bucket}/{estate.report_key}"


def render(
    path: Path,
    estate: Estate,
    totals: dict[str, Figures],
    results: list[Result],
    streamed: dict[str, StreamProgress],
) -> None:
    """Write the report; the file is there whole or not at all.

    `totals`: figures of each topic over all runs, whose sum is in = clean + rejected + superseded; `streamed`: by
    entity, the same and the last micro-batches of the stream lane.
    """
    streams = {
        estate.streams[name]: progress.figures for name, progress in streamed.items() if progress.figures.records_in
    }
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters["figure"] = figure
    templates.filters["moment"] = lambda seconds: datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    templates.filters["total"] = lambda totals: sum(totals.values(), Figures())
    page = templates.get_template("report.html.j2").render(
        user_id=estate.user_id,
        bucket=estate.bucket,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        lanes={lane: figures for lane, figures in (("batch", totals), ("stream", streams)) if figures},
        streamed=stream_charts(streamed),
        standing={estate.streams[name]: progress for name, progress in streamed.items() if progress.batches},
        results=[result for result in results if result.name not in VARIANTS],
        variants=[result for result in results if result.name in VARIANTS],
        charts=charts(results),
        shown=SHOWN,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)


def figure(value: Any, column: str = "") -> str:
    """A value as people read it: 59,500 rather than 59500.0, but a year as it is."""
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:,}" if isinstance(value, int) and not column.endswith("year") else str(value)
