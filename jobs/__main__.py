"""python -m jobs batch | load | check | publish | stream | parity | export [options]"""

import argparse
import importlib
import sys

from jobs.faults import told
from pipeline import settings
from pipeline.errors import UserError, exit_code_of
from pipeline.settings import add_options, given_options

COMMANDS = {
    "batch": ("jobs.batch", "load what is new, answer the questions, publish the report"),
    "load": ("jobs.batch", "the first half: what is new into the tables"),
    "check": ("jobs.batch", "fail when what was loaded last is not fit to be published"),
    "publish": ("jobs.batch", "the other half: answers and report"),
    "stream": ("jobs.stream", "go on loading what arrives in the streams, until stopped"),
    "parity": ("jobs.parity", "compare the tables of both lanes"),
    "export": ("jobs.export", "write a table as JSON lines"),
}
BEGINS = "the next one begins where the last whole one ended"
# What it means that a command stopped; one that only reads has left everything as it was.
STOPPED = {
    "batch": BEGINS,
    "load": BEGINS,
    "publish": "what was loaded stays: publish again",
    "stream": "the next one goes on from its checkpoints",
}
OPTIONS = (
    *("engine", "rebuild", "state", "estate", "service_credential", "max_rejected_share", "max_age_hours"),
    *("spark_memory", "once", "trigger", "fail_on_data_loss", "before", "lane", "table", "out"),
)
# Modules that need not be there: Spark is installed when something asks for it, and an image has one engine.
ENGINE_OF = {"pyspark": "Spark", "delta": "Spark", "duckdb": "DuckDB", "deltalake": "DuckDB", "msgspec": "DuckDB"}
WHAT_TO_DO = {
    "host": {
        "Spark": "Spark is not installed: `make setup-spark` does it",
        "DuckDB": "DuckDB is not installed: `make setup` does it",
    },
    "docker": {
        "Spark": "Spark is not installed in this image: run pin-pipeline/jobs-spark, as `make batch ENGINE=spark` does",
        "DuckDB": "DuckDB is not installed in this image: run pin-pipeline/jobs, as `make batch ENGINE=duckdb` does",
    },
}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m jobs",
        description="Jobs over what the sink landed, and over the streams.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS)
    add_options(parser, OPTIONS)
    return parser


def main() -> None:
    """Raises UserError for a person, or a platform's log, to read."""
    args = parser().parse_args()
    given = settings.load(**given_options(args, OPTIONS))
    module, _ = COMMANDS[args.command]
    try:
        command = getattr(importlib.import_module(module), args.command)  # the one alone: Spark and charts take seconds
        with told(args.command, STOPPED.get(args.command, "")):
            command(given)
    except ModuleNotFoundError as error:
        if error.name not in ENGINE_OF:
            raise
        raise UserError(WHAT_TO_DO[given.runtime][ENGINE_OF[error.name]]) from None


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
