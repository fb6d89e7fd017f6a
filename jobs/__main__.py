"""python -m jobs batch | load | check | publish | stream | parity | export [options]"""

import argparse
import sys

from jobs.batch import batch, check, load, publish
from jobs.export import export
from jobs.parity import parity
from jobs.stream import stream
from pipeline import settings
from pipeline.errors import exit_code_of
from pipeline.settings import add_options, given_options

COMMANDS = {
    "batch": (batch, "load what is new, answer the questions, publish the report"),
    "load": (load, "the first half: what is new into the tables"),
    "check": (check, "fail when what was loaded last is not fit to be published"),
    "publish": (publish, "the other half: answers and report"),
    "stream": (stream, "go on loading what arrives in the streams, until stopped"),
    "parity": (parity, "compare the tables of both lanes"),
    "export": (export, "write a table as JSON lines"),
}
OPTIONS = (
    *("state", "estate", "service_credential", "max_rejected_share", "max_age_hours"),
    *("spark_memory", "once", "trigger", "fail_on_data_loss", "lane", "table", "out"),
)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m jobs",
        description="Spark jobs over what the sink landed, and over the streams.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS)
    add_options(parser, OPTIONS)
    return parser


def main() -> None:
    """Raises UserError for a person, or a platform's log, to read."""
    args = parser().parse_args()
    command, _ = COMMANDS[args.command]
    command(settings.load(**given_options(args, OPTIONS)))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
