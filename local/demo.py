"""`make demo`: both lanes from nothing to the report, telling what it does and how long it took.

On the standard library alone: `make compose-demo` takes the same steps where nothing but Docker is installed.
"""

import time
from collections.abc import Callable

from pipeline.errors import UserError

STREAMED = 3000  # rows of each table: enough to compare the lanes by

# What each step does, and the command that does it.
STEPS: list[tuple[str, list[str]]] = [
    ("Start Kinesis, LocalStack, the control plane, Kafka, Kafka Connect and the REST proxy", ["local", "up"]),
    ("Apply the estate (the first time two minutes, mostly waits); then topics and connectors", ["local", "ready"]),
    ("Send the rows of all three tables through the API, wait until S3 has them", ["emulator"]),
    ("Load what is new into Delta tables, answer the eight questions, write the report", ["jobs", "batch"]),
    (
        f"The same through the stream lane: the first {STREAMED:,} rows of each table through the API into Kinesis",
        ["emulator", "--lane", "stream", "--limit", str(STREAMED)],
    ),
    ("Load them from Kinesis into the stream lane's tables, add them to the report", ["jobs", "stream", "--once"]),
    ("Compare the tables of both lanes", ["jobs", "parity"]),
]


def take_steps(run: Callable[[list[str]], int], state: str, option: str = "") -> None:
    """Run every step on generated rows; `run` runs a module with its arguments and gives the exit code.

    `state`: folder that the report is in; `option`: what each make command wants beside its name.
    Raises UserError at the first step that fails.
    """
    began = time.monotonic()
    for number, (what, command) in enumerate(STEPS, start=1):
        print(f"\n[{number}/{len(STEPS)}] {what}", flush=True)
        started = time.monotonic()
        code = run(command)
        if code != 0:
            raise UserError(f"`{' '.join(command)}` ended with exit code {code}; what it said stands above")
        print(f"[{number}/{len(STEPS)}] done in {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"\nBoth lanes took {time.monotonic() - began:.0f} s.\n"
        f"  Report:    {state}/report/index.html   (make report{option} opens it)\n"
        f"  Analyses:  {state}/analyses/*.csv\n"
        f"  Next:      make status{option}; make emulate DATA=<folder>{option}; make batch{option}\n"
        f"  Stream:    make stream{option} in one terminal; make emulate LANE=stream RATE=100{option} in another\n"
        f"  Stop:      make down{option} (make clean{option} deletes what it made)"
    )
