"""python -m emulator [send | events | verify] [options]"""

import argparse
import importlib
import sys

from pipeline.errors import exit_code_of
from pipeline.settings import add_options, given_options, load

SOURCE = ("data", "source", "rows", "seed", "order", "limit")
SENDING = ("rate", "batch_size", "concurrency", "lane", "direct", "api_url", "api_key", "wait")
COMMON = ("state", "user_id")

COMMANDS = {
    "send": ("emulator.send", "send the rows and wait until S3 has them, or Kinesis (the default)"),
    "events": ("emulator.events", "print what would be sent, as JSON lines; needs no estate"),
    "verify": ("emulator.verify", "compare what Kafka or Kinesis holds with what was acknowledged"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Sends rows of the three source tables as events to the API, or straight to Kinesis.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in COMMANDS.items()),
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, default="send")
    names = SOURCE + SENDING + COMMON
    add_options(parser, names)
    args = parser.parse_args()
    module, _ = COMMANDS[args.command]
    command = getattr(importlib.import_module(module), args.command)  # the one alone
    command(load(**given_options(args, names)))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
