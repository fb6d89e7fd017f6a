"""The pipeline's commands in containers: `python3 local/containers.py emulator`, as `python -m emulator` elsewhere.

Runs on the standard library alone: whoever has Docker needs nothing else. What `make ... RUNTIME=docker` runs. The
servers, the estate and the jobs are services of docker/compose.yaml. All that they write is in volumes of the Compose
project; report, analyses and logs are copied to $STATE/docker.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from infra.docker import Docker, name_of
from local.demo import take_steps
from local.setup import ROOT
from pipeline import dotenv
from pipeline.dotenv import folder, setting, switch
from pipeline.errors import UserError, exit_code_of

DOCKER = Docker()
COMPOSE_FILE = ROOT / "docker" / "compose.yaml"
SERVERS = ["kinesis", "localstack", "control-plane", "kafka", "connect"]
ESTATE_KEEPERS = {"kinesis", "localstack", "control-plane"}  # what Terraform made is in their memory
# Which service has which of our modules.
SERVICE_OF = {"emulator": "emulator", "jobs": "jobs", "infra": "estate", "local": "estate"}
ON_AN_ENGINE = {"batch", "load", "publish", "stream"}  # of the jobs' commands
# Kinesis is in the control plane's.
IMAGES = [*SERVERS[1:], "rest-proxy", "estate", "emulator", "jobs", "jobs-spark", "kafka-client"]
COPIED = "logs report analyses out"  # from /state


def state() -> Path:
    """Folder of this machine that gets what the containers leave."""
    return folder("STATE", ".state").resolve() / "docker"


def project(folder: Path) -> str:
    """Name of the Compose project whose state is in the folder: another STATE is another pipeline."""
    return f"pin-pipeline-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def compose(*arguments: str) -> list[str]:
    """The command line of a Compose command on every service of the project."""
    # Compose would read .env in its own way: `environment` gives it what ours says.
    project_of = ["--file", str(COMPOSE_FILE), "--project-name", project(state()), "--profile", "*"]
    return ["docker", "compose", "--env-file", os.devnull, *project_of, *arguments]


def environment() -> dict[str, str]:
    """What Docker gets: the settings of `.env` as well, which Compose hands to the containers."""
    given = {name: value for name, value in os.environ.items() if value}
    # A bundle of CAs may lie outside the project; the images that Docker builds read nothing else there.
    return dotenv.read() | given | {"BUILDX_BAKE_ENTITLEMENTS_FS": "0"}


def run(command: list[str]) -> int:
    """Run a command to its end, which it comes to by itself when Ctrl-C or SIGTERM reaches it; its exit code."""
    with subprocess.Popen(command, env=environment()) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def check(command: list[str]) -> None:
    """Run a command. Raises UserError when it fails; what it said stands above."""
    code = run(command)
    if code != 0:
        raise UserError(
            f"`docker {command[1]} ... {command[-1]}` ended with exit code {code}; what it said stands above"
        )


def up(*options: str) -> None:
    """Start the servers, building images that are not there, and return when all are healthy."""
    # Compose builds the one with Spark when a job first runs on it: most batches never do.
    build([name for name in IMAGES if name != "jobs-spark" and DOCKER.image(name_of(name)) is None])
    listed = subprocess.run(
        compose("ps", "--services"), env=environment(), capture_output=True, text=True, check=False
    ).stdout.split()
    if 0 < len(ESTATE_KEEPERS & set(listed)) < len(ESTATE_KEEPERS):  # half an estate is worth nothing
        check(compose("rm", "--stop", "--force", *sorted(ESTATE_KEEPERS)))
    proxy = "kafka-rest" if "confluent" in setting("COMPOSE_PROFILES") else "rest-proxy"
    check(compose(*options, "up", "--detach", "--wait", *SERVERS, proxy))


def ready() -> None:
    """Bring up whatever is not: silent when nothing is left to do."""
    up("--progress", "quiet")
    check(compose("run", "--rm", "--no-deps", "estate", "local", "ready"))


def down() -> None:
    """Stop the servers. Their volumes stay: Kafka keeps its data."""
    check(compose("down", "--remove-orphans"))


def clean() -> None:
    """Stop the servers, and delete their volumes and what was copied from them."""
    check(compose("down", "--remove-orphans", "--volumes"))
    shutil.rmtree(state(), ignore_errors=True)


def images() -> None:
    """Build every image that stands on BASE_IMAGE, or those that IMAGES names."""
    build(setting("IMAGES").split() or IMAGES)


def build(names: list[str]) -> None:
    """Build images one after the other, telling size and time of each."""
    for name in names:
        print(f"pin-pipeline/{name} ...", flush=True)
        began = time.monotonic()
        check(compose("build", "--quiet", name))
        built = DOCKER.image(name_of(name))
        size = f"{built.size / 1e6:,.0f} MB" if built else "of another release"
        print(f"pin-pipeline/{name}: {size} in {time.monotonic() - began:.0f} s", flush=True)


def service_of(module: str, arguments: list[str]) -> str:
    """The service that runs a command: one of the jobs' images has Spark, and is taken for what runs on it."""
    command = arguments[0] if arguments else ""
    on_spark = setting("ENGINE") == "spark" or ("--engine", "spark") in pairwise(arguments)
    if module == "jobs" and command in ON_AN_ENGINE and on_spark:
        return "jobs-spark"
    return "jobs-stream" if module == "jobs" and command == "stream" else SERVICE_OF[module]


