"""The command line: a mistake is answered with one line that names the option."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
KAFKA = ["--bootstrap-servers", "127.0.0.1:9092"]
NO_HOST_NAME = "--tls-name: Input should be a host name such as kafka-rest.example.com"


def run(*options, **environment):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_REST_")}
    return subprocess.run(
        [sys.executable, "-m", "rest_proxy", *options],
        env=inherited | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "--bootstrap-servers: Field required"),
        (["--bootstrap-servers", ""], "--bootstrap-servers: String should have at least 1 character"),
        ([*KAFKA, "--port", "65536"], "--port: Input should be less than or equal to 65535"),
        (
            [*KAFKA, "--port", "http"],
            "--port: Input should be a valid integer, unable to parse string as an integer",
        ),
        ([*KAFKA, "--tls-name", ""], NO_HOST_NAME),
        ([*KAFKA, "--tls-name", "kafka/rest"], NO_HOST_NAME),
        ([*KAFKA, "--tls-name", "kafka rest"], NO_HOST_NAME),
        # the bounds of librdkafka's message.max.bytes
        ([*KAFKA, "--max-record-bytes", "999"], "--max-record-bytes: Input should be greater than or equal to 1000"),
        (
            [*KAFKA, "--max-record-bytes", "1000000001"],
            "--max-record-bytes: Input should be less than or equal to 1000000000",
        ),
        (
            ["--max-request-bytes", "-1"],
            "--bootstrap-servers: Field required; --max-request-bytes: Input should be greater than 0",
        ),
    ],
)
def test_a_bad_option_is_one_line_and_exit_code_1(options, line):
    answer = run(*options)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"error: {line} (see --help)\n"


def test_a_bad_variable_is_one_line_and_exit_code_1():
    answer = run(KAFKA_REST_BOOTSTRAP_SERVERS="127.0.0.1:9092", KAFKA_REST_PORT="-1")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "error: --port: Input should be greater than or equal to 0 (see --help)\n"


def test_a_port_that_is_taken_is_one_line_and_exit_code_1():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run(*KAFKA, "--port", str(port))
    assert (answer.returncode, answer.stdout) == (1, "")
    *log, line = answer.stderr.splitlines()
    assert line.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")
    assert line.endswith("address already in use")
    assert "Traceback" not in answer.stderr
    assert all(" INFO " in other or "Connection refused" in other for other in log)


def test_help_names_every_option():
    answer = run("--help")
    assert answer.returncode == 0
    for option in (
        "--bootstrap-servers",
        "--iam-region",
        "--host",
        "--port",
        "--tls-name",
        "--max-record-bytes",
        "--max-request-bytes",
        "--max-bytes-under-way",
    ):
        assert option in answer.stdout
