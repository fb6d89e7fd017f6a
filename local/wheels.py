"""Whether every lock installs without a compiler, on each Python and platform that the project supports."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from local.setup import BUILD, PYTHONS, ROOT

# What set-up installs on a person's machine; the other locks are shares of these, for images.
LOCKS = ("bootstrap", "runtime", "spark", "dev", "localstack", "control-plane", "checkov", "airflow")
PLATFORMS = {
    "Linux x86-64": "x86_64-unknown-linux-gnu",
    "Linux arm64": "aarch64-unknown-linux-gnu",
    "macOS arm64": "aarch64-apple-darwin",
}
# Of these there are no wheels. They are Python alone: building one needs no compiler.
SDISTS = {
    "airspeed-ext": "LocalStack's templates",
    "crontab": "of LocalStack",
    "jsonpath-rw": "of LocalStack",
    "tailer": "of LocalStack",
    "pyspark": "Python, and jars",
    "thrift": "of Airflow's Databricks provider; its C extension is left out where it cannot be built",
}


def without_wheels() -> list[str]:
    """A line for each lock, Python and platform that wants a compiler: what has no wheel there."""
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda which: _missing(*which), product(LOCKS, PYTHONS, PLATFORMS))
        return [answer for answer in answers if answer]


def _missing(lock: str, python: str, platform: str) -> str:
    command: list[str | Path] = [BUILD / "bootstrap" / "bin" / "uv", "pip", "install", "--dry-run", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += [word for package in SDISTS for word in ("--no-binary", package)]
    command += ["--python-version", python, "--python-platform", PLATFORMS[platform], "--target", BUILD / "nowhere"]
    command += ["-r", ROOT / "requirements" / f"{lock}.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    reason = " ".join(done.stderr.split())
    return f"{lock}.txt, Python {python}, {platform}: {reason}" if done.returncode else ""