def in_container(command: list[str]) -> int:
    """Run one of our modules in its container, and copy what it left; its exit code."""
    module, *arguments = command
    options = ["run", "--rm", "--no-deps", *([] if sys.stdin.isatty() else ["--no-TTY"])]
    if data := setting("DATA"):
        options += ["--volume", f"{Path(data).expanduser().resolve()}:/data:ro", "--env", "DATA=/data"]
    if out := setting("OUT"):
        options += ["--env", f"OUT=/state/out/{Path(out).name}"]
    program = [module] if SERVICE_OF[module] == "estate" else []
    code = run(compose(*options, service_of(module, arguments), *program, *arguments))
    if module == "jobs":
        _copy_from_volume()
        made = state() / "out" / Path(out).name
        if out and made.exists():
            shutil.move(made, Path(out).expanduser())
            print(f"/state/out/{made.name} is {out} here", flush=True)
        elif (state() / "report" / "index.html").exists():
            print(f"/state/report is {state() / 'report'} here", flush=True)
    return code


def _copy_from_volume() -> None:
    """Copy from /state what people read."""
    state().mkdir(parents=True, exist_ok=True)
    pack = f"cd /state && tar --create $(ls -d {COPIED} 2> /dev/null) && rm -rf out"
    read = compose("run", "--rm", "--no-deps", "--no-TTY", "--entrypoint", "sh", "jobs", "-c", pack)
    with subprocess.Popen(read, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as packed:
        unpack = ["tar", "--extract", "--directory", str(state())]
        if subprocess.run(unpack, stdin=packed.stdout, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            raise UserError(f"what the job left in its volume could not be copied to {state()}")


COMMANDS: dict[str, Callable[[], None]] = {
    "up": up,
    "ready": ready,
    "down": down,
    "clean": clean,
    "images": images,
    "demo": lambda: take_steps(execute, str(state()), switch("SPARK", default=True), " RUNTIME=docker"),
}


def execute(command: list[str]) -> int:
    """Run a command of ours on the containers, or in one; its exit code."""
    module, *arguments = command
    if module == "local" and arguments and arguments[0] in COMMANDS:
        COMMANDS[arguments[0]]()
        return in_container(arguments[1:]) if arguments[1:] else 0
    return in_container(command)


def main() -> None:
    command = sys.argv[1:]
    if not command or command[0] not in SERVICE_OF:
        raise UserError(f"python3 local/containers.py {' | '.join(SERVICE_OF)} [arguments]")
    if setting("ENV") == "aws":
        raise UserError("RUNTIME=docker is the offline pipeline: with ENV=aws leave it out")
    DOCKER.require_engine()
    DOCKER.require_compose()
    if code := execute(command):
        sys.exit(code)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
