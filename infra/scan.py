"""Scans the images that are built, with Trivy: secrets, root, set-id programs, and vulnerabilities where it can.

Secrets and configuration need no network. Vulnerabilities need a database that Trivy downloads, or has from before.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.docker import Docker, in_one_line, name_of, release
from local.setup import ROOT
from pipeline.errors import UserError
from pipeline.settings import Settings

WAIVERS = ROOT / ".trivyignore.yaml"
SHOWN = 4  # findings in an image's line; all are in its report
MISSING = "trivy is not installed, nor on the PATH: `brew install trivy`, or a package from Aqua Security (trivy.dev)"
# The set-id programs of Debian's own base. That ours has no use for them, and others in an image are a surprise.
DEBIANS = {
    *("usr/bin/chage", "usr/bin/chfn", "usr/bin/chsh", "usr/bin/expiry", "usr/bin/gpasswd", "usr/bin/mount"),
    *("usr/bin/newgrp", "usr/bin/passwd", "usr/bin/su", "usr/bin/umount", "usr/bin/wall", "usr/sbin/unix_chkpwd"),
}


@dataclass(frozen=True)
class Trivy:
    """Trivy with the options for what is at hand; `folder` has its reports."""

    folder: Path
    options: tuple[str, ...]

    @classmethod
    def ready(cls, folder: Path) -> "Trivy":
        """Bring the database up to date if that can be, and say what is not looked for if there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        if _run("image", "--download-db-only", "--quiet").returncode == 0:
            return cls(folder, ("--scanners=vuln,secret",))
        version = json.loads(_run("version", "--format=json").stdout)
        if "VulnerabilityDB" in version and "JavaDB" in version:
            print(f"vulnerabilities as known on {version['VulnerabilityDB']['UpdatedAt'][:10]}: no newer can be had")
            return cls(folder, ("--scanners=vuln,secret", "--skip-db-update", "--skip-java-db-update"))
        print("no database of vulnerabilities can be had: scanning for secrets and configuration alone", flush=True)
        return cls(folder, ("--scanners=secret",))

    def report(self, image: str) -> Path:
        return self.folder / f"{image.split('/')[-1].replace(':', '-')}.json"

    def findings(self, image: str) -> list[str]:
        """What is found in an image, each in a few words. Raises UserError when it cannot be scanned."""
        answer = _run(
            *("image", *self.options, "--image-src=docker", "--image-config-scanners=misconfig,secret"),
            *("--severity=CRITICAL,HIGH", "--ignore-unfixed", "--skip-check-update", "--offline-scan"),
            *(
                f"--ignorefile={WAIVERS}",
                "--timeout=30m",
                "--quiet",
                "--format=json",
                f"--output={self.report(image)}",
                image,
            ),
        )
        if answer.returncode != 0:
            raise UserError(f"{image} cannot be scanned: {in_one_line(answer.stderr)}")
        report = json.loads(self.report(image).read_text(encoding="utf-8"))
        return [words for result in report.get("Results", []) for words in _in_words(result)]


def scan(settings: Settings, version: str | None = None) -> None:
    """Scan each image of this version in the local engine. Raises UserError when anything is found."""
    docker = Docker()
    docker.require_engine()
    version = version or release()
    images = docker.names(name_of("*", version))
    if not images:
        raise UserError(f"no image of version {version} is in the Docker engine: build them with `make images`")
    trivy = Trivy.ready(settings.state / "logs" / "scan")
    bad = []
    for image in images:
        surprises = sorted(docker.set_id_files(image) - DEBIANS)
        found = trivy.findings(image) + [f"set-id program /{path}" for path in surprises]
        more = f"; and {len(found) - SHOWN} more, see {trivy.report(image)}" if len(found) > SHOWN else ""
        print(f"{image}: {'; '.join(found[:SHOWN]) + more or 'nothing found'}", flush=True)
        bad += [image] if found else []
    if bad:
        raise UserError(f"found something in {', '.join(bad)}: mend it, or waive it in {WAIVERS.name} with the reason")


def _in_words(result: dict[str, Any]) -> Iterator[str]:
    for secret in result.get("Secrets", []):
        yield f"{secret['Severity']} secret {secret['RuleID']} in {result['Target']}:{secret['StartLine']}"
    for wrong in result.get("Misconfigurations", []):
        yield f"{wrong['Severity']} {wrong['ID']} {wrong['Title']}"
    for flaw in result.get("Vulnerabilities", []):
        package = f"{flaw['PkgName']} {flaw['InstalledVersion']}"
        yield f"{flaw['Severity']} {flaw['VulnerabilityID']} {package}, fixed in {flaw['FixedVersion']}"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["trivy", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UserError(MISSING) from None
