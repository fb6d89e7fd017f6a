"""python -m jobs batch | stream | parity | export [options]"""

import argparse
import sys

from jobs.batch import batch
from jobs.export import export
from jobs.parity import parity
from jobs.stream import stream
from pipeline.errors import exit_code_of
from pipeline.settings import add_options, given_options, load

COMMANDS = {
    "batch": (batch, "load what is new, answer the questions, write the report"),
    "stream": (stream, "go on loading what arrives in the streams, until stopped"),
    "parity": (parity, "compare the tables of both lanes"),
    "export": (export, "write a table as JSON lines"),
}
OPTIONS = ("state", "spark_memory", "once", "trigger", "fail_on_data_loss", "lane", "table", "out")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m jobs",
        description="Spark jobs over what the sink landed, and over the streams.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS)
    add_options(parser, OPTIONS)
    args = parser.parse_args()
    command, _ = COMMANDS[args.command]
    command(load(**given_options(args, OPTIONS)))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
