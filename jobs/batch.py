"""`python -m jobs batch`: load what is new, answer the questions, publish the report.

`load` and `publish` do half of it each, and `check` is the gate between them: that is how a scheduled run goes.
"""

import time
from datetime import UTC, datetime

from jobs.engine import Engine, engine, require_engine
from jobs.figures import Figures, show
from jobs.landed import LandedObject
from jobs.load import load_objects, new_objects
from jobs.lock import only_writer
from jobs.progress import Progress, load_progress, save_progress
from jobs.quality import judge
from jobs.rebuild import to_load
from jobs.results import save_results
from pipeline.errors import UserError
from pipeline.estate import Estate, analyses_folder, load_estate, report_file
from pipeline.settings import Settings

BYTES_A_RECORD = 330  # a pin, a place and a user on average

Objects = dict[str, list[LandedObject]]


def batch(settings: Settings) -> None:
    """One whole run. Raises UserError when another one runs; what the engine or S3 raises is told in `jobs.faults`."""
    _run(settings, loads=True, publishes=True)


def load(settings: Settings) -> None:
    """Load what is new into the tables, and judge it. Raises UserError as `batch` does."""
    _run(settings, loads=True, publishes=False)


def check(settings: Settings) -> None:
    """Raises UserError with the figures when the last load is not fit to be published, or there was none."""
    quality = load_progress(load_estate(settings)).quality
    if quality is None:
        raise UserError("nothing was ever loaded: there is nothing to check")
    print(f"quality: {quality.summary}", flush=True)
    if quality.breaches:
        raise UserError(f"quality: {'; '.join(quality.breaches)}")


def publish(settings: Settings) -> None:
    """Answer the questions from the tables, and publish the report. Raises UserError as `batch` does."""
    _run(settings, loads=False, publishes=True)


def _run(settings: Settings, *, loads: bool, publishes: bool) -> None:
    require_engine(settings)
    estate = load_estate(settings)
    print(f"engine: {settings.engine}", flush=True)
    with only_writer(settings, estate, "batch") as writes:
        progress = load_progress(estate)
        if loads:
            progress = to_load(settings, estate, progress)
        objects = new_objects(estate, progress) if loads else {}
        if settings.rebuild and not objects:
            raise UserError("nothing has landed: there is nothing to make tables of")
        if loads and not objects:
            report = report_file(settings)
            stands = publishes and progress.published and report.exists()
            print("nothing new in S3" + (f"; the report stands: {report}" if stands else ""), flush=True)
            if not publishes:  # but by other thresholds, or later
                _judge(estate, settings, progress)
            if stands or not publishes:
                return
        records = sum(progress.figures.values(), Figures()).records_in + _size(objects) // BYTES_A_RECORD
        with engine(settings, estate, progress.generation, records, writes) as runs:
            if objects:
                _load(runs, estate, settings, objects, progress)
            if publishes:
                _answer(runs, estate, settings, progress)
        if publishes:
            _publish(estate, settings, progress)


def _load(runs: Engine, estate: Estate, settings: Settings, objects: Objects, progress: Progress) -> None:
    started = time.monotonic()
    print(f"loading {sum(map(len, objects.values())):,} objects, {_size(objects) / 1e6:,.1f} MB", flush=True)
    before = dict(progress.figures)
    load_objects(runs, estate, objects, progress)
    progress.loaded = {topic: figures - before.get(topic, Figures()) for topic, figures in progress.figures.items()}
    progress.published = False
    show(progress.loaded)
    _judge(estate, settings, progress)
    print(f"loaded in {time.monotonic() - started:.1f} s", flush=True)


def _judge(estate: Estate, settings: Settings, progress: Progress) -> None:
    newest = {topic: progress.newest.get(topic) for topic in estate.topics.values()}
    progress.quality = judge(settings, progress.loaded, newest, datetime.now(UTC))
    save_progress(estate, progress)
    for breach in progress.quality.breaches:
        print(f"quality: {breach}", flush=True)


def _size(objects: Objects) -> int:
    return sum(landed.size for found in objects.values() for landed in found)


def _answer(runs: Engine, estate: Estate, settings: Settings, progress: Progress) -> None:
    started = time.monotonic()
    results = runs.answer(progress.results)
    save_progress(estate, progress)
    save_results(results, analyses_folder(settings))
    print(f"{len(results)} analyses in {time.monotonic() - started:.1f} s", flush=True)


def _publish(estate: Estate, settings: Settings, progress: Progress) -> None:
    from jobs.report import publish_report, write_report  # a run with nothing new needs no charts

    report = write_report(settings, estate)
    where = publish_report(settings, estate)
    progress.published = True
    save_progress(estate, progress)
    print(f"report: {report}, published as {where}", flush=True)
