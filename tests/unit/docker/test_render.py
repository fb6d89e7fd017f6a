"""docker/bin/render: what it fills in, what it leaves, what it refuses."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

RENDER = Path(__file__).parents[3] / "docker" / "bin" / "render"


@pytest.fixture
def render(tmp_path):
    def run(template, **environment):
        file = tmp_path / "some.properties"
        file.write_text(template)
        return subprocess.run(
            [RENDER, file],
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return run


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("a=${one}\n", "a=1\n"),
        ("no line break=${one}", "no line break=1\n"),
        ("${one}${TWO_2}${one}\n", "1two1\n"),
        ("5$ and ${one}$\n", "5$ and 1$\n"),
        ("$one $${one} ${ one} ${1one} ${one\n", "$one $1 ${ one} ${1one} ${one\n"),
        ("a=${one}#${TWO_2}\n", "a=1#two\n"),
        ("  indented=${one}  \n\n\tb=\\t\\\n", "  indented=1  \n\n\tb=\\t\\\n"),
        ("# ${missing}\na=${one}\n", "# ${missing}\na=1\n"),
        ("", ""),
    ],
)
def test_it_fills_in_what_stands_in_braces(render, template, filled):
    answer = render(template, one="1", TWO_2="two")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, filled, "")


@pytest.mark.parametrize(
    "value",
    [
        "$HOME",
        "${one}",
        "${value}",
        "a\\b\\",
        "'\"`",
        "* ? [a]",
        " spaces ",
        "&/|",
        "%s %n",
        "$(id)",
        "# no comment",
        "-n",
    ],
)
def test_a_value_is_put_in_as_it_is(render, value):
    answer = render("before ${value} after ${one}\n", value=value, one="1")
    assert (answer.returncode, answer.stdout) == (0, f"before {value} after 1\n")


def test_it_names_each_missing_variable_once_on_one_line_and_prints_nothing_else(render):
    answer = render("a=${first}\nb=${one} ${second}\nc=${first} ${empty}\n", one="1", empty="")
    assert (answer.returncode, answer.stdout) == (78, "")
    assert answer.stderr == "error: some.properties lacks a value for first second empty: set it in the environment\n"


@pytest.mark.parametrize("arguments", [[], ["/no/such/file"], ["/"]])
def test_a_template_that_is_no_file_is_refused(arguments):
    answer = subprocess.run([RENDER, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert (answer.returncode, answer.stdout) == (78, "")
    assert answer.stderr == f"error: render: no file '{''.join(arguments)}' that can be read\n"
