"""What it takes to begin: seconds and CPU of each command that has nothing to do, beside an interpreter that has none.

On moto's S3, as the stream part. Each figure is the least of some runs: what else a machine does only adds to it.
"""

import os
import subprocess
import sys
import time
from typing import NamedTuple

from bench.sizes import Sizes
from bench.table import Row
from bench.watch import cpu_of_children
from local.setup import ROOT
from pipeline.errors import UserError
from pipeline.estate import load_estate, save_estate
from pipeline.settings import Settings
from tests.integration.stream.moto import Moto, outputs

HELP = ["emulator", "jobs", "infra", "local"]
MODULES = [
    "emulator.send",
    "emulator.events",
    "emulator.verify",
    "jobs.batch",
    "jobs.export",
    "jobs.parity",
    "jobs.stream",
]


class Took(NamedTuple):
    """What a run took, in seconds."""

    seconds: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.cpu:.2f} s of CPU"


def measure(settings: Settings, sizes: Sizes) -> list[Row]:
    """Help, imports, and a batch that finds nothing new."""
    environment = {"STATE": str(settings.state), "USER_ID": settings.user_id}

    def least(*arguments: str) -> Took:
        return Took(*map(min, zip(*(_run(arguments, environment) for _ in range(sizes.starts)), strict=True)))

    def beside(took: Took) -> str:
        return f"{took.cpu / nothing.cpu:.1f}x the CPU of nothing"

    nothing = least("-c", "pass")
    rows = [Row("nothing: `python -c pass`", str(nothing), "baseline")]
    for module in HELP:
        took = least("-m", module, "--help")
        rows.append(Row(f"`python -m {module} --help`", str(took), beside(took)))
    for module in MODULES:
        took = least("-c", f"import {module}")
        rows.append(Row(f"importing {module}", str(took), beside(took)))
    with Moto(settings.state) as moto:
        save_estate(settings, outputs(settings.user_id, moto.url))
        moto.client("s3").create_bucket(Bucket=load_estate(settings).bucket)
        _run(("-m", "jobs", "batch"), environment)  # publishes an empty report
        took = least("-m", "jobs", "batch")
    rows.append(Row("a batch that finds nothing new", str(took), f"{beside(took)} (target: 1.5 s of CPU)"))
    return rows


def _run(arguments: tuple[str, ...], environment: dict[str, str]) -> Took:
    """Run Python. Raises UserError with its output when it fails."""
    before, started = cpu_of_children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, cpu = time.perf_counter() - started, cpu_of_children() - before
    if done.returncode:
        raise UserError(f"`python {' '.join(arguments)}` ended with exit code {done.returncode}:\n{done.stderr}")
    return Took(seconds, cpu)
