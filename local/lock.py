"""`make lock`: Python requirements with hashes, jars with checksums, from the *.in files and the poms."""

import hashlib
import sys
from pathlib import Path

from local.setup import BUILD, KAFKA_CLIENT, ROOT, SetupError, build_plugin, copy_jars, is_ours, uv
from local.wheels import without_wheels

SHARE_OF_RUNTIME = ["-c", "requirements/runtime.txt"]  # an image's
# LocalStack breaks with later releases of its dependencies.
REQUIREMENTS = {
    "bootstrap": [],
    "runtime": [],
    "emulator": SHARE_OF_RUNTIME,
    "rest-proxy": SHARE_OF_RUNTIME,
    "spark": SHARE_OF_RUNTIME,
    "embedded": SHARE_OF_RUNTIME,
    "libraries": SHARE_OF_RUNTIME,
    "jobs-emr": [*SHARE_OF_RUNTIME, "--no-emit-package", "pyspark", "--no-emit-package", "py4j"],
    "estate": SHARE_OF_RUNTIME,
    "dev": [],
    # kclpy-ext, with jpype1-ext that wants a C++ compiler, is for consumers of Kinesis in Java: nothing of ours.
    "localstack": [
        "--exclude-newer",
        "2025-09-01",
        "--no-emit-package",
        "kclpy-ext",
        "--no-emit-package",
        "jpype1-ext",
    ],
    "control-plane": [],
    "checkov": [],
    "airflow": ["-c", "airflow/constraints-3.12.txt"],
}
POMS = ("local/kafka", "jobs", KAFKA_CLIENT)


def lock_requirements(name: str, options: list[str]) -> None:
    """Write requirements/<name>.txt: every package with its hashes, and no address of any index."""
    folder = ROOT / "requirements"
    common = ["--quiet", "--upgrade", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
    uv(f"lock-{name}", "pip", "compile", *common, "--no-emit-find-links", *options, source, "-o", target)
    print(f"{folder.name}/{name}.txt: {(folder / f'{name}.txt').read_text().count('==')} packages")


def lock_jars(project: str, folder: Path) -> None:
    """Write <project>/jars.sha256: name and SHA-256 of each jar of the folder that is not built here."""
    jars = sorted(jar for jar in folder.glob("*.jar") if not is_ours(jar))
    lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in jars]
    (ROOT / project / "jars.sha256").write_text("".join(lines))
    print(f"{project}/jars.sha256: {len(jars)} jars")


def main() -> int:
    try:
        for name, options in REQUIREMENTS.items():
            lock_requirements(name, options)
        resolved = BUILD / "resolved"
        for project in POMS:
            copy_jars(project, resolved)
            lock_jars(project, resolved)
        lock_jars("connect", build_plugin(resolved))
        if missing := without_wheels():
            raise SetupError("not every lock installs without a compiler: " + "; ".join(missing))
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
