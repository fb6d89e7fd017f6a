"""`terraform test` of each module, against a mocked provider, and `terraform validate` of each root."""

import re
from pathlib import Path

import pytest

TERRAFORM = Path(__file__).parents[2] / "terraform"
MODULES = sorted(path.name for path in (TERRAFORM / "modules").iterdir())
ROOTS = ["bootstrap", *sorted(f"environments/{path.name}" for path in (TERRAFORM / "environments").iterdir())]


@pytest.mark.parametrize("module", MODULES)
def test_the_tests_of_the_module_pass(terraform, module):
    answer = terraform(f"modules/{module}", "test")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert re.search(r"[1-9]\d* passed, 0 failed", answer.stdout)


@pytest.mark.parametrize("root", ROOTS)
def test_the_root_is_valid(terraform, root):
    answer = terraform(root, "validate")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("module", MODULES)
def test_each_validation_of_the_module_is_tested(module):
    folder = TERRAFORM / "modules" / module
    variables = (folder / "variables.tf").read_text()
    refusing = {block.split('"')[0] for block in variables.split('variable "')[1:] if "validation {" in block}
    tests = "".join(path.read_text() for path in folder.glob("tests/*.tftest.hcl"))
    refused = {name for names in re.findall(r"expect_failures = \[(.*?)\]", tests) for name in names.split(", ")}
    assert {f"var.{name}" for name in refusing} == refused
