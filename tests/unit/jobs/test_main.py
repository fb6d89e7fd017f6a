"""What a person reads when a job's engine is not there, on a machine and in an image."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Runs the jobs where a module is not installed.
WITHOUT = """
import runpy, sys

class NotThere:
    def find_spec(name, *_):
        if name == missing:
            raise ModuleNotFoundError(name=name)

missing = sys.argv.pop(1)
sys.meta_path.insert(0, NotThere)
runpy.run_module("jobs", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("module", "command", "runtime", "read"),
    [
        (
            "pyspark",
            "stream",
            "host",
            "Spark is not installed: `make setup-spark` does it",
        ),
        (
            "pyspark",
            "stream",
            "docker",
            "Spark is not installed in this image: run pin-pipeline/jobs-spark, as `make batch ENGINE=spark` does",
        ),
        (
            "pyspark",
            "batch",
            "host",
            "Spark is not installed: `make setup-spark` does it",
        ),
        ("duckdb", "export", "host", "DuckDB is not installed: `make setup` does it"),
        (
            "duckdb",
            "parity",
            "docker",
            "DuckDB is not installed in this image: run pin-pipeline/jobs, as `make batch ENGINE=duckdb` does",
        ),
    ],
)
def test_an_engine_that_is_not_installed_is_named_with_what_to_do(tmp_path, module, command, runtime, read):
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT, module, command],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "RUNTIME": runtime, "STATE": str(tmp_path), "ENGINE": "spark"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (1, f"error: {read}\n")
