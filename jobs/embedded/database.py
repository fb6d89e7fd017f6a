"""The DuckDB database that a run computes in: in memory, with a limit, and on disk in STATE beyond it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil

from jobs import contract

MEMORY = "640MB"  # beside Python's own and what Delta's writer holds
OWN = ("instant(text) as try_cast(text as timestamptz)", "pair(a, b) as [a, b]")


@contextmanager
def database(state: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that knows the contract's functions. Each thread takes a `cursor()`, with tables of its own."""
    spill = _folder(state / "duckdb")
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(config=options) as connection:
            connection.execute("set TimeZone = 'UTC'")
            ours = (f"{name}(text) as ({sql})" for name, sql in contract.functions().items())
            for function in (*OWN, *ours):
                connection.execute(f"create macro {function}")
            yield connection
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _folder(spills: Path) -> Path:
    """This process' own; those of processes that were killed go, and whatever else is there stays."""
    spills.mkdir(parents=True, exist_ok=True)
    for left in spills.iterdir():
        if re.fullmatch("[1-9][0-9]{0,8}", left.name) and not psutil.pid_exists(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    own = spills / str(os.getpid())
    own.mkdir(exist_ok=True)
    return own
