"""What is wrong with a bundle, line by line."""

from collections.abc import Iterator
from pathlib import Path

from engines.bundle.config import PARTS, Block, Place, Problem, Target, read_all
from engines.bundle.jobs import Job
from engines.bundle.kinds import KINDS

TOP = Place(Path("databricks.yml"), 1)
KNOWN = {"include", "variables", "targets", "experimental", "python", "scripts", *PARTS}


def problems(root: Path) -> list[str]:
    """All that is wrong with the bundle in the folder, each with its file, line and path."""
    try:
        whole = read_all(root)
    except ValueError as error:
        return [str(error)]
    targets = [Target(root, whole, name) for name in whole.block("targets")]
    found = [*_of_whole(root, whole), *_of_variables(whole, targets)]
    for target in targets:
        found += [*target.problems, *_of_target(target)]
    return list(dict.fromkeys(map(str, found)))  # one of several targets is told once


def _of_whole(root: Path, whole: Block) -> Iterator[Problem]:
    for part in whole.keys() - KNOWN - whole.anchors:
        yield Problem(whole.places[part], part, "unknown to bundles")
    for pattern in whole.get("include", []):
        if not any(root.glob(pattern)):
            yield Problem(whole.places["include"], "include", f"there is no file {pattern}")
    targets = whole.block("targets")
    if sum(bool(targets.block(name).get("default")) for name in targets) != 1:
        yield Problem(whole.places.get("targets", TOP), "targets", "one of them has to be the default")


def _of_variables(whole: Block, targets: list[Target]) -> Iterator[Problem]:
    variables = whole.block("variables")
    used = {name for target in targets for name in target.used}
    for name in variables:
        if not variables.block(name).get("description"):
            yield Problem(variables.places[name], f"variables.{name}", "has no description")
        if name not in used:
            yield Problem(variables.places[name], f"variables.{name}", "nothing refers to it")


def _of_target(target: Target) -> Iterator[Problem]:
    workspace = target.config.block("workspace")
    for key in workspace.keys() & {"host", "profile"}:
        what = "is for DATABRICKS_HOST or --profile to say: this file is everybody's"
        yield Problem(workspace.places[key], f"workspace.{key}", what)
    resources = target.config.block("resources")
    for kind in resources:
        if kind not in KINDS:
            yield Problem(resources.places[kind], kind, f"is none of what is checked here: {', '.join(KINDS)}")
            continue
        items = target.resources(kind)
        for name, settings in items.items():
            unfit = list(KINDS[kind].problems(settings, items.places[name], f"{kind}.{name}"))
            yield from unfit
            if kind == "jobs" and not unfit:
                yield from Job(target, name, settings).problems()
