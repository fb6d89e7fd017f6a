"""`python -m jobs batch`: load what is new, answer the questions, write the report."""

import time

from pyspark.sql import SparkSession

from jobs.figures import Figures, show
from jobs.landed import LandedObject
from jobs.load import load, new_objects
from jobs.lock import only_writer
from jobs.progress import Progress, load_progress, save_progress
from jobs.report import analyses_folder, report_file, write_report
from jobs.results import answer, save_results
from jobs.session import session
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings

BYTES_A_RECORD = 330  # a pin, a place and a user on average


def batch(settings: Settings) -> None:
    """One run. Raises UserError when another one runs, or Spark or S3 does not do its part."""
    estate = load_estate(settings)
    report = report_file(settings)
    with only_writer(settings.state, "batch") as writes:
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
    print(f"report: {write_report(settings, estate)}", flush=True)


def _load(spark: SparkSession, estate: Estate, objects: dict[str, list[LandedObject]], progress: Progress) -> None:
    started = time.monotonic()
    print(f"loading {sum(map(len, objects.values())):,} objects, {_size(objects) / 1e6:,.1f} MB", flush=True)
    before = dict(progress.figures)
    load(spark, estate, objects, progress)
    save_progress(estate, progress)
    show({topic: figures - before.get(topic, Figures()) for topic, figures in progress.figures.items()})
    print(f"loaded in {time.monotonic() - started:.1f} s", flush=True)


def _size(objects: dict[str, list[LandedObject]]) -> int:
    return sum(landed.size for found in objects.values() for landed in found)


def _answer(spark: SparkSession, estate: Estate, settings: Settings, progress: Progress) -> None:
    started = time.monotonic()
    results = answer(spark, estate, progress.results)
    save_progress(estate, progress)
    save_results(results, analyses_folder(settings))
    print(f"{len(results)} analyses in {time.monotonic() - started:.1f} s", flush=True)
