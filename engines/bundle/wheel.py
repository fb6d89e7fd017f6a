"""What is asked of a task that runs our wheel: it gets it, and is started as its program can be."""

import io
import re
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from engines.bundle.config import Block, Place, Problem, Target, path_from
from jobs.__main__ import OPTIONS, parser
from pipeline.errors import UserError
from pipeline.settings import given_options, load


def of_wheel(target: Target, job: Block, path: str, task: Block) -> Iterator[Problem]:
    """What is wrong with a job's task of this kind."""
    wheel, below = task.block("python_wheel_task"), f"{path}.python_wheel_task"
    project = _project(target.root)
    if _normal(wheel["package_name"]) != _normal(project["name"]):
        what = f"{wheel['package_name']} is not what pyproject.toml builds, {project['name']}"
        yield Problem(wheel.places["package_name"], f"{below}.package_name", what)
    if wheel["entry_point"] not in project.get("scripts", {}):
        what = f"pyproject.toml has no script {wheel['entry_point']}"
        yield Problem(wheel.places["entry_point"], f"{below}.entry_point", what)
    if refusal := refused(wheel.get("parameters", [])):
        yield Problem(wheel.places.get("parameters", wheel.places["entry_point"]), f"{below}.parameters", refusal)
    installed = list(_installed(job, task))
    if not installed:
        yield Problem(task.places["task_key"], path, "has no wheel to run: none is among its libraries")
    for place, named in installed:
        if path_from(place, named) not in _built(target):
            yield Problem(place, path, f"no artifact builds {named}")


def refused(parameters: list[str]) -> str | None:
    """What the jobs' own command line says against these; None when it takes them."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            load(**given_options(parser().parse_args(parameters), OPTIONS))
    except SystemExit:
        return said.getvalue().splitlines()[-1]
    except UserError as error:
        return str(error)
    return None


def _installed(job: Block, task: Block) -> Iterator[tuple[Place, str]]:
    """The wheels that a task gets, and where each is named."""
    for library in task.get("libraries", []):
        if "whl" in library:
            yield library.places["whl"], library["whl"]
    for environment in job.get("environments", []):
        if environment["environment_key"] == task.get("environment_key"):
            spec = environment.block("spec")
            for dependency in spec.get("dependencies", []):
                if dependency.endswith(".whl"):
                    yield spec.places["dependencies"], dependency


def _built(target: Target) -> set[Path]:
    """What the artifacts build, relative to the bundle's root."""
    return {
        path_from(file.places["source"], file["source"])
        for artifact in target.config.block("artifacts").values()
        if artifact.get("type") == "whl" and artifact.get("build")
        for file in artifact.get("files", [])
    }


def _project(root: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _normal(name: str) -> str:
    """A package's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
