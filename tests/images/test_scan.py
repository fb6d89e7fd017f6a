"""`make scan` with the real Docker and the real Trivy, without a database of vulnerabilities."""

import os
import shutil
import subprocess

import pytest

from infra.scan import scan
from pipeline.errors import UserError
from pipeline.settings import load
from tests.images.conftest import import_image

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


def test_each_image_has_its_line_and_what_is_found_fails(image, tmp_path, capsys):
    image("tidy", "1000", {"usr/bin/su": (0o4755, b"Debian's"), "app/settings": (0o644, b"ROWS=100\n")})
    image("careless", "root", {"usr/local/bin/tool": (0o4755, b"ours"), "app/.env": (0o644, KEYS)})
    with pytest.raises(UserError) as raised:
        scan(load(state=tmp_path, _env_file=None), VERSION)
    [careless, tidy] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("pin-pipeline/")]
    assert tidy == f"pin-pipeline/tidy:{VERSION}: nothing found"
    for found in (
        "HIGH DS-0002 Image user should not be 'root'",
        "CRITICAL secret aws-access-key-id in /app/.env:1",
        "CRITICAL secret aws-secret-access-key in /app/.env:2",
        "set-id program /usr/local/bin/tool",
    ):
        assert found in careless
    assert str(raised.value) == (
        f"found something in pin-pipeline/careless:{VERSION}: mend it, or waive it in .trivyignore.yaml with the reason"
    )
    assert (tmp_path / "logs" / "scan" / f"careless-{VERSION}.json").exists()


def test_what_is_tidy_passes(image, tmp_path, capsys):
    image("tidy", "1000", {"app/settings": (0o644, b"ROWS=100\n")})
    scan(load(state=tmp_path, _env_file=None), VERSION)
    assert f"pin-pipeline/tidy:{VERSION}: nothing found\n" in capsys.readouterr().out
