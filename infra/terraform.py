"""Runs Terraform for one root module. Its output goes to a log; plans, progress and errors are returned as data."""

import json
import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.plan import Plan, short
from pipeline.errors import UserError

PROVIDER_MIRROR = "registry.terraform.io"  # the folder that `terraform providers mirror` writes
PROVIDER = "hashicorp/aws"
PARALLELISM = 40  # resources mostly wait for AWS
REPORT_EVERY = 10.0  # seconds

Event = dict[str, Any]  # a line of Terraform's machine-readable output


@dataclass(frozen=True)
class Terraform:
    """The root module `root`. Terraform writes its files into `folder`; `backend` locates the state."""

    root: Path
    folder: Path
    log: Path
    backend: dict[str, str]

    @property
    def plan_file(self) -> Path:
        return self.folder / "plan"

    def plan(self, variables: dict[str, Any], destroy: bool = False) -> Plan:
        """Plan to apply the root with these variables, or to destroy it. Raises UserError when Terraform fails."""
        self._init()
        variables_file = self.folder / "terraform.tfvars.json"
        variables_file.write_text(json.dumps(variables, indent=2))
        options = ["-destroy"] if destroy else []
        for _ in self._events("plan", *options, f"-var-file={variables_file}", f"-out={self.plan_file}"):
            pass
        return Plan.of(json.loads(self._run("show", "-json", str(self.plan_file))))

    def apply(self, plan: Plan, report: Callable[[str], None]) -> None:
        """Apply the last plan, and report the progress every few seconds. Raises UserError when Terraform fails."""
        progress = _Progress(plan.steps, report)
        for event in self._events("apply", str(self.plan_file)):
            progress.update(event)
        self.plan_file.unlink()

    def outputs(self) -> dict[str, Any]:
        """The root's outputs, name to value; empty before the first apply."""
        self._init()
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _init(self) -> None:
        backend = [f"-backend-config={name}={value}" for name, value in self.backend.items()]
        initialized = self.folder / "initialized.json"
        inputs = json.dumps([str(self.root), self.backend])
        if not initialized.exists() or initialized.read_text() != inputs:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._run("init", "-reconfigure", *backend)
            initialized.write_text(inputs)

    def _events(self, command: str, *arguments: str) -> Iterator[Event]:
        """Run a command and yield its events. Raises UserError with all its errors when it has failed."""
        errors: list[str] = []
        with (
            self._open_log(command) as log,
            subprocess.Popen(
                self._command(command, "-json", f"-parallelism={PARALLELISM}", *arguments),
                env=environment(self.folder),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                try:
                    event: Event = json.loads(line)
                except json.JSONDecodeError:
                    log.write(line)
                    continue
                diagnostic = event.get("diagnostic", {})
                log.write(f"{event['@message']}\n{diagnostic.get('detail', '')}".rstrip("\n") + "\n")
                if diagnostic.get("severity") == "error":
                    errors.append(_in_one_line(diagnostic))
                yield event
        if process.returncode != 0:
            raise self._failure(command, errors)

    def _run(self, *arguments: str) -> str:
        answer = subprocess.run(
            self._command(*arguments, "-no-color"),
            env=environment(self.folder),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0 or arguments[0] == "init":
            with self._open_log(arguments[0]) as log:
                log.write(answer.stdout + answer.stderr)
        if answer.returncode != 0:
            lines = [line.strip(" │") for line in (answer.stderr + answer.stdout).splitlines()]
            raise self._failure(arguments[0], [line for line in lines if line.startswith("Error: ")][:1])
        return answer.stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["terraform", f"-chdir={self.root}", *arguments]

    def _open_log(self, command: str) -> Any:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        log = self.log.open("a")
        log.write(f"$ terraform {command}\n")
        return log

    def _failure(self, command: str, errors: list[str]) -> UserError:
        what = "; ".join(errors) or "no reason given"
        return UserError(f"terraform {command} failed: {what} (log: {self.log})")


class _Progress:
    """Counts the steps that are done, and names the resources that take longest."""

    def __init__(self, steps: int, report: Callable[[str], None]) -> None:
        self._steps, self._report = steps, report
        self._done = 0
        self._running: dict[str, float] = {}
        self._reported = time.monotonic()

    def update(self, event: Event) -> None:
        hook, now = event.get("hook", {}), time.monotonic()
        address = short(hook.get("resource", {}).get("addr", ""))
        if hook.get("action") == "read":
            return
        if event["type"] == "apply_start":
            self._running[address] = now
        elif event["type"] in ("apply_complete", "apply_errored"):
            self._running.pop(address, None)
            self._done += event["type"] == "apply_complete"
        if now - self._reported >= REPORT_EVERY:
            self._reported = now
            waits = sorted(self._running, key=self._running.__getitem__)[:3]
            more = f", waiting for {', '.join(waits)}" if waits else ""
            self._report(f"  {self._done} of {self._steps} done{more}")


def _in_one_line(diagnostic: dict[str, Any]) -> str:
    """The error with its resource, and with its explanation when that is short."""
    address = short(diagnostic.get("address", ""))
    detail = " ".join(diagnostic.get("detail", "").split("\n\nThis was checked by")[0].split())
    what = diagnostic["summary"] if len(detail) > 300 or not detail else f"{diagnostic['summary']}: {detail}"
    return f"{address}: {what}" if address else what


def environment(folder: Path) -> dict[str, str]:
    """Environment variables for Terraform, with its data in `folder`.

    Providers come from where the user's CLI configuration says, else from a mirror on this machine, else the registry.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # states and plans hold secrets
    own = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    config = own if own.is_file() else _configuration(folder)
    return os.environ | {
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_DATA_DIR": str(folder / "data"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }


def _configuration(folder: Path) -> Path:
    """A CLI configuration for users without one."""
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
    return config


def provider_mirror(root: Path = Path("/")) -> Path | None:
    """A filesystem mirror of providers one or two levels below `root`, for machines that cannot reach the registry.

    Ignores mirrors without our provider, and those that every user may write to.
    """
    for pattern in ("*", "*/*"):
        for folder in sorted(root.glob(f"{pattern}/{PROVIDER_MIRROR}")):
            if (folder / PROVIDER).is_dir() and not any(_is_world_writable(part) for part in (folder, *folder.parents)):
                return folder.parent
    return None


def _is_world_writable(folder: Path) -> bool:
    """Whether every user may write there."""
    return bool(folder.stat().st_mode & stat.S_IWOTH)
