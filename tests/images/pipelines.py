"""A pipeline of a STATE of its own, in containers or on this machine: what a person types, and what they look at."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.images.conftest import ROOT
from tests.integration.conftest import environment_of

CONTAINERS = (sys.executable, str(ROOT / "local" / "containers.py"))
HOST = (sys.executable, "-m")


@dataclass(frozen=True)
class Pipeline:
    """`runner` is what a command begins with, `outputs` the folder that report and analyses are in."""

    state: Path
    runner: tuple[str, ...]
    outputs: Path
    inherited: dict[str, str]

    def start(self, *command: str, **settings: object) -> subprocess.Popen[str]:
        """Start a command as make would, with settings as variables."""
        environment = environment_of(self.state, "abcdef012345", self.inherited, offline=False)
        return subprocess.Popen(
            [*self.runner, *command],
            env=environment | {name.upper(): str(value) for name, value in settings.items()},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **settings: object) -> str:
        """Run a command to its end, which must be a good one; what it printed."""
        process = self.start(*command, **settings)
        printed, _ = process.communicate()
        assert process.returncode == 0, printed
        return printed

    def export(self, table: str, lane: str = "batch") -> list[dict]:
        """Rows of a table."""
        out = self.state / f"{lane}-{table}.jsonl"
        self.run("jobs", "export", table=table, lane=lane, out=out)
        return [json.loads(line) for line in out.read_text().split("\n")[:-1]]

    def analyses(self) -> dict[str, list[list[str]]]:
        """The files of the analyses, name to rows."""
        files = sorted((self.outputs / "analyses").glob("*.csv"))
        return {path.name: list(csv.reader(path.read_text().splitlines())) for path in files}


def in_containers(state: Path, environment: dict[str, str]) -> Pipeline:
    return Pipeline(state, CONTAINERS, state / "docker", environment)


def on_host(state: Path) -> Pipeline:
    return Pipeline(state, HOST, state, dict(os.environ))
