"""What RUNTIME=docker asks of Docker, and what a person reads when it cannot have it; `docker` here only notes it.

Python runs without any package, as on a machine where nothing is set up.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Notes its arguments and fails for those that contain $FAILS; a volume that is packed is empty.
DOCKER = """#!/bin/sh
printf '%s\\n' "$*" >> "$NOTES"
case "$*" in
*${FAILS:-nothing}*) echo "cannot connect" >&2; exit 1;;
*"ps --services") echo $RUNNING;;
*"image inspect"*) [ -z "$UNBUILT" ] && echo sha256:0 1000000;;
*tar*) tar --create --files-from /dev/null;;
esac
"""


class Person:
    """Types commands on a machine with such a `docker`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        (folder / "bin").mkdir()

    def has_docker(self) -> None:
        program = self.folder / "bin" / "docker"
        program.write_text(DOCKER)
        program.chmod(0o755)

    def types(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "NOTES": str(self.notes),
            "STATE": str(self.folder / "state"),
        }
        return subprocess.run(
            [sys.executable, "-S", str(ROOT / "local" / "containers.py"), *command],
            env=environment | settings,
            cwd=self.folder,  # whose .env counts
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """What Compose was asked to do, without what stands in front of each."""
        lines = self.notes.read_text().splitlines()
        return [line.partition("--profile * ")[2] for line in lines if "--profile * " in line]


@pytest.fixture
def person(tmp_path) -> Person:
    person = Person(tmp_path)
    person.has_docker()
    return person


def test_rows_of_this_machine_reach_the_emulator_to_be_read(person, tmp_path):
    assert person.types("emulator", "--lane", "stream", DATA=str(tmp_path)).returncode == 0
    mounted = f"--volume {tmp_path}:/data:ro --env DATA=/data"
    assert person.asked() == [f"run --rm --no-deps --no-TTY {mounted} emulator --lane stream"]


def test_a_file_that_is_asked_for_is_written_in_the_volume_and_copied(person):
    assert person.types("jobs", "export", OUT="elsewhere/pin.jsonl").returncode == 0
    export, copy = person.asked()
    assert export == "run --rm --no-deps --no-TTY --env OUT=/state/out/pin.jsonl jobs export"
    assert copy.startswith("run --rm --no-deps --no-TTY --entrypoint sh jobs -c cd /state && tar")


@pytest.mark.parametrize(
    ("command", "engine", "service"),
    [
        ("batch", "", "jobs"),
        ("batch", "duckdb", "jobs"),
        ("batch", "spark", "jobs-spark"),
        ("load", "spark", "jobs-spark"),
        ("publish", "spark", "jobs-spark"),
        ("check", "spark", "jobs"),
        ("parity", "spark", "jobs"),
        ("export", "spark", "jobs"),
        ("stream", "", "jobs-stream"),
        ("stream", "spark", "jobs-spark"),
    ],
)
def test_a_job_runs_in_the_image_that_has_its_engine(person, command, engine, service):
    assert person.types("jobs", command, ENGINE=engine).returncode == 0
    assert person.asked()[0] == f"run --rm --no-deps --no-TTY {service} {command}"


def test_an_engine_of_the_settings_file_counts_as_well(person, tmp_path):
    (tmp_path / ".env").write_text("ENGINE=spark\n")
    assert person.types("jobs", "batch").returncode == 0
    assert "jobs-spark batch" in person.asked()[0]


def test_the_estate_has_terraform(person):
    assert person.types("infra", "plan").returncode == 0
    assert person.asked() == ["run --rm --no-deps --no-TTY estate infra plan"]


@pytest.mark.parametrize(
    ("profiles", "proxy"), [("", "rest-proxy"), ("batch", "rest-proxy"), ("confluent", "kafka-rest")]
)
def test_the_servers_come_with_the_proxy_that_the_profile_names(person, profiles, proxy):
    assert person.types("local", "up", COMPOSE_PROFILES=profiles).returncode == 0
    assert person.asked() == [
        "ps --services",
        f"up --detach --wait kinesis localstack control-plane kafka connect {proxy}",
    ]


def test_images_that_are_not_there_are_built_first_and_one_is_told_of_each(person):
    answer = person.types("local", "up", UNBUILT="yes")
    built = [line.removeprefix("build --quiet ") for line in person.asked() if line.startswith("build")]
    assert built == [
        *("localstack", "control-plane", "kafka", "connect"),
        *("rest-proxy", "estate", "emulator", "jobs", "kafka-client"),  # with Spark: by Compose, at the first job on it
    ]
    assert answer.stdout.count("pin-pipeline/") == 2 * len(built)


@pytest.mark.parametrize(
    ("listed", "anew"),
    [("kafka localstack", True), ("localstack control-plane", True), ("kinesis localstack control-plane", False)],
)
def test_of_those_that_hold_the_estate_none_goes_on_without_the_others(person, listed, anew):
    assert person.types("local", "up", RUNNING=listed).returncode == 0
    assert ("rm --stop --force control-plane kinesis localstack" in person.asked()) is anew


def test_two_states_are_two_projects(person, tmp_path):
    person.types("local", "down")
    person.types("local", "down", STATE=str(tmp_path / "other"))
    projects = [
        line.split("--project-name ")[1].split()[0] for line in person.notes.read_text().splitlines() if "down" in line
    ]
    assert len(set(projects)) == 2
    assert all(project.startswith("pin-pipeline-") for project in projects)


def test_a_command_that_fails_fails_here(person):
    answer = person.types("jobs", "batch", FAILS="jobs batch")
    assert answer.returncode == 1


def test_servers_that_do_not_start_are_an_error_in_one_line(person):
    answer = person.types("local", "up", FAILS="up --detach")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "error: `docker compose ... rest-proxy` ended with exit code 1; what it said stands above" in answer.stderr


def test_without_docker_one_reads_where_it_is_from(tmp_path):
    answer = Person(tmp_path).types("emulator", PATH=str(tmp_path / "bin"))
    assert answer.returncode == 1
    assert answer.stderr == "error: docker is not installed or not on the PATH: see docs.docker.com/get-docker\n"


@pytest.mark.parametrize(
    ("fails", "wrong"),
    [
        ("version --format", "no Docker engine answers"),
        ("compose version", "Docker Compose 2.20 or later is not installed"),
    ],
)
def test_an_engine_that_does_not_answer_is_an_error_in_one_line(person, fails, wrong):
    answer = person.types("emulator", FAILS=fails)
    assert answer.returncode == 1
    assert answer.stderr == f"error: {wrong}: cannot connect\n"


def test_an_estate_on_aws_is_not_run_in_containers(person):
    answer = person.types("emulator", ENV="aws")
    assert answer.returncode == 1
    assert answer.stderr == "error: RUNTIME=docker is the offline pipeline: with ENV=aws leave it out\n"


@pytest.mark.parametrize(("more", "number"), [({}, 11), ({"SPARK": "no"}, 8)])
def test_the_demo_takes_every_step_in_containers(person, more, number):
    answer = person.types("local", "demo", **more)
    assert answer.returncode == 0
    steps = [
        line for line in person.asked() if line.startswith(("run", "up", "--progress")) and "--entrypoint" not in line
    ]
    assert len(steps) == number  # ten or seven, of which `ready` takes two
    assert f"Report:    {os.path.realpath(person.folder)}/state/docker/report/index.html" in answer.stdout
    assert "make down RUNTIME=docker" in answer.stdout
