"""The bundle as the Databricks CLI would read it: its files merged, a target laid over them, references replaced."""

import os
import re
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

REFERENCE = re.compile(r"\$\{([^}]*)\}")
# The lists that are merged by a key; of others, a target's entries are added.
KEYS = {"tasks": "task_key", "job_clusters": "job_cluster_key", "parameters": "name"}
# What a target may override, beside variables.
PARTS = {"bundle", "sync", "artifacts", "workspace", "run_as", "permissions", "presets", "resources"}
# What the workspace alone knows.
WORKSPACE = {"current_user.userName": "somebody@example.com", "current_user.short_name": "somebody"}


@dataclass(frozen=True)
class Place:
    """A line of a file; the file is relative to the bundle's root."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """What is wrong; `path` as in jobs.batch.tasks[0].max_retries."""

    place: Place
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.path}: {self.what}"


class Block(dict[str, Any]):
    """A mapping that knows where each of its keys stands, and whose values are anchors for others to refer to."""

    def __init__(self, of: "dict[str, Any] | None" = None) -> None:
        super().__init__(of or {})
        self.places: dict[str, Place] = dict(of.places) if isinstance(of, Block) else {}
        self.anchors: set[str] = set(of.anchors) if isinstance(of, Block) else set()

    def block(self, *keys: str) -> "Block":
        """What is below the keys, empty when nothing is."""
        below: Any = self
        for key in keys:
            below = below.get(key) if isinstance(below, Block) else None
        return below if isinstance(below, Block) else Block()


def path_from(place: Place, named: str) -> Path:
    """A path as the CLI takes it, from the file that names it; relative to the bundle's root."""
    return Path(os.path.normpath(place.file.parent / named))


def read_all(root: Path) -> Block:
    """databricks.yml with what it includes. Raises ValueError, with the place, for what cannot be read."""
    top = read(root, Path("databricks.yml"))
    files = sorted({path.relative_to(root) for pattern in top.get("include") or [] for path in root.glob(pattern)})
    return reduce(laid_over, (read(root, file) for file in files), top)


def read(root: Path, file: Path) -> Block:
    """One file. Raises ValueError as `read_all` does."""
    try:
        content = yaml.load((root / file).read_text(encoding="utf-8"), _loader(file))  # noqa: S506 it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{file}:{line}: {error.problem}") from None
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
    if not isinstance(content, Block):
        raise ValueError(f"{file}: it is no mapping")
    return content


def _loader(file: Path) -> type[yaml.SafeLoader]:
    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            node = super().compose_node(parent, index)
            if node and getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent):
                node.is_anchor = True
            return node

        def block(self, node: yaml.MappingNode) -> Block:
            own = [key.value for key, _ in node.value]
            if twice := next((key for key, _ in node.value if own.count(key.value) > 1), None):
                raise yaml.constructor.ConstructorError(
                    problem=f"{twice.value} is there twice", problem_mark=twice.start_mark
                )
            self.flatten_mapping(node)
            made = Block()
            for key, value in node.value:
                made[key.value] = self.construct_object(value, deep=True)
                made.places[key.value] = Place(file, key.start_mark.line + 1)
                if getattr(value, "is_anchor", False):
                    made.anchors.add(key.value)
            return made

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, Loader.block)
    return Loader


def laid_over(base: Block, over: Block) -> Block:
    """`base` with what `over` adds and overrides."""
    merged = Block(base)
    merged.anchors |= over.anchors
    for key, value in over.items():
        held = merged.get(key)
        if isinstance(held, Block) and isinstance(value, Block):
            merged[key] = laid_over(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            merged[key] = _merged(held, value, KEYS.get(key))
        else:
            merged[key], merged.places[key] = value, over.places[key]
    return merged


def _merged(held: list[Any], added: list[Any], by: str | None) -> list[Any]:
    if by is None or not all(isinstance(item, Block) for item in held + added):
        return held + added
    merged: dict[Any, Block] = {}
    for item in held + added:
        name = item.get(by)
        merged[name] = laid_over(merged[name], item) if name in merged else item
    return list(merged.values())


class Target:
    """The bundle for one of its targets.

    `config`: the whole of it; `problems`: references to what is not there; `used`: the variables that are referred to.
    A variable without a default is given with the deployment: its own name stands for it.
    """

    def __init__(self, root: Path, whole: Block, name: str) -> None:
        self.root = root
        self.name = name
        chosen = whole.block("targets", name)
        self.mode = chosen.get("mode")
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self._variables = self._values(whole.block("variables"), chosen.block("variables"))
        self._raw = laid_over(whole, chosen)
        self._finding: list[str] = []
        self.config = Block(self._raw)
        for part in PARTS & self._raw.keys():
            self.config[part] = self._replaced(self._raw[part], part, self._raw.places[part])

    def resources(self, kind: str) -> Block:
        """All of a kind by name, as of `jobs`."""
        return self.config.block("resources", kind)

    def _values(self, declared: Block, given: Block) -> dict[str, Any]:
        for name in given.keys() - declared.keys():
            path = f"targets.{self.name}.variables.{name}"
            self.problems.append(Problem(given.places[name], path, "no such variable is declared"))
        return {name: given.get(name, declared.block(name).get("default", name)) for name in declared}

    def _replaced(self, value: Any, path: str, place: Place) -> Any:
        if isinstance(value, Block):
            made = Block(value)
            for key, below in value.items():
                made[key] = self._replaced(below, f"{path}.{key}", value.places[key])
            return made
        if isinstance(value, list):
            return [self._replaced(below, f"{path}[{n}]", place) for n, below in enumerate(value)]
        if not isinstance(value, str):
            return value
        alone = REFERENCE.fullmatch(value)
        if alone:
            return self._found(alone[1], path, place)
        return REFERENCE.sub(lambda match: str(self._found(match[1], path, place)), value)

    def _found(self, name: str, path: str, place: Place) -> Any:
        """What a reference stands for; the reference itself where that is nothing."""
        try:
            if name in self._finding:
                raise KeyError(name)
            value = self._value(name)
        except KeyError:
            self.problems.append(Problem(place, path, f"${{{name}}} stands for nothing"))
            return f"${{{name}}}"
        self._finding.append(name)
        try:
            return self._replaced(value, path, place)
        finally:
            self._finding.pop()

    def _value(self, name: str) -> Any:
        kind, _, rest = name.partition(".")
        if kind == "var":
            self.used.add(rest.partition(".")[0])
            return _below(self._variables, rest)
        if kind == "bundle":
            return _below({"target": self.name, **self._raw["bundle"]}, rest)
        if kind == "workspace":
            return WORKSPACE[rest]
        if kind == "resources":
            return _below(self._raw["resources"], rest)
        raise KeyError(name)


def _below(value: Any, path: str) -> Any:
    """Raises KeyError."""
    for key in path.split("."):
        if not isinstance(value, dict):
            raise KeyError(path)
        value = value[key]
    return value
