"""`python -m infra.module_docs` writes each Terraform module's inputs and outputs into its README, from its files."""

import json
import sys
from pathlib import Path
from typing import Any

import hcl2

from infra.markdown import table
from local.setup import ROOT
from pipeline.errors import UserError, exit_code_of

MODULES = ROOT / "terraform" / "modules"
BEGIN = "<!-- made by python -m infra.module_docs -->\n"
END = "<!-- end -->\n"
SHORT = 120  # a refusal of more characters is left to Terraform to tell
UNQUOTED = hcl2.SerializationOptions(strip_string_quotes=True)


def readmes() -> list[Path]:
    """Where the README of each module is, or ought to be."""
    return [folder / "README.md" for folder in sorted(MODULES.iterdir()) if folder.is_dir()]


def up_to_date(readme: Path) -> str:
    """The README as it should be. Raises UserError when there is none, or none with a place for the tables."""
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    if BEGIN not in text or END not in text:
        raise UserError(f"{readme}: needs the line {BEGIN.strip()} and, below it, {END.strip()}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return f"{before}{BEGIN}{_tables(readme.parent)}{END}{after}"


def blocks(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The variables or outputs of a module, by name, as they stand in its files."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for block in hcl2.loads(path.read_text(encoding="utf-8"), serialization_options=UNQUOTED).get(kind, []):
            found |= block
    return found


def _tables(folder: Path) -> str:
    inputs = [
        [
            f"`{name}`",
            f"`{_expression(body['type'])}`",
            f"`{json.dumps(body['default'])}`" if "default" in body else "required",
            _markdown(_meaning(body)),
        ]
        for name, body in blocks(folder, "variable").items()
    ]
    outputs = [[f"`{name}`", _markdown(body["description"])] for name, body in blocks(folder, "output").items()]
    return (
        f"\n## Inputs\n\n{table(['name', 'type', 'default', 'what it is'], inputs)}\n"
        f"\n## Outputs\n\n{table(['name', 'what it is'], outputs)}\n\n"
    )


def _meaning(variable: dict[str, Any]) -> str:
    """Its description, and what it refuses where that is told in short."""
    refusals = [validation["error_message"] for validation in variable.get("validation", [])]
    return " ".join([variable["description"], *(each for each in refusals if len(each) <= SHORT and "${" not in each)])


def _expression(value: str) -> str:
    """An expression as it is written; hcl2 puts ${} around those that are no single word."""
    return value[2:-1] if value.startswith("${") else value


def _markdown(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def main() -> None:
    for readme in readmes():
        text = up_to_date(readme)
        if text != readme.read_text(encoding="utf-8"):
            readme.write_text(text, encoding="utf-8")
            print(f"{readme.relative_to(ROOT)}: written")


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
