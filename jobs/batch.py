"""`python -m jobs batch`: load what is new, answer the questions, write the report."""

import time

from pyspark.sql import SparkSession

from jobs.landed import LandedObject
from jobs.load import load, new_objects
from jobs.lock import only_writer
from jobs.progress import Figures, Progress, load_progress, save_progress
from jobs.report import write_report
from jobs.results import answer, write_csv
from jobs.session import session
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings

BYTES_A_RECORD = 330  # a pin, a place and a user on average


def batch(settings: Settings) -> None:
    """One run. Raises UserError when another one runs, or Spark or S3 does not do its part."""
    estate = load_estate(settings)
    report = settings.state / "report" / "index.html"
    with only_writer(settings.state) as writes:
        began = time.monotonic()
        progress = load_progress(estate)
        objects = new_objects(estate, progress)
        if not objects and report.exists():
            print(f"nothing new in S3; the report stands: {report}", flush=True)
            return
        report.unlink(missing_ok=True)  # until there is one again, the next run makes one
        records = sum(progress.figures.values(), Figures()).records_in + _size(objects) // BYTES_A_RECORD
        with session(settings, estate, "batch", records) as spark:
            writes(spark.sparkContext._gateway.proc.pid)
            print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
            if objects:
                _load(spark, estate, objects, progress)
            _answer(spark, estate, settings, progress)
    print(f"report: {report}", flush=True)


def _load(spark: SparkSession, estate: Estate, objects: dict[str, list[LandedObject]], progress: Progress) -> None:
    started = time.monotonic()
    print(f"loading {sum(map(len, objects.values())):,} objects, {_size(objects) / 1e6:,.1f} MB", flush=True)
    before = dict(progress.figures)
    load(spark, estate, objects, progress)
    save_progress(estate, progress)
    _show({topic: figures - before.get(topic, Figures()) for topic, figures in progress.figures.items()})
    print(f"loaded in {time.monotonic() - started:.1f} s", flush=True)


def _size(objects: dict[str, list[LandedObject]]) -> int:
    return sum(landed.size for found in objects.values() for landed in found)


def _answer(spark: SparkSession, estate: Estate, settings: Settings, progress: Progress) -> None:
    started = time.monotonic()
    results = answer(spark, estate, progress.results)
    save_progress(estate, progress)
    write_csv(results, settings.state / "analyses")
    write_report(settings.state / "report" / "index.html", estate, progress.figures, results)
    print(f"{len(results)} analyses in {time.monotonic() - started:.1f} s", flush=True)


def _show(new: dict[str, Figures]) -> None:
    """The sum of what this run read."""
    total = sum(new.values(), Figures())
    rows = [("records of", ["in", "clean", "rejected", "superseded"])]
    for name, figures in [*new.items(), ("all", total)]:
        numbers = (figures.records_in, figures.clean, figures.rejected, figures.superseded)
        rows.append((name, [f"{number:,}" for number in numbers]))
    width = max(len(name) for name, _ in rows)
    for name, columns in rows:
        print(f"{name:<{width}}" + "".join(f"{text:>13}" for text in columns), flush=True)
    print(
        f"{total.records_in:,} in = {total.clean:,} clean + {total.rejected:,} rejected"
        f" + {total.superseded:,} superseded",
        flush=True,
    )
