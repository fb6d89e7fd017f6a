"""Set-up: what is missing is named, nothing is done twice, a jar that is not the locked one is refused."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from local import lock, setup

ROOT = Path(__file__).parents[3]


def program(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_every_missing_program_is_named_in_one_line_with_its_remedy(tmp_path):
    answer = subprocess.run(
        [sys.executable, ROOT / "local" / "setup.py"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith("error: missing on this machine: a JDK 17 or 21 (none runs as java; ")
    for remedy in ("apt install openjdk-17-jdk-headless", "apt install maven", "Terraform 1.11 or later"):
        assert remedy in answer.stderr


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0"', 1),
    ],
)
def test_java_version_is_the_major_one(monkeypatch, tmp_path, said, version):
    program(tmp_path, "java", f"echo '{said}' >&2")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert setup.java_version() == version


def test_java_home_comes_before_the_path(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", "/jdk")
    assert setup.java_program() == "/jdk/bin/java"


def test_a_step_runs_once_until_an_input_changes(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(setup, "BUILD", tmp_path / "build")
    source = tmp_path / "input.txt"
    source.write_text("one")
    runs = []
    step = setup.Step("some step", (source,), lambda: runs.append(source.read_text()))
    step.ensure()
    step.ensure()
    assert runs == ["one"]
    source.write_text("two")
    step.ensure()
    assert runs == ["one", "two"]
    assert capsys.readouterr().out.count("setup: some step ...") == 2


def test_a_step_that_failed_runs_again(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "BUILD", tmp_path / "build")
    attempts = []

    def fail_once():
        attempts.append(1)
        if len(attempts) == 1:
            raise setup.SetupError("the network is down")

    step = setup.Step("some step", (), fail_once)
    with pytest.raises(setup.SetupError):
        step.ensure()
    step.ensure()
    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("jars", "wrong"),
    [
        ({"a.jar": b"a", "b.jar": b"b"}, None),
        ({"a.jar": b"a", "b.jar": b"changed"}, "b.jar"),
        ({"a.jar": b"a"}, "b.jar"),
        ({"a.jar": b"a", "b.jar": b"b", "c.jar": b"c"}, "c.jar"),
    ],
)
def test_jars_must_be_exactly_the_locked_ones(monkeypatch, tmp_path, jars, wrong):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    lock = tmp_path / "jars.sha256"
    lock.write_text("".join(f"{hashlib.sha256(n[0].encode()).hexdigest()}  {n}\n" for n in ("a.jar", "b.jar")))
    for name, content in jars.items():
        (tmp_path / name).write_bytes(content)
    if wrong is None:
        setup.check_jars(tmp_path, lock)
    else:
        with pytest.raises(setup.SetupError, match=rf"not as jars.sha256 says: {wrong} "):
            setup.check_jars(tmp_path, lock)


def test_airflow_and_spark_are_there_for_development_or_when_they_are_asked_for(monkeypatch):
    def names(*options):
        asked = []
        monkeypatch.setattr(sys, "argv", ["setup.py", *options])
        monkeypatch.setattr(setup, "setup", lambda *given: asked.append(given))
        assert setup.main() == 0
        return {step.name for links in setup.steps(*asked[0]) for step in links}

    spark = {"spark packages", "spark jars"}
    assert names().isdisjoint({"airflow", *spark})
    assert names("--airflow") == names() | {"airflow"}
    assert names("--spark") == names() | spark
    assert names("--dev") > {"airflow", *spark}


def test_what_an_image_installs_is_locked_and_a_share_of_what_a_machine_has():
    packages = {step.name: step.inputs[1] for step in setup.image_steps() if step.name.endswith(" packages")}
    assert packages["jobs packages"].name == "embedded.txt"
    assert packages["jobs-spark packages"].name == "spark.txt"
    for path in packages.values():
        assert path.exists()
        assert lock.REQUIREMENTS[path.stem] == lock.SHARE_OF_RUNTIME


def test_spark_is_put_beside_the_packages_that_are_there_already():
    packages, spark, *_ = setup.steps(spark=True)[0]
    assert (packages.name, spark.name) == ("python packages", "spark packages")
    assert setup.ROOT / "requirements" / "runtime.txt" in spark.inputs


@pytest.mark.parametrize(
    ("version", "chosen"),
    [((3, 11), None), ((3, 13), None), ((3, 14), ">=3.11,<3.14"), ((3, 15), ">=3.11,<3.14")],
)
def test_a_python_that_the_locks_have_no_wheels_for_gives_way_to_one_that_they_have(monkeypatch, version, chosen):
    monkeypatch.setattr(setup.sys, "version_info", (*version, 0))
    assert setup.interpreter() == (chosen or sys.executable)


def test_a_machine_without_such_a_python_is_told_which_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(setup.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(setup, "BUILD", tmp_path)

    def uv(*_):
        raise setup.SetupError("python-venv failed: no download")

    monkeypatch.setattr(setup, "uv", uv)
    with pytest.raises(
        setup.SetupError, match=r"no Python 3.11 to 3.13 beside it, nor could uv fetch one: install one"
    ):
        setup.python_environment("venv", "runtime.txt")


def test_a_virtual_environment_whose_python_is_gone_is_made_again(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "BUILD", tmp_path)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(tmp_path / "python3.11.7")
    calls = []
    monkeypatch.setattr(setup, "uv", lambda log, *arguments: calls.append(arguments))
    setup.python_environment("venv", "runtime.txt")
    assert [call[:2] for call in calls] == [("venv", "--quiet"), ("pip", "sync")]
    assert "--clear" in calls[0]
