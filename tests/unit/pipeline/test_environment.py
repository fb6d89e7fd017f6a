"""What a person's shell has set reaches a program of ours only where it is meant for it."""

import os

import pytest

from pipeline.environment import go_offline, of_server, of_setup
from tests.hostile import HOSTILE, PROXIES


def test_offline_nothing_that_is_for_other_programs_is_left():
    environ = {"PATH": "/bin", "HOME": "/home/me", "LANG": "de_DE.UTF-8"} | HOSTILE
    go_offline(environ=environ)
    assert environ == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "LANG": "de_DE.UTF-8",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1,localhost,::1",
        "NO_PROXY": "127.0.0.1,localhost,::1",
    }


def test_offline_our_own_settings_stay():
    ours = {"AWS_REGION": "eu-west-1", "SPARK_MEMORY": "4g", "KAFKA_PORT": "9092", "LOCALSTACK_PORT": "4566"}
    environ = dict(ours)
    go_offline(ours=ours, environ=environ)
    assert ours.items() <= environ.items()


def test_this_machine_is_asked_directly_and_a_second_time_changes_nothing():
    environ = dict(PROXIES)
    go_offline(environ=environ)
    again = dict(environ)
    go_offline(environ=again)
    assert environ == again
    assert environ["no_proxy"] == environ["NO_PROXY"] == "127.0.0.1,localhost,::1,10.0.0.0/8"
    assert environ["http_proxy"] == PROXIES["http_proxy"]  # Terraform's registry may be beyond it


def test_a_server_inherits_where_programs_are_and_nothing_else():
    inherited = {"PATH": "/bin", "HOME": "/home/me", "TZ": "Asia/Kolkata", "LANG": "C", "DEBUG": "1"}
    given = of_server({"PORT": "1"}, inherited | HOSTILE | PROXIES)
    assert {name: value for name, value in given.items() if name != "PYTHONPATH"} == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "PORT": "1",
    }


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("TF_CLI_ARGS", False),
        ("TF_CLI_ARGS_plan", False),
        ("TF_VAR_user_id", False),
        ("TF_WORKSPACE", False),
        ("TF_DATA_DIR", False),
        ("TF_TOKEN_registry_example_org", True),
        ("TF_PLUGIN_CACHE_DIR", True),
        ("TF_CLI_CONFIG_FILE", True),
        ("TF_LOG", True),
        ("HTTPS_PROXY", True),
    ],
)
def test_offline_terraform_reaches_its_registry_and_gets_nothing_that_changes_a_plan(name, stays):
    environ = {name: "x"}
    go_offline(environ=environ)
    assert (name in environ) is stays


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PIP_INDEX_URL", True),
        ("PIP_EXTRA_INDEX_URL", True),
        ("PIP_CERT", True),
        ("PIP_FIND_LINKS", True),
        ("PIP_DEFAULT_TIMEOUT", True),
        ("PIP_DISABLE_PIP_VERSION_CHECK", True),
        ("UV_INDEX_URL", True),
        ("UV_DEFAULT_INDEX", True),
        ("UV_CACHE_DIR", True),
        ("UV_HTTP_TIMEOUT", True),
        ("UV_COMPILE_BYTECODE", True),
        ("HTTPS_PROXY", True),
        ("MAVEN_OPTS", True),
        ("JAVA_HOME", True),
        ("PIP_TARGET", False),
        ("PIP_USER", False),
        ("PIP_PREFIX", False),
        ("PIP_REQUIRE_VIRTUALENV", False),
        ("PIP_NO_DEPS", False),
        ("UV_SYSTEM_PYTHON", False),
        ("UV_PYTHON", False),
        ("UV_PROJECT_ENVIRONMENT", False),
        ("PYTHONPATH", False),
        ("PYTHONHOME", False),
        ("VIRTUAL_ENV", False),
        ("MAVEN_ARGS", False),
    ],
)
def test_set_up_reaches_an_index_as_a_person_does_and_installs_where_we_say(name, stays):
    assert (name in of_setup({name: "x"})) is stays
