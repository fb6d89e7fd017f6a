"""Runs Terraform for one STATE: its data, its state file and its log all lie in $STATE."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from local.setup import ROOT
from pipeline.errors import UserError
from pipeline.settings import Settings

PROVIDER_MIRROR = "registry.terraform.io"  # the name that Terraform gives such a folder


class Terraform:
    """The root module terraform/environments/<env> with its working files in $STATE/terraform."""

    def __init__(self, settings: Settings) -> None:
        self.root = ROOT / "terraform" / "environments" / settings.env
        self.folder = (settings.state / "terraform").resolve()
        self.log = settings.state / "logs" / "terraform.log"
        self.variables_file = self.folder / "terraform.tfvars.json"

    def apply(self, variables: dict[str, Any]) -> int:
        """Apply the root with these variables; returns how many resources were added, changed or destroyed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.variables_file.write_text(json.dumps(variables, indent=2))
        self._init()
        said = self._run("apply", "-auto-approve", f"-var-file={self.variables_file}")
        counts = re.search(r"(\d+) added, (\d+) changed, (\d+) destroyed", said)
        print(f"terraform: {counts[0] if counts else 'applied'}", flush=True)
        return sum(map(int, counts.groups())) if counts else 0

    def destroy(self) -> None:
        """Destroy what was applied. Raises UserError when nothing was."""
        if not self.variables_file.exists():
            raise UserError(f"nothing to destroy: no estate was applied in {self.folder.parent}")
        self._init()
        said = self._run("destroy", "-auto-approve", f"-var-file={self.variables_file}")
        counts = re.search(r"\d+ destroyed", said)
        print(f"terraform: {counts[0] if counts else 'destroyed'}", flush=True)

    def outputs(self) -> dict[str, Any]:
        """The root's outputs, name -> value."""
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _init(self) -> None:
        if not (self.folder / "data" / "providers").exists():
            self._run("init", "-reconfigure", f"-backend-config=path={self.folder / 'estate.tfstate'}")

    def _run(self, *arguments: str) -> str:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = ["terraform", f"-chdir={self.root}", *arguments, "-no-color"]
        answer = subprocess.run(command, env=environment(self.folder), capture_output=True, text=True, check=False)
        if arguments[0] != "output":
            with self.log.open("a") as log:
                log.write(f"$ terraform {arguments[0]}\n{answer.stdout}{answer.stderr}\n")
        if answer.returncode != 0:
            reason = re.search(r"Error: (.*)", answer.stderr + answer.stdout)
            what = reason[1] if reason else f"exit code {answer.returncode}"
            raise UserError(f"terraform {arguments[0]} failed: {what} (all of it: {self.log})")
        return answer.stdout


def environment(folder: Path) -> dict[str, str]:
    """Environment for Terraform: its data in `folder`, providers from a mirror on this machine if there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "cli.tfrc"
    mirror = provider_mirror()
    config.write_text(
        ""
        if mirror is None
        else f"""provider_installation {{
  filesystem_mirror {{
    path = "{mirror}"
  }}
}}
"""
    )
    inherited = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}
    return inherited | {
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_DATA_DIR": str(folder / "data"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }


def provider_mirror() -> Path | None:
    """A filesystem mirror of providers one or two levels below the root, as machines without a registry have."""
    for pattern in ("*", "*/*"):
        for folder in Path("/").glob(f"{pattern}/{PROVIDER_MIRROR}"):
            return folder.parent
    return None
