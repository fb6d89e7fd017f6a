"""An estate on AWS is neither changed nor destroyed before a person has said so."""

import io

import pytest

from infra import commands
from infra.environment import terraform
from infra.plan import Plan
from pipeline.errors import UserError
from pipeline.settings import load

CREATED = {"address": "aws_x.a", "change": {"actions": ["create"], "before": None, "after": {"id": 1}}}
DESTROYED = {"address": "aws_x.a", "change": {"actions": ["delete"], "before": {"id": 1}, "after": None}}


class Stand:
    """Stands where Terraform is, and remembers whether it was asked to apply."""

    def __init__(self, *changes):
        self.planned = Plan.of({"resource_changes": list(changes)})
        self.applied = []

    def plan(self, variables, destroy=False):
        return self.planned

    def apply(self, plan, tell):
        self.applied.append(plan)

    def outputs(self):
        return {"estate": {"user_id": "0a1b2c3d4e5f"}}


@pytest.fixture
def settings(tmp_path):
    return lambda **more: load(env="aws", state_bucket="states-0001", state=tmp_path, _env_file=None, **more)


@pytest.fixture
def stand(monkeypatch):
    def of(*changes):
        stand = Stand(*changes)
        monkeypatch.setattr(commands, "terraform", lambda settings: stand)
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        return stand

    return of


@pytest.mark.parametrize(("command", "change"), [(commands.apply, CREATED), (commands.destroy, DESTROYED)])
def test_without_a_word_nothing_is_done(settings, stand, command, change):
    stands = stand(change)
    with pytest.raises(UserError, match=r"not confirmed, nothing was done: .*CONFIRM=0a1b2c3d4e5f"):
        command(settings())
    with pytest.raises(UserError, match="not confirmed"):
        command(settings(confirm="yes"))
    assert stands.applied == []


@pytest.mark.parametrize(("command", "change"), [(commands.apply, CREATED), (commands.destroy, DESTROYED)])
def test_the_user_id_confirms(settings, stand, command, change):
    stands = stand(change)
    command(settings(confirm="0a1b2c3d4e5f"))
    assert stands.applied == [stands.planned]


def test_a_person_at_a_terminal_is_asked(settings, stand, monkeypatch):
    stands = stand(DESTROYED)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "0a1b2c3d4e5f")
    commands.destroy(settings())
    assert "DESTROYS" in asked[0]
    assert "0a1b2c3d4e5f" in asked[0]
    assert len(stands.applied) == 1


def test_an_apply_that_changes_nothing_asks_nothing_and_keeps_the_outputs(settings, stand, tmp_path):
    stands = stand()
    commands.apply(settings())
    assert stands.applied == []
    assert (tmp_path / "aws" / "estate.json").exists()


def test_aws_without_a_bucket_for_the_state_says_how_to_make_one(tmp_path):
    with pytest.raises(UserError, match=r"STATE_BUCKET.*make bootstrap"):
        terraform(load(env="aws", state=tmp_path, _env_file=None))
