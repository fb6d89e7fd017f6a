"""`python -m engines.bundle` checks the Databricks bundle without a workspace, and without the Databricks CLI.

Each reference must resolve, each resource must fit its class in `databricks-bundles`, and each task must install the
wheel and start it with parameters that the jobs' command line accepts.
"""

import io
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr
from functools import reduce
from pathlib import Path
from typing import Any

import yaml
from databricks.bundles.external_locations import ExternalLocation
from databricks.bundles.jobs import Job
from databricks.bundles.schemas import Schema
from databricks.bundles.volumes import Volume

from jobs.__main__ import OPTIONS, parser
from pipeline.errors import UserError
from pipeline.settings import given_options, load

ROOT = Path(__file__).parents[1]
FOLDER = "bundle"  # where the resources are; their paths are relative to it
KINDS: dict[str, Any] = {
    "external_locations": ExternalLocation,
    "jobs": Job,
    "schemas": Schema,
    "volumes": Volume,
}
REFERENCE = re.compile(r"\$\{([^}]*)\}")
# Lists that merge by a key. To others, a target appends.
KEYS = {"tasks": "task_key", "job_clusters": "job_cluster_key"}
PARTS = {"artifacts", "bundle", "resources", "targets", "variables"}
# Keys of a task that name something of its job, and the list that has it.
SHARED = {"job_cluster_key": "job_clusters", "environment_key": "environments"}


def problems(root: Path) -> list[str]:
    """What is wrong with the bundle in the folder, a line each: the path in the bundle, then the problem."""
    try:
        whole = read(root)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [" ".join(str(error).split())]
    return list(dict.fromkeys(problem for name in whole["targets"] for problem in _of_target(root, whole, name)))


def read(root: Path) -> dict[str, Any]:
    """databricks.yml with the files that it includes. Raises OSError, yaml.YAMLError or ValueError."""
    top = _yaml(root / "databricks.yml")
    files = sorted(path for pattern in top.get("include", []) for path in root.glob(pattern))
    whole = reduce(_merged, map(_yaml, files), top)
    if missing := PARTS - whole.keys():
        raise ValueError(f"databricks.yml: missing: {', '.join(sorted(missing))}")
    return whole


