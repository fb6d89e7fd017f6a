"""How figures are shown: a Markdown table that can go into the README as it is."""

import os
import subprocess
from datetime import UTC, datetime
from typing import NamedTuple

import psutil


class Row(NamedTuple):
    """One line: what was measured, the figure, and how it stands to the baseline or the target."""

    what: str
    figure: str
    beside: str = ""


def where() -> str:
    """What figures depend on: commit, day, machine, and what else it was doing."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"Commit {commit.stdout.strip() or 'unknown'}, {datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, "
        f"{memory:.0f} GiB; load average before: {load}"
    )


def show(title: str, rows: list[Row]) -> None:
    print(f"\n### {title}\n\n| what | measured | beside the baseline |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.beside} |")
    print(flush=True)
