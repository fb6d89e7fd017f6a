"""python -m bench [start|stream|events|batch] [--rows 10000,100000,1000000] [--tiny]"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bench import batch, events, start, stream
from bench.sizes import TINY, Sizes
from bench.table import show, where
from infra import commands
from local.stack import Stack
from pipeline.errors import exit_code_of
from pipeline.estate import load_estate
from pipeline.settings import load

PARTS = ["start", "stream", "events", "batch"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures targets beside their baselines.")
    parser.add_argument("part", nargs="?", choices=PARTS, help="what to measure (default: all)")
    parser.add_argument("--rows", help="rows per table of the batch part (default: 10000,100000,1000000)")
    parser.add_argument("--tiny", action="store_true", help="as little as shows that each part runs: no figures")
    args = parser.parse_args()
    sizes = TINY if args.tiny else Sizes()
    if args.rows:
        sizes = replace(sizes, rows=tuple(map(int, args.rows.split(","))))
    print(where(), flush=True)
    parts = [args.part] if args.part else PARTS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load(state=Path(folder), user_id="bench")
        for name, part in (("start", start), ("stream", stream)):  # on servers of their own
            if name in parts:
                show(name.capitalize(), part.measure(load(state=Path(folder) / name, user_id="bench"), sizes))
        if set(parts) <= {"start", "stream"}:
            return
        stack = Stack(settings)
        try:
            commands.apply(settings)
            estate = load_estate(settings)
            if "events" in parts:
                show("Events", events.measure(settings, stack, estate, sizes))
            if "batch" in parts:
                for number in sizes.rows:
                    show(f"Batch, {number:,} rows per table", batch.measure(settings, estate, number))
        finally:
            stack.down()


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
