"""A readable plan: counts, groups, and each change by name with its cause."""

from infra.plan import Plan


def entry(address, actions, before=None, after=None, module="module.estate.module.api", **more):
    change = {"actions": actions, "before": before, "after": after, "replace_paths": more.pop("replace_paths", [])}
    return {"address": f"{module}.{address}", "module_address": module, "change": change, **more}


def lines(*entries):
    return Plan.of({"resource_changes": list(entries)}).lines()


def test_an_empty_plan_is_one_line():
    assert lines(entry("aws_x.a", ["no-op"], {"n": 1}, {"n": 1}), entry("data.aws_y.b", ["read"], None, {})) == [
        "no changes: the estate matches its configuration"
    ]


def test_a_change_names_the_attributes_that_differ():
    assert lines(entry("aws_x.a", ["update"], {"uri": "a", "name": "n"}, {"uri": "b", "name": "n"})) == [
        "plan: 0 to create, 1 to change, 0 to replace, 0 to destroy",
        "  ~ api.aws_x.a  (uri)",
    ]


def test_an_unknown_value_counts_as_different():
    assert lines(entry("aws_x.a", ["update"], {"uri": "a"}, {"name": "n"}))[1] == "  ~ api.aws_x.a  (uri)"


def test_a_replacement_names_its_cause():
    forced = entry("aws_x.a", ["delete", "create"], {"id": 1, "c": 1}, {"c": 2}, replace_paths=[["c"]])
    triggered = entry("aws_x.b", ["create", "delete"], {"id": 1}, {"id": 1}, action_reason="replace_by_triggers")
    assert lines(forced, triggered) == [
        "plan: 0 to create, 0 to change, 2 to replace, 0 to destroy",
        "  ± api.aws_x.a  (c)",
        "  ± api.aws_x.b  (replace_triggered_by)",
    ]


def test_few_creations_are_named_and_many_are_counted():
    few = [entry(f"aws_x.a{i}", ["create"], None, {"id": i}) for i in range(12)]
    assert lines(*few)[1] == "  + api.aws_x.a0"
    assert len(lines(*few)) == 13
    many = [*few, entry("aws_s3_object.z", ["create"], None, {"id": 1}, module="module.estate")]
    assert lines(*many) == [
        "plan: 13 to create, 0 to change, 0 to replace, 0 to destroy",
        "  + api             12",
        "  + estate           1",
    ]


def test_a_plan_knows_whether_it_loses_resources():
    made = Plan.of({"resource_changes": [entry("aws_x.a", ["create"], None, {"id": 1})]})
    replaced = Plan.of({"resource_changes": [entry("aws_x.a", ["delete", "create"], {"id": 1}, {"id": 2})]})
    destroyed = Plan.of({"resource_changes": [entry("aws_x.a", ["delete"], {"id": 1}, None)]})
    assert [plan.loses for plan in (made, replaced, destroyed)] == [False, True, True]
    assert [plan.steps for plan in (made, replaced, destroyed)] == [1, 2, 1]
    assert destroyed.lines()[1] == "  - api.aws_x.a"
