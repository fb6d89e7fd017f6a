"""Every value of the plans that `terraform test` makes."""

import json


def plans(terraform, folder):
    """What each run of the estate's tests in a folder plans: value by its resource's address and its path in it."""
    answer = terraform("modules/estate", "test", f"-test-directory=tests/{folder}", "-verbose", "-json")
    assert answer.returncode == 0, answer.stdout[-2000:]
    messages = map(json.loads, answer.stdout.splitlines())
    return {message["@testrun"]: planned(message) for message in messages if message["type"] == "test_plan"}


def planned(message):
    return {
        (resource["address"], path): value
        for resource in message["test_plan"]["resource_changes"]
        for path, value in values(resource["change"]["after"])
    }


def values(tree, path=()):
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from values(branch, (*path, name))
    elif isinstance(tree, list) and any(isinstance(branch, dict) for branch in tree):
        for i, branch in enumerate(tree):
            yield from values(branch, (*path, f"[{i}]"))
    else:
        yield ".".join(path), " ".join(map(str, tree)) if isinstance(tree, list) else tree
