"""The docker command: its answers as data, its errors in one line, and a login that is not stored."""

import json
import os
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.setup import ROOT
from pipeline.errors import UserError

CREDENTIALS = ("auths", "credsStore", "credHelpers")  # in config.json


@dataclass(frozen=True)
class Image:
    """An image in the engine; `size` in bytes, uncompressed."""

    name: str
    id: str
    size: int


@dataclass(frozen=True)
class Docker:
    """The docker command with these environment variables added."""

    variables: dict[str, str] = field(default_factory=dict)

    def require_engine(self) -> None:
        """Raises UserError when no engine answers."""
        self._do("no Docker engine answers", "version", "--format", "{{.Server.Version}}")

    def require_compose(self) -> None:
        """Raises UserError when there is no Compose."""
        self._do("Docker Compose 2.20 or later is not installed", "compose", "version")

    def image(self, name: str) -> Image | None:
        """The image of this name in the engine, if it has one."""
        found = self._run("image", "inspect", "--format", "{{.Id}} {{.Size}}", name)
        if found.returncode != 0:
            return None
        identity, size = found.stdout.split()
        return Image(name, identity, int(size))

    def push(self, image: Image, target: str) -> None:
        """Push the image as `target`, with docker's progress on the terminal. Raises UserError when that fails."""
        self._do(f"{image.name} cannot be tagged", "tag", image.name, target)
        try:
            self._do(f"not pushed to {target}", "push", target, shown=True)
        finally:
            self._run("image", "rm", target)

    def digest(self, target: str) -> str | None:
        """The digest in the registry: the engine may know several digests of an image, or none."""
        asked = self._run("buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", target)
        if asked.returncode == 0:
            return asked.stdout.strip()
        if asked.stderr.strip().endswith(": not found"):
            return None
        raise UserError(f"{target} cannot be looked up: {in_one_line(asked.stderr)}")

    @contextmanager
    def logged_in(self, registry: str, user: str, password: str) -> Iterator["Docker"]:
        """This command with a login, in a configuration that is deleted afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            _configure(Path(folder), registry)
            docker = Docker(self.variables | {"DOCKER_CONFIG": folder})
            docker._do(
                f"cannot log in to {registry}",
                *("login", "--username", user, "--password-stdin", registry),
                stdin=password,
            )
            yield docker

    def _do(self, problem: str, *arguments: str, stdin: str = "", shown: bool = False) -> str:
        answer = self._run(*arguments, stdin=stdin, shown=shown)
        if answer.returncode != 0:
            raise UserError(f"{problem}: {in_one_line(answer.stderr)}")
        return answer.stdout or ""

    def _run(self, *arguments: str, stdin: str = "", shown: bool = False) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["docker", *arguments],
                env=os.environ | self.variables,
                input=stdin,
                stdout=None if shown else subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise UserError("docker is not installed or not on the PATH: see docs.docker.com/get-docker") from None


def release() -> str:
    """The version of the project, which tags its images."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return version


def name_of(image: str, version: str | None = None) -> str:
    """An image's name in the engine, with the project's version unless another is given."""
    return f"pin-pipeline/{image}:{version or release()}"


def in_one_line(text: str) -> str:
    """The error that a program printed: its last lines, without warnings."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    return " ".join(lines[-3:]).removeprefix("ERROR: ") or "no reason given"


def _configure(folder: Path, registry: str) -> None:
    """The user's own configuration, with contexts, plugins and builders, and without credentials."""
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    for entry in own.iterdir() if own.is_dir() else ():
        if entry.name != "config.json":
            (folder / entry.name).symlink_to(entry.resolve())
    config = own / "config.json"
    try:
        settings = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    except ValueError as error:
        raise UserError(f"{config} is not JSON: {error}") from None
    kept = {name: value for name, value in settings.items() if name not in CREDENTIALS}
    # Even an empty entry keeps Docker from storing the password in a keychain.
    (folder / "config.json").write_text(json.dumps(kept | {"auths": {registry: {}}}))
