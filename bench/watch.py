"""Runs a command and watches it: wall seconds, and the most memory that it and its children held at once."""

import os
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
    peak_mib: float
    output: str


def watch(module: list[str], environment: dict[str, str]) -> Watched:
    """Run `python -m module...`. Raises UserError with its output when it fails."""
    started = time.perf_counter()
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
    return Watched(seconds, peak / 2**20, output)


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
