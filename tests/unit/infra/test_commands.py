"""An estate on AWS is changed or destroyed only after a confirmation."""

import io

import pytest

from infra import commands, environment
from infra.plan import Plan
from pipeline.errors import UserError
from pipeline.settings import load

CREATED = {"address": "aws_x.a", "change": {"actions": ["create"], "before": None, "after": {"id": 1}}}
DESTROYED = {"address": "aws_x.a", "change": {"actions": ["delete"], "before": {"id": 1}, "after": None}}


class FakeTerraform:
    """Plans given changes, and records what is applied."""

    def __init__(self, *changes):
        self.planned = Plan.of({"resource_changes": list(changes)})
        self.applied = []

    def plan(self, variables, destroy=False):
        return self.planned

    def apply(self, plan, report):
        self.applied.append(plan)

    def outputs(self):
        return {"estate": {"user_id": "0a1b2c3d4e5f"}}


@pytest.fixture
def settings(tmp_path):
    return lambda **more: load(env="aws", state_bucket="states-0001", state=tmp_path, _env_file=None, **more)


@pytest.fixture
def planned(monkeypatch):
    """Makes the commands plan these changes, with no terminal."""

    def plan(*changes):
        terraform = FakeTerraform(*changes)
        monkeypatch.setattr(commands, "terraform", lambda settings: terraform)
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        return terraform

    return plan


@pytest.mark.parametrize(("command", "change"), [(commands.apply, CREATED), (commands.destroy, DESTROYED)])
def test_nothing_changes_without_a_confirmation(settings, planned, command, change):
    terraform = planned(change)
    with pytest.raises(UserError, match=r"not confirmed, nothing was changed: .*CONFIRM=0a1b2c3d4e5f"):
        command(settings())
    with pytest.raises(UserError, match="not confirmed"):
        command(settings(confirm="yes"))
    assert terraform.applied == []


@pytest.mark.parametrize(("command", "change"), [(commands.apply, CREATED), (commands.destroy, DESTROYED)])
def test_the_user_id_confirms(settings, planned, command, change):
    terraform = planned(change)
    command(settings(confirm="0a1b2c3d4e5f"))
    assert terraform.applied == [terraform.planned]


def test_a_user_at_a_terminal_is_asked(settings, planned, monkeypatch):
    terraform = planned(DESTROYED)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "0a1b2c3d4e5f")
    commands.destroy(settings())
    assert "DESTROYS" in asked[0]
    assert "0a1b2c3d4e5f" in asked[0]
    assert len(terraform.applied) == 1


def test_an_empty_plan_asks_nothing_and_saves_the_outputs(settings, planned, tmp_path):
    terraform = planned()
    commands.apply(settings())
    assert terraform.applied == []
    assert (tmp_path / "aws" / "estate.json").exists()


def test_without_a_state_bucket_the_error_names_bootstrap(tmp_path):
    with pytest.raises(UserError, match=r"STATE_BUCKET.*make bootstrap"):
        environment.terraform(load(env="aws", state=tmp_path, _env_file=None))
