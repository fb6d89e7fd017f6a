"""python -m engines: the batch on the ENGINE of ENV=aws."""

import sys

from engines import databricks, emr
from jobs.report import report_file
from jobs.stored import Objects
from pipeline.errors import UserError, exit_code_of
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings, load

ENGINES = {"emr": emr.batch, "databricks": databricks.batch}


def batch(settings: Settings) -> None:
    """Run the batch on the engine, then bring its report here. Raises UserError when that fails."""
    if settings.env != "aws":
        raise UserError(f"ENGINE={settings.engine} runs in an AWS account: give ENV=aws, or leave ENGINE out")
    estate = load_estate(settings)
    ENGINES[settings.engine](settings, estate)
    fetch_report(settings, estate)


def fetch_report(settings: Settings, estate: Estate) -> None:
    """Copy the published report to where `make report` opens it."""
    published = Objects(estate).get(estate.report_key)
    if published is None:
        raise UserError(f"the batch has ended, but there is no s3://{estate.bucket}/{estate.report_key}")
    report = report_file(settings)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_bytes(published)
    print(f"report: s3://{estate.bucket}/{estate.report_key}, here as {report}", flush=True)


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: batch(load())))
