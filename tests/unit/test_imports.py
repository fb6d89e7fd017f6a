"""A command imports what it needs and no more: one engine does not bring the other along, nor a source the others."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMBEDDED = {"duckdb", "deltalake", "msgspec", "pyarrow"}


@pytest.mark.parametrize(
    ("modules", "not_imported"),
    [
        (["jobs.batch"], {"pyspark", "vl_convert", *EMBEDDED}),  # a run that finds nothing new
        (["jobs.batch", "jobs.embedded.engine", "jobs.report", "jobs.parity", "jobs.export"], {"pyspark", "delta"}),
        (["jobs.batch", "jobs.stream", "jobs.spark.engine"], EMBEDDED - {"pyarrow"}),
        (["jobs.contract"], {"pydantic", "boto3", "pyspark", *EMBEDDED}),
        (
            ["jobs.__main__", "emulator.__main__", "pipeline.estate"],
            {"boto3", "botocore.session", "aiohttp", *EMBEDDED},
        ),
        (["emulator.events"], {"sqlalchemy", "boto3", "botocore.session", "aiohttp", "rich", "confluent_kafka"}),
        (["emulator.send"], {"sqlalchemy", "boto3", "botocore.session", "botocore.auth"}),  # until it asks S3
        (["emulator.verify"], {"sqlalchemy", "boto3", "botocore.session", "aiohttp", "confluent_kafka"}),
    ],
)
def test_a_command_imports_what_it_needs_and_no_more(modules, not_imported):
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not_imported.isdisjoint(done.stdout.split())


READ = """
import sys
from pathlib import Path
from emulator.sources import open_source
from pipeline.settings import load
folder = Path(sys.argv[1])
for data in ({}, {"data": folder}):
    open_source(load(state=folder, rows=3, **data))
print("sqlalchemy" in sys.modules)
"""


def test_generated_rows_and_files_are_read_without_sqlalchemy(tmp_path):
    for name in ("pinterest_data", "geolocation_data", "user_data"):
        (tmp_path / f"{name}.jsonl").write_text('{"index": 1}\n')
    done = subprocess.run([sys.executable, "-c", READ, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
