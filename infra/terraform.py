"""Runs Terraform for one root module: what it says goes to a log, what a person should see comes back as data."""

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

PROVIDER_MIRROR = "registry.terraform.io"  # the name that Terraform gives such a folder
PROVIDER = "hashicorp/aws"
PARALLELISM = 40  # most of the time a resource waits, and waiting is cheap
TELL_EVERY = 10.0  # seconds

Event = dict[str, Any]  # a line of Terraform's machine-readable output


@dataclass(frozen=True)
class Terraform:
    """The root module `root`, with all that Terraform writes in `folder`; `backend` says where the state is."""

    root: Path
    folder: Path
    log: Path
    backend: dict[str, str]

    @property
    def plan_file(self) -> Path:
        return self.folder / "plan"

    def plan(self, variables: dict[str, Any], destroy: bool = False) -> Plan:
        """What applying the root with these variables, or destroying it, would do. Raises UserError when that fails."""
        self._init()
        variables_file = self.folder / "terraform.tfvars.json"
        variables_file.write_text(json.dumps(variables, indent=2))
        options = ["-destroy"] if destroy else []
        for _ in self._events("plan", *options, f"-var-file={variables_file}", f"-out={self.plan_file}"):
            pass
        return Plan.of(json.loads(self._run("show", "-json", str(self.plan_file))))

    def apply(self, plan: Plan, tell: Callable[[str], None]) -> None:
        """Carry out the plan made last; tells every few seconds how far it has come. Raises UserError as it fails."""
        progress = _Progress(plan.steps, tell)
        for event in self._events("apply", str(self.plan_file)):
            progress.take(event)
        self.plan_file.unlink()

    def outputs(self) -> dict[str, Any]:
        """The root's outputs, name to value; none when nothing was applied."""
        self._init()
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _init(self) -> None:
        backend = [f"-backend-config={name}={value}" for name, value in self.backend.items()]
        asked_for = self.folder / "initialized.json"
        inputs = json.dumps([str(self.root), self.backend])
        if not asked_for.exists() or asked_for.read_text() != inputs:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._run("init", "-reconfigure", *backend)
            asked_for.write_text(inputs)

    def _events(self, command: str, *arguments: str) -> Iterator[Event]:
        """Run a command and give what it says, event by event. Raises UserError with all its errors at the end."""
        wrong: list[str] = []
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
                    wrong.append(_in_one_line(diagnostic))
                yield event
        if process.returncode != 0:
            raise self._failure(command, wrong)

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
            said = [line.strip(" │") for line in (answer.stderr + answer.stdout).splitlines()]
            raise self._failure(arguments[0], [line for line in said if line.startswith("Error: ")][:1])
        return answer.stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["terraform", f"-chdir={self.root}", *arguments]

    def _open_log(self, command: str) -> Any:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        log = self.log.open("a")
        log.write(f"$ terraform {command}\n")
        return log

    def _failure(self, command: str, wrong: list[str]) -> UserError:
        what = "; ".join(wrong) or "it did not say why"
        return UserError(f"terraform {command} failed: {what} (all of it: {self.log})")


class _Progress:
    """Counts what is done, and names what takes long."""

    def __init__(self, steps: int, tell: Callable[[str], None]) -> None:
        self._steps, self._tell = steps, tell
        self._done = 0
        self._under_way: dict[str, float] = {}
        self._told = time.monotonic()

    def take(self, event: Event) -> None:
        hook, now = event.get("hook", {}), time.monotonic()
        address = short(hook.get("resource", {}).get("addr", ""))
        if hook.get("action") == "read":
            return
        if event["type"] == "apply_start":
            self._under_way[address] = now
        elif event["type"] in ("apply_complete", "apply_errored"):
            self._under_way.pop(address, None)
            self._done += event["type"] == "apply_complete"
        if now - self._told >= TELL_EVERY:
            self._told = now
            waits = sorted(self._under_way, key=self._under_way.__getitem__)[:3]
            more = f", waiting for {', '.join(waits)}" if waits else ""
            self._tell(f"  {self._done} of {self._steps} done{more}")


def _in_one_line(diagnostic: dict[str, Any]) -> str:
    """An error as a person can act on it: where, what, and its explanation when that is short."""
    address = short(diagnostic.get("address", ""))
    detail = " ".join(diagnostic.get("detail", "").split("\n\nThis was checked by")[0].split())
    what = diagnostic["summary"] if len(detail) > 300 or not detail else f"{diagnostic['summary']}: {detail}"
    return f"{address}: {what}" if address else what


def environment(folder: Path) -> dict[str, str]:
    """Environment for Terraform: its data in `folder`; providers as a person's own configuration says.

    Without one they come from a mirror on this machine if there is one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # states and plans hold what outputs do not
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
    """A configuration of Terraform's command line for who has none."""
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
    """A filesystem mirror of providers one or two levels below the root, as machines without a registry have.

    One that lacks our provider, or that anyone on this machine may write to, is not taken.
    """
    for pattern in ("*", "*/*"):
        for folder in sorted(root.glob(f"{pattern}/{PROVIDER_MIRROR}")):
            if (folder / PROVIDER).is_dir() and not any(_is_open(part) for part in (folder, *folder.parents)):
                return folder.parent
    return None


def _is_open(folder: Path) -> bool:
    """Whether anyone may write there."""
    return bool(folder.stat().st_mode & stat.S_IWOTH)
