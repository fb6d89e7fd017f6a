"""The docker command: what it answers as data, what goes wrong in one line, a login that leaves nothing behind."""

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
    """An image in the engine; `size` in bytes, unpacked."""

    name: str
    id: str
    size: int


@dataclass(frozen=True)
class Docker:
    """The docker command with these variables beside the environment's."""

    variables: dict[str, str] = field(default_factory=dict)

    def require_engine(self) -> None:
        """Raises UserError when no engine answers."""
        self._do("no Docker engine answers", "version", "--format", "{{.Server.Version}}")

    def require_compose(self) -> None:
        """Raises UserError when there is no Compose."""
        self._do("Docker Compose 2.20 or later is not there", "compose", "version")

    def image(self, name: str) -> Image | None:
        """The image of this name in the engine."""
        found = self._run("image", "inspect", "--format", "{{.Id}} {{.Size}}", name)
        if found.returncode != 0:
            return None
        identity, size = found.stdout.split()
        return Image(name, identity, int(size))

    def push(self, image: Image, target: str) -> None:
        """Push the image under another name; docker's own progress goes to the terminal as it comes."""
        self._do(f"{image.name} cannot be tagged", "tag", image.name, target)
        try:
            self._do(f"not pushed to {target}", "push", target, shown=True)
        finally:
            self._run("image", "rm", target)

    def digest(self, target: str) -> str | None:
        """What the registry itself has under a name: the engine may know several digests of an image, or none."""
        asked = self._run("buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", target)
        if asked.returncode == 0:
            return asked.stdout.strip()
        if asked.stderr.strip().endswith(": not found"):
            return None
        raise UserError(f"{target} cannot be looked up: {in_one_line(asked.stderr)}")

    @contextmanager
    def logged_in(self, registry: str, user: str, password: str) -> Iterator["Docker"]:
        """The same with a login, kept in a configuration that is gone afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            _configure(Path(folder), registry)
            docker = Docker(self.variables | {"DOCKER_CONFIG": folder})
            docker._do(
                f"no login to {registry}",
                *("login", "--username", user, "--password-stdin", registry),
                given=password,
            )
            yield docker

    def _do(self, wrong: str, *arguments: str, given: str = "", shown: bool = False) -> str:
        answer = self._run(*arguments, given=given, shown=shown)
        if answer.returncode != 0:
            raise UserError(f"{wrong}: {in_one_line(answer.stderr)}")
        return answer.stdout or ""

    def _run(self, *arguments: str, given: str = "", shown: bool = False) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["docker", *arguments],
                env=os.environ | self.variables,
                input=given,
                stdout=None if shown else subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise UserError("docker is not installed, nor on the PATH: see docs.docker.com/get-docker") from None


def release() -> str:
    """The version of the project, which its images are tagged with."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return version


def name_of(image: str, version: str | None = None) -> str:
    """What an image is called in the engine, of this release unless another version is named."""
    return f"pin-pipeline/{image}:{version or release()}"


def in_one_line(text: str) -> str:
    """What a program says is wrong: its last lines, without warnings."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    return " ".join(lines[-3:]).removeprefix("ERROR: ") or "it did not say why"


def _configure(folder: Path, registry: str) -> None:
    """The person's own configuration, contexts, plugins and builders with it, but for the credentials."""
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
    # An entry, though empty, keeps Docker from putting the password into a keychain that it finds.
    (folder / "config.json").write_text(json.dumps(kept | {"auths": {registry: {}}}))
