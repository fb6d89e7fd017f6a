"""A command imports what it needs and no more: one engine does not bring the other along."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EMBEDDED = {"duckdb", "deltalake", "msgspec", "pyarrow"}


@pytest.mark.parametrize(
    ("modules", "not_imported"),
    [
        (["jobs.batch"], {"pyspark", "vl_convert", *EMBEDDED}),  # a run that finds nothing new
        (["jobs.batch", "jobs.embedded.engine", "jobs.report", "jobs.parity", "jobs.export"], {"pyspark", "delta"}),
        (["jobs.batch", "jobs.stream", "jobs.spark.engine"], EMBEDDED - {"pyarrow"}),
        (["jobs.contract"], {"pydantic", "boto3", "pyspark", *EMBEDDED}),
    ],
)
def test_an_engine_does_not_import_the_other(modules, not_imported):
    program = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not_imported.isdisjoint(done.stdout.split())
