"""`make demo`: both lanes from nothing to the report, telling what it does and how long it took.

On the standard library alone: `make compose-demo` takes the same steps where nothing but Docker is installed.
"""

import time
from collections.abc import Callable

from pipeline.errors import UserError

Steps = list[tuple[str, list[str]]]  # what each does, and the command that does it

LANES: Steps = [
    ("Start LocalStack, Kinesis, the control plane, Kafka, Kafka Connect and the REST proxy", ["local", "up"]),
    ("Apply the estate (the first time two minutes, mostly waits); then topics and connectors", ["local", "ready"]),
    ("Send the rows of all three tables through the API, wait until S3 has them", ["emulator"]),
    ("Load what is new into Delta tables, answer the eight questions, write the report", ["jobs", "batch"]),
    ("The same through the stream lane: the rows through the API into Kinesis", ["emulator", "--lane", "stream"]),
    ("Load them from Kinesis into the stream lane's tables, add them to the report", ["jobs", "stream", "--once"]),
    ("Compare the tables of both lanes", ["jobs", "parity"]),
]
ON_SPARK = ["--engine", "spark", "--rebuild"]
ENGINES: Steps = [
    ("Let Spark make the batch lane's tables anew, of the same objects", ["jobs", "load", *ON_SPARK]),
    ("And the stream lane's, of the same streams", ["jobs", "stream", "--once", *ON_SPARK]),
    ("Compare all of them: two lanes, two engines", ["jobs", "parity", "--before"]),
]


def take_steps(run: Callable[[list[str]], int], state: str, spark: bool, option: str = "") -> None:
    """Run every step on generated rows; `run` runs a module with its arguments and gives the exit code.

    `state`: folder that the report is in; `spark`: whether Spark does it too; `option`: what each make command wants
    beside its name. Raises UserError at the first step that fails.
    """
    began = time.monotonic()
    number = len(LANES) + (len(ENGINES) if spark else 0)
    _take(run, LANES, 1, number)
    print(
        f"\nBoth lanes took {time.monotonic() - began:.0f} s.\n"
        f"  Report:    {state}/report/index.html   (make report{option} opens it)\n"
        f"  Analyses:  {state}/analyses/*.csv\n"
        f"  Next:      make status{option}; make emulate DATA=<folder>{option}; make batch{option}\n"
        f"  Stream:    make stream{option} in one terminal; make emulate LANE=stream RATE=100{option} in another\n"
        f"  Stop:      make down{option} (make clean{option} deletes what it made)",
        flush=True,
    )
    if spark:
        print("\nSpark now makes the same tables (SPARK=no leaves that out).", flush=True)
        _take(run, ENGINES, len(LANES) + 1, number)
        print(f"\nTwo lanes, two engines, one result: {time.monotonic() - began:.0f} s in all.")


def _take(run: Callable[[list[str]], int], steps: Steps, first: int, last: int) -> None:
    for number, (what, command) in enumerate(steps, start=first):
        print(f"\n[{number}/{last}] {what}", flush=True)
        started = time.monotonic()
        code = run(command)
        if code != 0:
            raise UserError(f"`{' '.join(command)}` ended with exit code {code}; what it said stands above")
        print(f"[{number}/{last}] done in {time.monotonic() - started:.0f} s", flush=True)
