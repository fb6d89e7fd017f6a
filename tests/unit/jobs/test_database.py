"""What DuckDB spills lies in STATE, and goes with the run, however that ends; what others left there stays."""

import os
import subprocess
import sys

import pytest

from jobs.embedded.database import database


def spills(state):
    return sorted(path.name for path in (state / "duckdb").iterdir())


def ended_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return str(process.pid)


def test_the_spill_folder_goes_when_the_run_ends(tmp_path):
    with database(tmp_path):
        assert spills(tmp_path) == [str(os.getpid())]
    assert spills(tmp_path) == []


def test_the_spill_folder_goes_when_the_run_fails(tmp_path):
    with pytest.raises(KeyError), database(tmp_path):
        raise KeyError("in the block")
    assert spills(tmp_path) == []


def test_only_folders_of_processes_that_have_ended_go(tmp_path):
    living = str(os.getppid())
    for name in (ended_process(), living, "notes", "12a", "²", "99999999999999999999"):
        (tmp_path / "duckdb" / name).mkdir(parents=True)
    (tmp_path / "duckdb" / "README.txt").write_text("mine")
    with database(tmp_path):
        pass
    assert spills(tmp_path) == sorted([living, "12a", "README.txt", "notes", "²", "99999999999999999999"])
