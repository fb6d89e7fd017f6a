"""The settings object: defaults, the environment, .env, and what a person reads after a mistake."""

import re
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.settings import Settings, from_command_line, load

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults_are_the_offline_demo():
    settings = load()
    assert (settings.user_id, settings.env, settings.state) == ("0a1b2c3d4e5f", "local", Path(".state"))
    assert (settings.rows, settings.order, settings.batch_size, settings.wait) == (11154, "replay", 500, True)


def test_environment_comes_before_dotenv_and_options_before_both(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("ROWS=1\nSEED=1\nLIMIT=1\n")
    monkeypatch.setenv("SEED", "2")
    monkeypatch.setenv("LIMIT", "2")
    settings = from_command_line("prog", "does things", ["limit"], ["--limit", "3"])
    assert (settings.rows, settings.seed, settings.limit) == (1, 2, 3)


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    monkeypatch.setenv("LIMIT", "")
    assert load().limit is None


def test_a_switch_given_without_a_value_is_on():
    settings = from_command_line("prog", "does things", ["once", "wait"], ["--once", "--wait", "no"])
    assert (settings.once, settings.wait, settings.direct) == (True, False, False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("USER_ID", "Has.Capitals"),
        ("USER_ID", "abc"),
        ("USER_ID", "-abcd"),
        ("ENV", "azure"),
        ("ROWS", "many"),
        ("ROWS", "0"),
        ("RATE", "-1"),
        ("BATCH_SIZE", "0"),
        ("ORDER", "backwards"),
        ("LANE", "fast"),
        ("ONCE", "perhaps"),
        ("TRIGGER", "-1"),
        ("KAFKA_PORT", "70000"),
        ("SPARK_MEMORY", "2 gigabytes"),
        ("ENGINE", "flink"),
        ("MAX_REJECTED_SHARE", "5"),
        ("MAX_AGE_HOURS", "0"),
        ("ESTATE", "estate.json"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError) as error:
        load()
    message = str(error.value)
    assert message.startswith(f"{variable}={value!r}: ")
    assert "\n" not in message
    assert message.endswith("(see .env.sample)")


def test_a_key_is_not_shown(monkeypatch):
    monkeypatch.setenv("API_KEY", "hush-hush")
    assert "hush-hush" not in repr(load())


def test_every_setting_stands_in_the_sample_with_its_meaning():
    sample = (ROOT / ".env.sample").read_text()
    assert re.findall(r"^#([A-Z_]+)=", sample, re.MULTILINE) == [name.upper() for name in Settings.model_fields]
    words = " ".join(re.sub(r"^# ?", "", sample, flags=re.MULTILINE).split())
    for field in Settings.model_fields.values():
        assert " ".join(field.description.split()) in words
