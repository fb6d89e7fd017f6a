"""`make demo`: both lanes from nothing to the report, telling what it does and how long it took."""

import subprocess
import sys
import time
from collections.abc import Callable

from infra import commands
from local import estate
from local.setup import ROOT
from local.stack import Stack
from pipeline.errors import UserError
from pipeline.settings import Settings

STREAMED = 3000  # rows of each table: what LocalStack's Kinesis takes in about half a minute


def demo(settings: Settings) -> None:
    """Run every step of both lanes on generated rows. Raises UserError at the first that fails."""
    stack = Stack(settings)
    streamed = min(STREAMED, settings.rows)
    steps: list[tuple[str, Callable[[], None]]] = [
        ("Start LocalStack, the control plane, Kafka, Kafka Connect and the REST proxy", stack.up),
        (
            "Apply the estate (the first time two minutes, mostly waits); then topics and connectors",
            lambda: ensure_estate(settings),
        ),
        (f"Send {settings.rows:,} rows of each table through the API, wait until S3 has them", run("emulator")),
        ("Load what is new into Delta tables, answer the eight questions, write the report", run("jobs", "batch")),
        (
            f"The same through the stream lane: the first {streamed:,} rows of each table through the API into Kinesis",
            run("emulator", "--lane", "stream", "--limit", str(streamed)),
        ),
        (
            "Load them from Kinesis into the stream lane's tables, add them to the report",
            run("jobs", "stream", "--once"),
        ),
        ("Compare the tables of both lanes", run("jobs", "parity")),
    ]
    began = time.monotonic()
    for number, (what, step) in enumerate(steps, start=1):
        print(f"\n[{number}/{len(steps)}] {what}", flush=True)
        started = time.monotonic()
        step()
        print(f"[{number}/{len(steps)}] done in {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"\nBoth lanes took {time.monotonic() - began:.0f} s.\n"
        f"  Report:    {(settings.state / 'report' / 'index.html').resolve()}   (make report opens it)\n"
        f"  Analyses:  {settings.state / 'analyses'}/*.csv\n"
        f"  Next:      make status; make emulate DATA=<folder>; make batch; make export TABLE=pin OUT=pin.jsonl\n"
        f"  Stream:    make stream in one terminal; make emulate LANE=stream RATE=100 in another\n"
        f"  Stop:      make down (make clean deletes {settings.state} too)"
    )


def ensure_estate(settings: Settings) -> None:
    """Apply the estate unless it is there as it should be."""
    if estate.is_ready(settings):
        print("the estate is there; its connectors run", flush=True)
    else:
        commands.apply(settings)


def run(*module: str) -> Callable[[], None]:
    """A step that is another part's own command; its output goes where ours goes."""

    def step() -> None:
        code = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, check=False).returncode
        if code != 0:
            raise UserError(f"`python -m {' '.join(module)}` ended with exit code {code}; what it said stands above")

    return step
