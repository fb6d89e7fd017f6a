"""What fails outside of this project is told in a line, whatever the command; what is wrong within it is not hidden."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from deltalake.exceptions import CommitFailedError, DeltaError

from jobs.embedded.tables import Table
from jobs.faults import Fault, told
from pipeline.errors import UserError
from pipeline.estate import Estate
from tests.outputs import ON_AWS

ROOT = Path(__file__).parents[3]
OF_DELTA = (
    "Generic S3 error\n          \x1b[31m↳\x1b[0m Error performing list request\n"
    "           \x1b[31m↳\x1b[0m Connection refused (os error 111)\n"
)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no\n"}}, "GetObject"),
            "An error occurred (AccessDenied) when calling the GetObject operation: no",
        ),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:1/b"),
            'Could not connect to the endpoint URL: "http://127.0.0.1:1/b"',
        ),
        (DeltaError(OF_DELTA), "Generic S3 error Error performing list request Connection refused (os error 111)"),
        (CommitFailedError("version 7 already exists"), "version 7 already exists"),
        (OSError(OF_DELTA), "Generic S3 error Error performing list request Connection refused (os error 111)"),
        (OSError(28, "No space left on device", "spill"), "[Errno 28] No space left on device: 'spill'"),
        (
            duckdb.OutOfMemoryException("Out of Memory Error: no 256 KiB\n\nPossible solutions:\n* more memory"),
            "Out of Memory Error: no 256 KiB",
        ),
        (duckdb.Error(""), "Error"),
        (Fault("Spark: no room (see spark.log)"), "Spark: no room (see spark.log)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
@pytest.mark.parametrize(("then", "ending"), [("", ""), ("the next one goes on", "; the next one goes on")])
def test_what_fails_outside_is_told_in_a_line(error, line, then, ending):
    with pytest.raises(UserError) as caught, told("batch", then):
        raise error
    assert str(caught.value) == f"batch stopped: {line}{ending}"


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), UserError("make one with `make infra`")])
def test_what_is_wrong_within_is_left_as_it_is(error):
    with pytest.raises(type(error)) as caught, told("batch", "the next one goes on"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("command", "variables", "beginning", "ending"),
    [
        ("batch", {}, "batch stopped: Could not connect", "; the next one begins where the last whole one ended"),
        ("check", {}, "check stopped: Could not connect", ""),
        ("parity", {}, "parity stopped: Could not connect", ""),
        ("export", {}, "export stopped: Could not connect", ""),
        ("export", {"LANE": "stream"}, "export stopped: Could not connect", ""),
    ],
)
def test_a_command_that_reaches_no_s3_says_so_in_a_line(tmp_path, command, variables, beginning, ending):
    estate = Estate.model_validate(ON_AWS | {"aws_endpoint_url": "http://127.0.0.1:1"})
    (tmp_path / "estate.json").write_text(estate.model_dump_json())
    ours = {"STATE": str(tmp_path), "TABLE": "pin", "OUT": str(tmp_path / "pin.jsonl"), "PYTHONPATH": str(ROOT)}
    environment = os.environ | ours | variables

    done = subprocess.run(
        [sys.executable, "-m", "jobs", command], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith(f"error: {beginning}")
    assert done.stderr.endswith(f"{ending}\n")


def test_delta_says_what_it_could_not_reach_in_a_line():
    table = Table(Estate.model_validate(ON_AWS | {"aws_endpoint_url": "http://127.0.0.1:1"}), "pin")
    with pytest.raises(UserError) as caught, told("export", ""):
        table.rows("ind")
    assert str(caught.value).startswith("export stopped: ")
    assert str(caught.value).endswith("Connection refused (os error 111)")
