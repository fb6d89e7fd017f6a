"""The kinds of resources that a bundle makes, as the SDK of Databricks has them: their keys, types and enumerations."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from databricks.sdk.service import catalog, jobs

from engines.bundle.config import REFERENCE, Block, Place, Problem

FEW = 5  # values, to be named all
# What a bundle has beside the API's own.
LIFECYCLE = {"lifecycle": dict[str, bool]}
GRANTS = {"grants": list[catalog.PrivilegeAssignment], **LIFECYCLE}


@dataclass(frozen=True)
class Kind:
    """A kind of resource: the API that makes it, the keys that it takes, with their types, and those that it needs."""

    api: str
    keys: Mapping[str, Any]
    needed: frozenset[str]

    def problems(self, value: Any, place: Place, path: str) -> Iterator[Problem]:
        """What of a resource the API does not take."""
        yield from self._of_block(self.keys, self.needed, value, place, path)

    def _of_block(
        self, keys: Mapping[str, Any], needed: frozenset[str], value: Any, place: Place, path: str
    ) -> Iterator[Problem]:
        if not isinstance(value, Block):
            yield Problem(place, path, "is no mapping")
            return
        for key in sorted(needed - value.keys()):
            yield Problem(next(iter(value.places.values()), place), path, f"{key} is missing")
        for key, below in value.items():
            where = value.places[key]
            if key in keys:
                yield from self._of_type(keys[key], below, where, f"{path}.{key}")
            else:
                yield Problem(where, f"{path}.{key}", f"unknown to {self.api}{_meant(key, list(keys))}")

    def _of_type(self, kind: Any, value: Any, place: Place, path: str) -> Iterator[Problem]:
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            return  # stands for nothing, which is told elsewhere
        if get_origin(kind) in (Union, UnionType):  # with None: an optional key
            kind = get_args(kind)[0]
        if get_origin(kind) is list:
            if isinstance(value, list):
                for n, below in enumerate(value):
                    yield from self._of_type(get_args(kind)[0], below, place, f"{path}[{n}]")
            else:
                yield Problem(place, path, "is no list")
        elif get_origin(kind) is dict:
            keys = dict.fromkeys(value, get_args(kind)[1]) if isinstance(value, Block) else {}
            yield from self._of_block(keys, frozenset(), value, place, path)
        elif isinstance(kind, type) and is_dataclass(kind):
            yield from self._of_block(*keys_of(kind), value, place, path)
        elif isinstance(kind, type) and issubclass(kind, Enum):
            allowed = [member.value for member in kind]
            if value not in allowed:
                yield Problem(place, path, f"{value!r} is no {kind.__name__}{_meant(value, allowed)}")
        elif kind in (str, bool, int, float) and not _is(kind, value):
            yield Problem(place, path, f"{value!r} is no {kind.__name__}")


def _is(kind: type, value: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _meant(given: Any, allowed: list[str]) -> str:
    if len(allowed) <= FEW:
        return f": {', '.join(allowed)}"
    close = get_close_matches(str(given), allowed, n=1)
    return f"; is it {close[0]}?" if close else ""


@cache
def keys_of(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The fields of one of the SDK's dataclasses, with their types, and those that it asks for."""
    hints = get_type_hints(kind)
    of = fields(kind)
    needed = frozenset(field.name for field in of if field.default is MISSING and field.default_factory is MISSING)
    return {field.name: hints[field.name] for field in of}, needed


def _in_catalog(create: Any) -> Kind:
    """A kind that is made by a method of the SDK."""
    hints = get_type_hints(create)
    of = {name: parameter for name, parameter in inspect.signature(create).parameters.items() if name != "self"}
    needed = frozenset(name for name, parameter in of.items() if parameter.default is inspect.Parameter.empty)
    return Kind("Unity Catalog", {name: hints[name] for name in of} | GRANTS, needed)


KINDS = {
    "jobs": Kind(
        "the Jobs API",
        keys_of(jobs.JobSettings)[0] | {"permissions": list[dict[str, str]], **LIFECYCLE},
        frozenset({"name", "tasks"}),
    ),
    "schemas": _in_catalog(catalog.SchemasAPI.create),
    "volumes": _in_catalog(catalog.VolumesAPI.create),
    "external_locations": _in_catalog(catalog.ExternalLocationsAPI.create),
}
