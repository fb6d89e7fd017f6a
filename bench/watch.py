"""Runs a command and watches it: seconds, CPU seconds, and the most memory that it and its children held at once."""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil

from local.setup import ROOT
from pipeline.errors import UserError


@dataclass(frozen=True)
class Watched:
    seconds: float
    cpu: float  # seconds, of the children too
    peak_mib: float
    output: str


def watch(module: list[str], environment: dict[str, str]) -> Watched:
    """Run `python -m module...`. Raises UserError with its output when it fails."""
    started, cpu = time.perf_counter(), cpu_of_children()
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.1)
    seconds = time.perf_counter() - started
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise UserError(f"`python -m {' '.join(module)}` ended with exit code {process.returncode}:\n{output}")
    return Watched(seconds, cpu_of_children() - cpu, peak / 2**20, output)


def cpu_of_children() -> float:
    """Seconds of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(pid: int) -> int:
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
