"""The examples in the modules' READMEs, as a user would paste them: valid and formatted."""

import re
import shutil
from pathlib import Path

MODULES = Path(__file__).parents[2] / "terraform" / "modules"


def test_the_examples_of_all_modules_are_valid(terraform):
    root = terraform.sources / "examples"  # next to modules/, as the sources of the examples expect
    root.mkdir()
    for readme in sorted(MODULES.glob("*/README.md")):
        [example] = re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)
        (root / f"{readme.parent.name}.tf").write_text(example)
    for name in re.findall(r'"([\w-]+\.zip)"', (root / "estate.tf").read_text()):
        (root / name).touch()
    shutil.copytree(terraform.sources / "modules" / "estate" / "tests" / "airflow", root / "airflow")
    for command in (["validate"], ["fmt", "-check", "-diff"]):
        answer = terraform("examples", *command)
        assert answer.returncode == 0, answer.stdout + answer.stderr
