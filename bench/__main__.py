"""python -m bench [events|batch|stream] [--rows 10000,100000,1000000]"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench import batch, events, stream
from bench.table import show
from infra import commands
from local.stack import Stack
from pipeline.errors import exit_code_of
from pipeline.estate import load_estate
from pipeline.settings import load

PARTS = ["stream", "events", "batch"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures targets beside their baselines.")
    parser.add_argument("part", nargs="?", choices=PARTS, help="what to measure (default: all)")
    parser.add_argument("--rows", default="10000,100000,1000000", help="rows a table of the batch part")
    args = parser.parse_args()
    parts = [args.part] if args.part else PARTS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load(state=Path(folder), user_id="bench")
        if "stream" in parts:
            show("Stream", stream.measure(load(state=Path(folder) / "stream", user_id="bench")))
        if parts == ["stream"]:
            return
        stack = Stack(settings)
        try:
            commands.apply(settings)
            estate = load_estate(settings)
            if "events" in parts:
                show("Events", events.measure(settings, stack, estate))
            if "batch" in parts:
                for number in map(int, args.rows.split(",")):
                    show(f"Batch, {number:,} rows a table", batch.measure(settings, estate, number))
        finally:
            stack.down()


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
