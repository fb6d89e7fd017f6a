"""The report: one HTML file that needs nothing beside it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.charts import charts
from jobs.progress import Figures
from jobs.results import Result
from pipeline.estate import Estate

VARIANTS = ("median_followers_by_post_year", "median_followers_by_post_year_and_age_group")
SHOWN = 12  # rows of a table that are seen before it is opened


def write_report(path: Path, estate: Estate, totals: dict[str, Figures], results: list[Result]) -> None:
    """Write the report; the file is there whole or not at all.

    `totals`: figures of each topic over all runs, whose sum is in = clean + rejected + superseded.
    """
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters["figure"] = figure
    page = templates.get_template("report.html.j2").render(
        user_id=estate.user_id,
        bucket=estate.bucket,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        totals=totals,
        total=sum(totals.values(), Figures()),
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
