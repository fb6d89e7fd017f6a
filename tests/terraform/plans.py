"""All values of the plans of `terraform test`."""

import json


def plans(terraform, folder):
    """The plans of the estate's tests in a folder, by run: values by resource address and path."""
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
