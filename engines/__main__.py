"""`python -m engines`: runs the batch on the ENGINE of ENV=aws."""

import importlib
import sys

from jobs.stored import Objects
from pipeline.errors import UserError, exit_code_of
from pipeline.estate import Estate, load_estate, report_file
from pipeline.settings import Settings, load


def batch(settings: Settings) -> None:
    """Run the batch on the engine, then download its report. Raises UserError when either fails."""
    if settings.engine not in ("emr", "databricks"):
        raise UserError("give ENGINE=emr or ENGINE=databricks: without them `make batch` runs on this machine")
    if settings.env != "aws":
        raise UserError(f"ENGINE={settings.engine} runs in an AWS account: give ENV=aws, or leave ENGINE out")
    estate = load_estate(settings)
    engine = importlib.import_module(
        f"engines.{settings.engine}"
    )  # only this one: Databricks' SDK takes seconds to import
    engine.batch(settings, estate)
    fetch_report(settings, estate)


def fetch_report(settings: Settings, estate: Estate) -> None:
    """Download the published report to where `make report` opens it. Raises UserError if it is missing."""
    published = Objects(estate).get(estate.report_key)
    if published is None:
        raise UserError(f"the batch has finished, but there is no s3://{estate.bucket}/{estate.report_key}")
    report = report_file(settings)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_bytes(published)
    print(f"report: s3://{estate.bucket}/{estate.report_key}, here as {report}", flush=True)


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: batch(load())))
