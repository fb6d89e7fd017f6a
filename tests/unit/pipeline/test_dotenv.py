"""One reading of `.env`: make, the scripts without packages and the settings object get the same of each line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import dotenv
from pipeline.errors import UserError
from pipeline.settings import load

ROOT = Path(__file__).parents[3]
# Line → what SOURCE is then.
LINES = {
    "SOURCE=sqlite:///a.db": "sqlite:///a.db",
    'SOURCE="sqlite:///a.db"': "sqlite:///a.db",
    "SOURCE='sqlite:///a.db'": "sqlite:///a.db",
    "export SOURCE=sqlite:///a.db": "sqlite:///a.db",
    "  export  SOURCE = sqlite:///a.db  ": "sqlite:///a.db",
    "SOURCE=sqlite:///a.db  # theirs": "sqlite:///a.db",
    "SOURCE=sqlite:///a.db#1": "sqlite:///a.db#1",
    'SOURCE="sqlite:///a # b.db"  # theirs': "sqlite:///a # b.db",
    "SOURCE=sqlite:///a b.db": "sqlite:///a b.db",
    "SOURCE=mysql://me:pa$word@db/p": "mysql://me:pa$word@db/p",
    "SOURCE=mysql://me:${HOME}@db/p": "mysql://me:${HOME}@db/p",
    'SOURCE="mysql://me:pa$$word@db/p"': "mysql://me:pa$$word@db/p",
    "SOURCE=mysql://db/p?a=b=c": "mysql://db/p?a=b=c",
    r'SOURCE="quo\"te \\ back"': r'quo"te \ back',
    r"SOURCE='a\b'": r"a\b",
    "SOURCE=sqlite:///ö.db": "sqlite:///ö.db",
    "\ufeffSOURCE=sqlite:///a.db": "sqlite:///a.db",
    "SOURCE=sqlite:///a.db\r": "sqlite:///a.db",
    "SOURCE=one\nSOURCE=two": "two",
    "source=sqlite:///a.db": "sqlite:///a.db",
    "SOURCE=": None,
    'SOURCE=""': None,
    "SOURCE=  # nothing": None,
    "# SOURCE=sqlite:///a.db": None,
    "SOURCES=sqlite:///a.db": None,
}


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    for name in ("SOURCE", "SPARK", "RUNTIME", "ENGINE", "ENV", "STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("line", "value"), LINES.items())
def test_every_reader_gets_the_same_of_a_line(folder, line, value):
    (folder / ".env").write_bytes(f"{line}\n".encode())
    assert load().source == value
    assert dotenv.setting("SOURCE") == (value or "")
    printed = subprocess.run(
        [sys.executable, "-S", ROOT / "pipeline" / "dotenv.py", "SOURCE"], capture_output=True, text=True, check=True
    )
    assert printed.stdout == f"{value or '-'}\n"


@pytest.mark.parametrize(
    ("text", "on"),
    [
        *[(text, True) for text in ("yes", "y", "true", "t", "on", "1", "YES", "True")],
        *[(text, False) for text in ("no", "n", "false", "f", "off", "0", "NO", "False")],
    ],
)
def test_every_reader_takes_a_switch_for_the_same(monkeypatch, text, on):
    monkeypatch.setenv("SPARK", text)
    assert load().spark is on
    assert dotenv.switch("SPARK", default=not on) is on
    assert dotenv.yes_or_no(text) is on


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_that_is_not_set_is_as_by_default(folder, default):
    assert dotenv.switch("SPARK", default) is default
    (folder / ".env").write_text("SPARK=\n")
    assert dotenv.switch("SPARK", default) is default


def test_a_switch_that_is_neither_yes_nor_no_is_an_error(folder):
    (folder / ".env").write_text("SPARK=perhaps\n")
    with pytest.raises(UserError) as error:
        dotenv.switch("SPARK", default=True)
    assert str(error.value) == "SPARK='perhaps' is neither yes nor no (see .env.sample)"


@pytest.mark.parametrize("line", ["SOURCE", 'SOURCE="open', "SOURCE='open", "a b=c", "1=2", 'SOURCE="a" b'])
def test_a_line_that_is_none_is_named_without_its_text(folder, line):
    (folder / ".env").write_text(f"ROWS=1\n{line}\n")
    with pytest.raises(UserError) as error:
        load()
    assert str(error.value) == ".env:2 is not NAME=value, with its quotes closed (see .env.sample)"


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("RUNTIME=docker", "local/containers.py local status"),
        ('RUNTIME="docker"', "local/containers.py local status"),
        ("RUNTIME=docker  # containers", "local/containers.py local status"),
        ("export RUNTIME=docker", "local/containers.py local status"),
        ("RUNTIME=host", "-m local status"),
        ("ROWS=1", "-m local status"),
    ],
)
def test_make_decides_by_the_same(folder, line, runs):
    for name in ("Makefile", "pipeline"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    (folder / ".env").write_text(f"{line}\n")
    shown = subprocess.run(["make", "-n", "status"], env=_without_make(), capture_output=True, text=True, check=True)
    assert runs in shown.stdout
    given = subprocess.run(
        ["make", "-n", "status", "RUNTIME=host"], env=_without_make(), capture_output=True, text=True, check=True
    )
    assert "-m local status" in given.stdout


@pytest.mark.parametrize(
    "value",
    [
        "mysql+pymysql://reader:pa$word@db.example.org/pinterest",
        "a$$b",
        "$(shell touch owned)x",
        "${HOME}",
        "$@",
        "b lank # hash",
        "q'uo\"te",
        "back\\slash%",
    ],
)
@pytest.mark.parametrize("typed", [True, False])
def test_a_value_given_to_make_arrives_as_it_was_typed(folder, value, typed):
    (folder / "probe.mk").write_text(f"include {ROOT / 'Makefile'}\nprobe:\n\t@printenv SOURCE\n")
    given = [f"SOURCE={value}"] if typed else []
    environment = _without_make() | ({} if typed else {"SOURCE": value})
    shown = subprocess.run(
        ["make", "-s", "-f", "probe.mk", "probe", *given], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout == f"{value}\n"
    assert not (folder / "owned").exists()


def test_a_tilde_is_the_persons_home(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    (folder / ".env").write_text("STATE=~/pins\nDATA=~/rows\nOUT=~/pin.jsonl\n")
    settings = load()
    assert (settings.state, settings.data, settings.out) == (folder / "pins", folder / "rows", folder / "pin.jsonl")
    assert dotenv.folder("STATE", ".state") == folder / "pins"


def test_make_report_knows_the_state_of_dotenv(folder, monkeypatch):
    (folder / ".env").write_text("STATE='my state'\nENV=aws\n")
    done = subprocess.run([sys.executable, "-S", ROOT / "local" / "open_report.py"], capture_output=True, text=True)
    assert done.stderr == f"error: no report at {folder}/my state/aws/report/index.html: `make batch` writes one\n"


def _without_make() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
