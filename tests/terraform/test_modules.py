"""`terraform validate` of each root and `terraform test` of each module, against a mocked provider."""

import subprocess
from pathlib import Path

import pytest

from infra.terraform import environment

TERRAFORM = Path(__file__).parents[2] / "terraform"
MODULES = sorted(path.parent.name for path in TERRAFORM.glob("modules/*/tests"))
ROOTS = sorted(path.name for path in (TERRAFORM / "environments").iterdir())


def terraform(root, data, *arguments):
    return subprocess.run(
        ["terraform", f"-chdir={root}", *arguments, "-no-color"], env=environment(data), capture_output=True, text=True
    )


@pytest.mark.parametrize("module", MODULES)
def test_the_module_keeps_its_promises(module, tmp_path):
    root = TERRAFORM / "modules" / module
    ready = terraform(root, tmp_path, "init", "-backend=false")
    assert ready.returncode == 0, ready.stderr
    answer = terraform(root, tmp_path, "test")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 failed" in answer.stdout


@pytest.mark.parametrize("name", ROOTS)
def test_the_root_is_valid(name, tmp_path):
    root = TERRAFORM / "environments" / name
    ready = terraform(root, tmp_path, "init", "-backend=false")
    assert ready.returncode == 0, ready.stderr
    answer = terraform(root, tmp_path, "validate")
    assert answer.returncode == 0, answer.stdout + answer.stderr
