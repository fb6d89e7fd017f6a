"""A Terraform module's inputs and outputs as tables of its README, from its files."""

import json
from pathlib import Path
from typing import Any

import hcl2

from infra.markdown import table

SHORT = 120  # characters; Terraform itself shows the longer error messages
UNQUOTED = hcl2.SerializationOptions(strip_string_quotes=True)


def blocks(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The module's blocks of a kind, `variable` or `output`: the body by name, in the order of its files."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for block in hcl2.loads(path.read_text(encoding="utf-8"), serialization_options=UNQUOTED).get(kind, []):
            found |= block
    return found


def tables(folder: Path) -> str:
    """The sections Inputs and Outputs, for the module in the folder."""
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
        f"\n## Inputs\n\n{table(['name', 'type', 'default', 'description'], inputs)}\n"
        f"\n## Outputs\n\n{table(['name', 'description'], outputs)}\n\n"
    )


def _meaning(variable: dict[str, Any]) -> str:
    """The variable's description and its short error messages."""
    refusals = [validation["error_message"] for validation in variable.get("validation", [])]
    return " ".join([variable["description"], *(each for each in refusals if len(each) <= SHORT and "${" not in each)])


def _expression(value: str) -> str:
    """The expression as written; hcl2 wraps all but single words in ${}."""
    return value[2:-1] if value.startswith("${") else value


def _markdown(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")
