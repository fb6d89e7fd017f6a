"""Install and build, once, what the pipeline runs on: `python3 local/setup.py [--dev | --airflow | --only STEP ...]`.

Runs on the standard library alone, since it is what makes the virtual environments. Everything goes to .build/,
shared by all STATE folders. Each step leaves a stamp of what it was made from and is skipped while that is unchanged.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file

from pipeline.environment import of_server, of_setup  # noqa: E402

BUILD = ROOT / ".build"
JAVA = BUILD / "java"
LOGS = BUILD / "logs"
PYTHON = BUILD / "venv" / "bin" / "python"
SPARK = PYTHON.with_name("spark-submit")
LOCALSTACK_PYTHON = BUILD / "localstack" / "bin" / "python"
CONTROL_PLANE_PYTHON = BUILD / "control-plane" / "bin" / "python"
WHEEL = BUILD / "wheel"
CONNECT_PLUGINS = JAVA / "plugins"
# What Terraform uploads.
PLUGIN_ZIP = BUILD / "s3-sink.zip"
KAFKA_CLIENT_ZIP = BUILD / "kafka-client.zip"
# That every lock has wheels for. A person's own python3 may be a later one: it only runs set-up.
PYTHONS = ("3.11", "3.12", "3.13")
KAFKA_CLIENT = "terraform/modules/kafka_client/tools"


class SetupError(Exception):
    """One line that says what is missing or failed, and what to do."""


@dataclass(frozen=True)
class Step:
    """One thing to install: `inputs` are the files it is made from, `run` makes it anew, `makes` is there then."""

    name: str
    inputs: tuple[Path, ...]
    run: Callable[[], None]
    makes: Path = BUILD

    @property
    def stamp(self) -> Path:
        return BUILD / "stamps" / self.name.replace(" ", "-")

    def fingerprint(self) -> str:
        """SHA-256 over the input files, and over where the checkout and its Python are."""
        digest = hashlib.sha256(f"{ROOT}{sys.version}".encode())
        for path in sorted(files_below(self.inputs)):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def ensure(self) -> None:
        """Run the step unless its stamp says that it was run with the same inputs."""
        fingerprint = self.fingerprint()
        if self.makes.exists() and self.stamp.exists() and self.stamp.read_text() == fingerprint:
            return
        started = time.monotonic()
        print(f"setup: {self.name} ...", flush=True)
        self.run()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(fingerprint)
        print(f"setup: {self.name}: done in {time.monotonic() - started:.0f} s", flush=True)


def files_below(paths: Iterable[Path]) -> Iterable[Path]:
    """The files themselves, and all files below the folders."""
    for path in paths:
        yield from (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def check_prerequisites() -> None:
    """Raise SetupError that names every missing program and how people install it."""
    missing = []
    if sys.version_info < (3, 11):
        missing.append(f"Python 3.11 or later (python3 is {sys.version.split()[0]}; Debian: apt install python3)")
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("Python's venv module (Debian: apt install python3-venv)")
    java = java_version()
    if java not in (17, 21):
        found = f"none runs as {java_program()}" if java is None else f"found {java}"
        missing.append(f"a JDK 17 or 21 ({found}; Debian: apt install openjdk-17-jdk-headless, then JAVA_HOME)")
    if shutil.which("mvn") is None:
        missing.append("Maven (Debian: apt install maven; macOS: brew install maven)")
    if shutil.which("terraform") is None:
        missing.append("Terraform 1.11 or later (see developer.hashicorp.com/terraform/install)")
    if missing:
        raise SetupError("missing on this machine: " + "; ".join(missing))


def java_program() -> str:
    """The `java` to run: JAVA_HOME's when that is set, else the one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def java_version() -> int | None:
    """Major version of `java`, None when there is none that runs."""
    try:
        answer = subprocess.run(
            [java_program(), "-version"], env=of_server({}), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r'version "(\d+)', answer.stderr)
    return int(version[1]) if version else None


def run(log: str, command: list[str | Path]) -> None:
    """Run a command with its output in .build/logs/<log>.log. Raises SetupError with its last line."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("wb") as out:
        code = subprocess.run(command, stdout=out, stderr=out, cwd=ROOT, env=of_setup(), check=False).returncode
    if code != 0:
        lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
        reason = next((line for line in lines if "ERROR" in line or "error:" in line), lines[-1] if lines else "")
        raise SetupError(f"{log} failed: {reason.strip()[:300]} (all of it: {path.relative_to(ROOT)})")


def uv(log: str, *arguments: str | Path) -> None:
    """Run the pinned uv, which is itself installed on first use."""
    program = BUILD / "bootstrap" / "bin" / "uv"
    if not program.exists():
        run("bootstrap", [sys.executable, "-m", "venv", BUILD / "bootstrap"])
        pip: list[str | Path] = [BUILD / "bootstrap" / "bin" / "python", "-m", "pip", "install", "--quiet"]
        run("bootstrap", [*pip, "--require-hashes", "-r", ROOT / "requirements" / "bootstrap.txt"])
    run(log, [program, *arguments])


def own_python_fits() -> bool:
    """Whether the locks have wheels for the Python that runs this."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}" in PYTHONS


