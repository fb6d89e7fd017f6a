"""What CI skips, no one tests: there a skip that is not listed fails."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

def test_listed():
    pytest.skip("the real rows are third-party text and not part of the project")

def test_not_listed():
    pytest.skip("no MariaDB")

@pytest.mark.skipif(True, reason="not today")
def test_not_listed_either():
    pass
"""


def run(folder: Path, **variables: str) -> str:
    (folder / "test_some.py").write_text(TESTS)
    environment = {name: value for name, value in os.environ.items() if name != "SKIPS"} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--noconftest", "-rA", "--tb=line", str(folder)]
    return subprocess.run(
        command, cwd=folder, env=environment | variables, capture_output=True, text=True, check=False
    ).stdout


def test_a_skip_that_is_not_listed_fails_in_ci(tmp_path):
    shown = run(tmp_path, SKIPS="listed")
    assert "1 failed, 1 skipped, 1 error" in shown
    assert "skipped, and tests/skips.txt does not list why: no MariaDB" in shown


def test_a_whole_file_that_is_skipped_fails_in_ci(tmp_path):
    (tmp_path / "test_whole.py").write_text('import pytest\npytest.skip("no Java", allow_module_level=True)\n')
    assert "skipped, and tests/skips.txt does not list why: no Java" in run(tmp_path, SKIPS="listed")


def test_elsewhere_a_skip_is_a_skip(tmp_path):
    assert "3 skipped" in run(tmp_path)