def target(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """The bundle for one of its targets, with references resolved.

    A variable without a default has its own name for a value. Raises ValueError for a reference to nothing.
    """
    chosen = whole["targets"][name] or {}
    config = _merged(whole, chosen)
    defaults = {variable: (about or {}).get("default", variable) for variable, about in whole["variables"].items()}
    config["var"] = defaults | chosen.get("variables", {})
    if undeclared := config["var"].keys() - defaults.keys():
        raise ValueError(f"targets.{name}.variables: not declared: {', '.join(sorted(undeclared))}")
    config["bundle"] = config["bundle"] | {"target": name}
    parts = config.keys() & {"artifacts", "resources", "run_as", "workspace"}
    return {part: _resolved(config[part], config, part) for part in parts}


def refused(parameters: list[str]) -> str | None:
    """What the jobs' command line says against these parameters; None if it accepts them."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            load(**given_options(parser().parse_args(parameters), OPTIONS))
    except SystemExit:
        return said.getvalue().splitlines()[-1]
    except UserError as error:
        return str(error)
    return None


def _yaml(file: Path) -> dict[str, Any]:
    with file.open(encoding="utf-8") as stream:  # whose name YAML's errors show
        content = yaml.safe_load(stream)
    if not isinstance(content, dict):
        raise ValueError(f"{file.name}: not a mapping")
    return content


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with what `over` adds and overrides, as the CLI merges them."""
    merged = dict(base)
    for key, value in over.items():
        held = merged.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            merged[key] = _merged(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            merged[key] = _merged_by(KEYS[key], held + value) if key in KEYS else held + value
        else:
            merged[key] = value
    return merged


def _merged_by(key: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for item in items:
        merged[item[key]] = _merged(merged.get(item[key], {}), item)
    return list(merged.values())


def _resolved(value: Any, config: dict[str, Any], path: str) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(below, config, f"{path}.{key}") for key, below in value.items()}
    if isinstance(value, list):
        return [_resolved(below, config, f"{path}[{n}]") for n, below in enumerate(value)]
    if not isinstance(value, str):
        return value
    if whole := REFERENCE.fullmatch(value):
        return _referred(whole[1], config, path)  # may be a list
    return REFERENCE.sub(lambda match: str(_referred(match[1], config, path)), value)


def _referred(name: str, config: dict[str, Any], path: str) -> Any:
    """The value of a reference; `path` says how we got there."""
    reference = f"${{{name}}}"
    if reference in path:
        raise ValueError(f"{path}: refers to itself")
    value: Any = config
    try:
        for key in name.split("."):
            value = value[key]
    except (KeyError, TypeError):
        raise ValueError(f"{path}: {reference} refers to nothing") from None
    return _resolved(value, config, f"{path}: {reference}")


def _of_target(root: Path, whole: dict[str, Any], name: str) -> Iterator[str]:
    try:
        config = target(whole, name)
    except ValueError as error:
        yield str(error)
        return
    for kind, resources in config["resources"].items():
        if kind not in KINDS:
            yield f"resources.{kind}: engines/bundle.py has no class to check it with"
            continue
        for key, resource in resources.items():
            yield from (f"resources.{kind}.{key}: {problem}" for problem in _of_resource(root, config, kind, resource))


def _of_resource(root: Path, config: dict[str, Any], kind: str, settings: dict[str, Any]) -> Iterator[str]:
    try:
        resource = KINDS[kind].from_dict(settings)
    except (TypeError, ValueError) as error:
        yield str(error)
        return
    if kind == "jobs":
        for task in resource.tasks:
            found = [*_of_task(resource, task), *_of_wheel(root, config, resource, task)]
            yield from (f"task {task.task_key}: {problem}" for problem in found)


def _of_task(job: Any, task: Any) -> Iterator[str]:
    keys = {other.task_key for other in job.tasks}
    for other in task.depends_on:
        if other.task_key not in keys:
            yield f"depends_on: there is no task {other.task_key}"
    for key, items in SHARED.items():
        name = getattr(task, key)
        if name and name not in [getattr(item, key) for item in getattr(job, items)]:
            yield f"{key}: {name} is not among the {items}"


def _of_wheel(root: Path, config: dict[str, Any], job: Any, task: Any) -> Iterator[str]:
    wheel = task.python_wheel_task
    if wheel is None:
        return
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if wheel.package_name.replace("_", "-") != project["name"]:
        yield f"package_name {wheel.package_name} is not {project['name']}, which pyproject.toml builds"
    if wheel.entry_point not in project["scripts"]:
        yield f"pyproject.toml has no script {wheel.entry_point}"
    if refusal := refused(wheel.parameters):
        yield refusal
    if not _built(config) & set(_installed(job, task)):
        yield "installs no wheel that the artifacts build"


def _built(config: dict[str, Any]) -> set[str]:
    """The wheels that the artifacts build, relative to the bundle's root."""
    artifacts = (artifact for artifact in config["artifacts"].values() if artifact.get("build"))
    return {file["source"] for artifact in artifacts for file in artifact["files"]}


def _installed(job: Any, task: Any) -> Iterator[str]:
    """What a task installs from files, relative to the bundle's root."""
    named = [library.whl for library in task.libraries if library.whl]
    for environment in job.environments:
        if environment.environment_key == task.environment_key:
            named += environment.spec.dependencies
    return (os.path.normpath(f"{FOLDER}/{name}") for name in named)


def main(root: Path = ROOT) -> int:
    found = problems(root)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("databricks.yml: no problems found, as far as this can be checked without a workspace")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