def interpreter() -> str:
    """The Python for the virtual environments, as uv takes it: this one, else one that uv finds or fetches."""
    major, minor = PYTHONS[-1].split(".")
    return sys.executable if own_python_fits() else f">={PYTHONS[0]},<{major}.{int(minor) + 1}"


def python_environment(folder: str, requirements: str) -> None:
    """A virtual environment with exactly the locked requirements in it."""
    target = BUILD / folder
    if not (target / "bin" / "python").exists():
        try:
            uv(f"python-{folder}", "venv", "--quiet", "--clear", "--python", interpreter(), target)
        except SetupError as error:
            if own_python_fits():
                raise
            raise SetupError(
                f"python3 is {sys.version.split()[0]}, and there is no Python {PYTHONS[0]} to {PYTHONS[-1]} beside it, "
                f"nor could uv fetch one: install one, e.g. python{PYTHONS[-1]} ({error})"
            ) from None
    lock = ROOT / "requirements" / requirements
    uv(
        f"python-{folder}",
        "pip",
        "sync",
        "--quiet",
        "--python",
        target / "bin" / "python",
        "--require-hashes",
        lock,
    )


def spark_packages() -> None:
    """Spark for Python, beside what is in the virtual environment already."""
    lock = ROOT / "requirements" / "spark.txt"
    uv("python-spark", "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock)


def wheel() -> None:
    """Build our packages as a wheel: what EMR Serverless and Databricks install, and the image of the jobs."""
    shutil.rmtree(WHEEL, ignore_errors=True)
    python = BUILD / "bootstrap" / "bin" / "python"
    uv("wheel", "build", "--quiet", "--wheel", "--no-build-isolation", "--python", python, "--out-dir", WHEEL, ROOT)
    for left in ("build", "pin_pipeline.egg-info"):  # by setuptools
        shutil.rmtree(ROOT / left, ignore_errors=True)


def jars(name: str, project: str) -> None:
    """Copy the jars of a pom's runtime dependencies to .build/java/<name> and check each against its SHA-256."""
    copy_jars(project, JAVA / name)
    check_jars(JAVA / name, ROOT / project / "jars.sha256")


def copy_jars(project: str, target: Path) -> None:
    """Let Maven resolve what the project's pom needs at run time, and copy it to `target`."""
    shutil.rmtree(target, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    run(f"jars-{project.replace('/', '-')}", ["mvn", "-B", "-q", "-f", ROOT / project / "pom.xml", *goal])


def check_jars(folder: Path, lock: Path) -> None:
    """Raise SetupError unless the folder holds the jars that the lock names, each with its checksum, and our own."""
    locked = {name: digest for digest, name in (line.split() for line in lock.read_text().splitlines())}
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.jar") if not is_ours(p)}
    wrong = sorted(name for name in locked.keys() | found.keys() if locked.get(name) != found.get(name))
    if wrong:
        raise SetupError(
            f"jars that are not as {lock.relative_to(ROOT)} says: {', '.join(wrong)} (`make lock` writes it anew)"
        )


def is_ours(jar: Path) -> bool:
    """Whether the jar is built here rather than resolved."""
    return jar.name.startswith("s3-sink-")


def build_plugin(target: Path) -> Path:
    """Build the S3 sink and unpack it below `target`; the folder that its jars are in."""
    run("connect-plugin", ["mvn", "-B", "-q", "-f", ROOT / "connect" / "pom.xml", "package", "-DskipTests"])
    [archive] = (ROOT / "connect" / "target").glob("s3-sink-*.zip")
    shutil.rmtree(target, ignore_errors=True)
    shutil.unpack_archive(archive, target)
    return target / archive.stem


def connect_plugin() -> None:
    """Build the S3 sink, lay its jars out as a Connect plugin and check those that are not ours."""
    plugin = build_plugin(CONNECT_PLUGINS)
    check_jars(plugin, ROOT / "connect" / "jars.sha256")
    archive(plugin, PLUGIN_ZIP)


def kafka_client() -> None:
    """Resolve the tools of the Kafka client, check them, and put them into one archive."""
    jars("kafka-client", KAFKA_CLIENT)
    archive(JAVA / "kafka-client", KAFKA_CLIENT_ZIP)


def archive(folder: Path, target: Path) -> None:
    """Zip the folder's files, byte for byte the same for the same files: Terraform goes by the checksum."""
    unfinished = target.with_suffix(".tmp")
    with zipfile.ZipFile(unfinished, "w") as out:  # stored: jars are compressed already
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.external_attr = 0o644 << 16
            out.writestr(entry, path.read_bytes())
    unfinished.replace(target)


def steps(dev: bool = False, airflow: bool = False, spark: bool = False) -> list[list[Step]]:
    """The steps as chains: chains run side by side, the steps of one chain in order."""
    requirements = ROOT / "requirements"
    python = [
        Step(
            "python packages",
            (requirements / "bootstrap.txt", requirements / "runtime.txt"),
            lambda: python_environment("venv", "runtime.txt"),
        ),
        Step(
            "localstack",
            (requirements / "bootstrap.txt", requirements / "localstack.txt"),
            lambda: python_environment("localstack", "localstack.txt"),
        ),
        Step(
            "control plane",
            (requirements / "bootstrap.txt", requirements / "control-plane.txt"),
            lambda: python_environment("control-plane", "control-plane.txt"),
        ),
    ]
    if dev or spark:
        locks = (requirements / "runtime.txt", requirements / "spark.txt")
        python.insert(1, Step("spark packages", locks, spark_packages, SPARK))
    if dev:
        lock = (requirements / "bootstrap.txt", requirements / "dev.txt")
        python.append(Step("python development packages", lock, lambda: python_environment("venv", "dev.txt")))
        lock = (requirements / "bootstrap.txt", requirements / "checkov.txt")
        python.append(Step("checkov", lock, lambda: python_environment("checkov", "checkov.txt")))
    if dev or airflow:
        lock = (requirements / "bootstrap.txt", requirements / "airflow.txt")
        python.append(Step("airflow", lock, lambda: python_environment("airflow", "airflow.txt")))
    connect = ROOT / "connect"
    java = [
        Step(
            "kafka jars",
            tuple((ROOT / "local" / "kafka").glob("*.[xs]*")),
            lambda: jars("kafka", "local/kafka"),
        ),
        Step(
            "kafka client tools",
            (ROOT / KAFKA_CLIENT / "pom.xml", ROOT / KAFKA_CLIENT / "jars.sha256"),
            kafka_client,
            KAFKA_CLIENT_ZIP,
        ),
        Step(
            "s3 sink plugin",
            (connect / "pom.xml", connect / "jars.sha256", connect / "src" / "main"),
            connect_plugin,
            PLUGIN_ZIP,
        ),
    ]
    if dev or spark:
        pom = (ROOT / "jobs" / "pom.xml", ROOT / "jobs" / "jars.sha256")
        java.append(Step("spark jars", pom, lambda: jars("spark", "jobs")))
    return [python, java]


def image_steps() -> list[Step]:
    """What images alone need: our wheel; each one's packages, which stand where this machine has those of all."""
    requirements = ROOT / "requirements"
    sources = [ROOT / name for name in ("pyproject.toml", "requirements/libraries.in", "pipeline", "jobs")]
    locks = {
        "emulator": "emulator.txt",
        "rest-proxy": "rest-proxy.txt",
        "jobs": "embedded.txt",
        "jobs-spark": "spark.txt",
        "estate": "estate.txt",
    }
    packages = [
        Step(
            f"{image} packages",
            (requirements / "bootstrap.txt", requirements / lock),
            partial(python_environment, "venv", lock),
        )
        for image, lock in locks.items()
    ]
    return [*packages, Step("wheel", (requirements / "bootstrap.txt", *sources), wheel, WHEEL)]


def setup_image(names: list[str]) -> None:
    """Run just the named steps, in an image that has what they need. Raises SetupError when one is not known."""
    known = {step.name: step for step in [*image_steps(), *chain.from_iterable(steps(spark=True))]}
    if unknown := sorted(set(names) - known.keys()):
        raise SetupError(f"no step {', '.join(unknown)}: there are {', '.join(known)}")
    for name in names:
        known[name].ensure()


def setup(dev: bool = False, airflow: bool = False, spark: bool = False) -> None:
    """Check the machine, then bring everything up to date; a second setup at the same time waits for the first."""
    check_prerequisites()
    BUILD.mkdir(exist_ok=True)

    def in_order(links: list[Step]) -> None:
        for step in links:
            step.ensure()

    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(in_order, links) for links in steps(dev, airflow, spark)]:
                done.result()


def main() -> int:
    parser = argparse.ArgumentParser(description="Install and build what the pipeline runs on.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dev", action="store_true", help="also what tests, linting and benchmarks need")
    what.add_argument("--airflow", action="store_true", help="also what `make dag-test` needs")
    what.add_argument("--spark", action="store_true", help="also what `make stream` and ENGINE=spark need")
    what.add_argument("--only", nargs="+", metavar="STEP", help="just these steps, for an image")
    options = parser.parse_args()
    try:
        if options.only:
            setup_image(options.only)
        else:
            setup(options.dev, options.airflow, options.spark)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
