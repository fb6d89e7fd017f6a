"""`make scan`, with scripts in the place of `docker` and `trivy`; tests/images/test_scan.py runs the real ones."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def scan(tmp_path):
    """Runs `make scan` with programs of these bodies, and what make itself needs, on the PATH."""
    for tool in ("make", "python3", "sed"):
        (tmp_path / tool).symlink_to(shutil.which(tool))

    def run(**programs):
        for name, body in programs.items():
            (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": str(tmp_path)}
        return subprocess.run(
            ["make", "scan", "VERSION=1.2.3"], cwd=ROOT, env=environment, capture_output=True, text=True
        )

    return run


def test_every_image_is_scanned_and_the_bad_ones_are_named(scan):
    answer = scan(
        docker='[[ $* == *"reference=pin-pipeline/*:1.2.3"* ]] && printf "pin-pipeline/%s:1.2.3\\n" jobs proxy tidy',
        trivy='echo "scanned ${@: -1}"; [[ $* == *" --exit-code=1 "* && $* == *tidy:1.2.3 ]]',
    )
    assert answer.stdout.splitlines() == [f"scanned pin-pipeline/{name}:1.2.3" for name in ("jobs", "proxy", "tidy")]
    assert answer.stderr.startswith(
        "error: trivy refuses pin-pipeline/jobs:1.2.3 pin-pipeline/proxy:1.2.3: "
        "fix it, or waive it in .trivyignore.yaml with the reason\n"
    )
    assert answer.returncode != 0


def test_tidy_images_pass(scan):
    answer = scan(docker="echo pin-pipeline/tidy:1.2.3", trivy="true")
    assert (answer.returncode, answer.stderr) == (0, "")


def test_without_trivy_it_says_where_to_get_it(scan):
    assert scan(docker="true").stderr.startswith("error: trivy is not installed: see trivy.dev\n")


def test_without_images_it_says_how_to_build_them(scan):
    said = "error: no image of version 1.2.3 in the Docker engine: make images\n"
    assert scan(docker="true", trivy="true").stderr.startswith(said)
