"""A readable plan: creations counted by module, and each change, replacement and destruction by name."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["create", "change", "replace", "destroy"]

ACTIONS: dict[tuple[str, ...], Action] = {
    ("create",): "create",
    ("update",): "change",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("delete",): "destroy",
}
TO_DO: dict[Action, str] = {name: f"to {name}" for name in ("create", "change", "replace", "destroy")}
DONE: dict[Action, str] = {"create": "created", "change": "changed", "replace": "replaced", "destroy": "destroyed"}
FEW = 12  # up to this many creations or destructions are named one by one


@dataclass(frozen=True)
class Change:
    """The action on one resource; `because` names the attributes that differ."""

    action: Action
    module: str
    address: str
    because: tuple[str, ...]

    @classmethod
    def of(cls, change: dict[str, Any]) -> "Change":
        """From an entry of `resource_changes` in Terraform's JSON plan."""
        action = ACTIONS[tuple(change["change"]["actions"])]
        before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
        forced = [str(path[0]) for path in change["change"].get("replace_paths", [])]
        triggered = ["replace_triggered_by"] if change.get("action_reason") == "replace_by_triggers" else []
        differ = [name for name in before if before[name] != after.get(name)] if after else []
        return cls(
            action=action,
            module=short(change.get("module_address", "")) or "estate",
            address=short(change["address"]),
            because=tuple(forced or triggered or differ),
        )


@dataclass(frozen=True)
class Plan:
    """All changes of a plan."""

    changes: tuple[Change, ...]

    @classmethod
    def of(cls, plan: dict[str, Any]) -> "Plan":
        """From `terraform show -json` of a plan."""
        changes = plan.get("resource_changes", [])
        return cls(tuple(Change.of(c) for c in changes if tuple(c["change"]["actions"]) in ACTIONS))

    @property
    def counts(self) -> Counter[Action]:
        return Counter(change.action for change in self.changes)

    @property
    def steps(self) -> int:
        """Number of operations to apply it: a replacement is two."""
        return len(self.changes) + self.counts["replace"]

    @property
    def loses(self) -> bool:
        """Whether it destroys or replaces a resource."""
        return self.counts["destroy"] + self.counts["replace"] > 0

    def sum(self, words: dict[Action, str]) -> str:
        """The number of each action, with these words."""
        return ", ".join(f"{self.counts[action]} {word}" for action, word in words.items())

    def lines(self) -> list[str]:
        """The plan for a terminal."""
        if not self.changes:
            return ["no changes: the estate matches its configuration"]
        shown = [f"plan: {self.sum(TO_DO)}"]
        for action, sign in (("create", "+"), ("change", "~"), ("replace", "±"), ("destroy", "-")):
            changes = [change for change in self.changes if change.action == action]
            if action in ("create", "destroy") and len(changes) > FEW:
                modules = Counter(change.module for change in changes)
                shown += [f"  {sign} {module:<14} {number:>3}" for module, number in sorted(modules.items())]
            else:
                shown += [
                    f"  {sign} {change.address}" + (f"  ({', '.join(change.because)})" if change.because else "")
                    for change in changes
                ]
        return shown


def short(address: str) -> str:
    """The address without its common part: module.estate.module.api.aws_x.y becomes api.aws_x.y."""
    return address.replace("module.", "").removeprefix("estate").removeprefix(".")
