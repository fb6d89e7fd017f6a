"""`python -m jobs batch`: load what is new, answer the questions, write the report."""

import shutil
import time

from jobs.load import Figures, Load
from jobs.lock import only_writer
from jobs.report import write_report
from jobs.results import answer, write_csv
from jobs.session import session
from pipeline.estate import load_estate
from pipeline.settings import Settings


def batch(settings: Settings) -> None:
    """One run. Raises UserError when another one runs, or Spark or S3 does not do its part."""
    estate = load_estate(settings)
    report = settings.state / "report" / "index.html"
    began = time.monotonic()
    with only_writer(settings.state) as writes, session(settings, estate, "batch") as spark:
        writes(spark.sparkContext._gateway.proc.pid)
        print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
        started = time.monotonic()
        load = Load(spark, estate, on_new=lambda: report.unlink(missing_ok=True))
        new = load.run()
        if not new and report.exists():
            print(f"nothing new in {time.monotonic() - started:.1f} s; the report stands: {report}", flush=True)
            return
        _show(new)
        print(f"loaded in {time.monotonic() - started:.1f} s", flush=True)
        started = time.monotonic()
        results = answer(spark, estate)
        shutil.rmtree(settings.state / "analyses", ignore_errors=True)
        write_csv(results, settings.state / "analyses")
        print(f"{len(results)} analyses in {time.monotonic() - started:.1f} s", flush=True)
        write_report(report, estate, load.totals(), results)
    print(f"report: {report}", flush=True)


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
