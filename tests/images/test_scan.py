"""`make scan` with the real Docker and the real Trivy, without a database of vulnerabilities."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.images.conftest import import_image

ROOT = Path(__file__).parents[2]
VERSION = f"0.0.0-scan{os.getpid()}"
# As AWS makes them, but nobody's. Put together here, so that no scanner finds them in this file.
KEYS = (
    b"AWS_ACCESS_KEY_ID=AKIA"
    + b"Q3EGRIZXMNBTYHKL\nAWS_SECRET_ACCESS_KEY="
    + b"k8Wq3ZrT0vYp5LsN"
    + b"1bXc7DfG9hJm2QaUe4Ri6OtS\n"
)


@pytest.fixture
def image(engine):
    """Makes an image of files, (mode, content) by path, that runs as a user."""
    if shutil.which("trivy") is None:
        pytest.skip("no trivy on this machine")
    made = []

    def of(name, user, files):
        made.append(f"pin-pipeline/{name}:{VERSION}")
        import_image(made[-1], files, f"USER {user}", "HEALTHCHECK NONE")

    yield of
    subprocess.run(["docker", "image", "rm", *made], capture_output=True)


def scan():
    return subprocess.run(
        ["make", "scan", f"VERSION={VERSION}"],
        cwd=ROOT,
        env=os.environ | {"TRIVY_SCANNERS": "secret"},
        capture_output=True,
        text=True,
    )


def test_secrets_and_root_fail(image):
    image("tidy", "1000", {"app/settings": (0o644, b"ROWS=100\n")})
    image("careless", "root", {"app/.env": (0o644, KEYS)})
    answer = scan()
    for found in ("DS-0002", "aws-access-key-id", "aws-secret-access-key"):
        assert found in answer.stdout
    assert f"error: trivy refuses pin-pipeline/careless:{VERSION}: " in answer.stderr
    assert answer.returncode != 0


def test_a_tidy_image_passes(image):
    image("tidy", "1000", {"app/settings": (0o644, b"ROWS=100\n")})
    assert scan().returncode == 0
