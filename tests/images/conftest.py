"""The images, each built once a session by a real Docker engine. Without one all of this is skipped."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.terraform import provider_mirror

ROOT = Path(__file__).parents[2]
VERSION = "0.1.0"
# Has Python 3.11 and CA certificates, as the one that shared/tools/docker-engine makes.
STAND_IN = "debian:bookworm-slim"


def docker(*arguments: str, check: bool = True) -> str:
    """Run the Docker client; what it prints, its errors too."""
    answer = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert not check or answer.returncode == 0, answer.stdout
    return answer.stdout.strip()


def has(image: str) -> bool:
    """Whether the engine has the image, or can pull it."""
    return (
        docker("image", "inspect", "--format", "-", image, check=False) == "-"
        or not subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, timeout=300).returncode
    )


def import_image(name: str, files: dict[str, tuple[int, bytes]], *changes: str) -> str:
    """Make an image of these files, (mode, content) by path, and of Dockerfile's instructions; its id."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, (mode, content) in files.items():
            entry = tarfile.TarInfo(path)
            entry.mode, entry.size = mode, len(content)
            archive.addfile(entry, io.BytesIO(content))
    options = [f"--change={change}" for change in changes]
    command = ["docker", "import", *options, "-", name]
    return subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True).stdout.decode().strip()


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine with Compose."""
    if shutil.which("docker") is None:
        pytest.skip("no Docker on this machine")
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode != 0:
            pytest.skip(f"`{' '.join(command)}` fails: {(answer.stderr.strip() or 'no reason given').splitlines()[-1]}")


@pytest.fixture(scope="session")
def build_environment(engine, tmp_path_factory) -> dict[str, str]:
    """The environment that images are built in: bases that can be had, and the CAs that this machine trusts."""
    environment = dict(os.environ)
    if "BASE_IMAGE" not in environment and not has("python:3.11.14-slim-bookworm"):
        if not has(STAND_IN):
            pytest.skip(f"neither python:3.11.14-slim-bookworm nor {STAND_IN} can be had")
        environment["BASE_IMAGE"] = STAND_IN
    if not has("hashicorp/terraform:1.11.4"):
        environment["TERRAFORM_IMAGE"] = terraform_image(tmp_path_factory.mktemp("terraform"))
    if "CA_BUNDLE" not in environment and "SSL_CERT_FILE" in environment:
        environment["CA_BUNDLE"] = environment["SSL_CERT_FILE"]
    return environment


def terraform_image(folder: Path) -> str:
    """An image with this machine's Terraform and mirror of providers, as its tag."""
    mirror = provider_mirror()
    if mirror is None:
        pytest.skip("hashicorp/terraform cannot be pulled, and there is no mirror of providers on this machine")
    shutil.copy(str(shutil.which("terraform")), folder / "terraform")
    shutil.copytree(mirror, folder / "mirror")
    (folder / "Dockerfile").write_text(
        f"FROM {STAND_IN}\nCOPY terraform /bin/terraform\nCOPY mirror /usr/local/share/terraform/plugins\n"
    )
    docker("build", "--quiet", "--tag", "pin-pipeline-test/terraform", str(folder))
    shutil.rmtree(folder)
    return "pin-pipeline-test/terraform"


@pytest.fixture(scope="session")
def images(build_environment) -> Callable[[str], str]:
    """Builds docker/<name> unless that was done, and gives its tag."""
    built = set()

    def image(name: str) -> str:
        if name not in built:
            command = [sys.executable, str(ROOT / "local" / "containers.py"), "local", "images"]
            environment = build_environment | {"IMAGES": name, "PYTHONPATH": str(ROOT)}
            answer = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
            assert answer.returncode == 0, answer.stdout + answer.stderr
            built.add(name)
        return f"pin-pipeline/{name}:{VERSION}"

    return image
