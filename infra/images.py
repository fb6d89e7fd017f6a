"""Pushes the images to the estate's repositories in ECR, and writes their digests where Terraform reads them."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra.docker import Docker, Image, name_of, release
from local.setup import ROOT
from pipeline.errors import UserError
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings

FILE = ROOT / "terraform" / "environments" / "aws" / "images.auto.tfvars.json"
# The variables in it, by image. Not kafka_rest_image: that is set by who wants Confluent's proxy in place of ours.
VARIABLES = {"jobs-emr": "jobs_image", "rest-proxy": "rest_proxy_image"}
# What a repository holds, where that has another name: of the jobs' images EMR Serverless runs the one that is built on
# its own; the others are for containers of this machine.
HOLDS = {"jobs": "jobs-emr"}


def push(settings: Settings, version: str | None = None, file: Path = FILE) -> None:
    """Push what the estate's repositories lack of the images, or of those that IMAGES names.

    Each digest is written to `file` as soon as it is known. Raises UserError before anything is pushed when an image
    is not built, and at the first that is not taken.
    """
    if settings.env != "aws":
        raise UserError("offline the images are used from the local Docker engine: `push` is for ENV=aws alone")
    estate = load_estate(settings)
    urls = _chosen(settings, estate)
    version = version or release()
    docker = Docker()
    images = _built(docker, urls, version)
    digests = _digests(file)
    registry = next(iter(urls.values())).split("/")[0]
    with docker.logged_in(registry, *_login(estate)) as logged_in:
        for name, image in images.items():
            digest = _push(logged_in, name, image, f"{urls[name]}:{tag(version, image)}")
            if name in VARIABLES:
                digests[VARIABLES[name]] = f"{urls[name]}@{digest}"
                _write(file, digests)
    written = [VARIABLES[name] for name in images if name in VARIABLES]
    if written:
        shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        print(f"{shown}: {', '.join(written)}; `make infra` puts to use what is new")


def tag(version: str, image: Image) -> str:
    """The same for the same content, and another for another: a tag in ECR cannot be moved."""
    return f"{version}-{image.id.removeprefix('sha256:')[:12]}"


def _chosen(settings: Settings, estate: Estate) -> dict[str, str]:
    """The images to push, name to URL of the repository."""
    if not estate.repositories:
        raise UserError("the estate has no repositories for images: `make infra` makes them")
    urls = {HOLDS.get(repository, repository): url for repository, url in estate.repositories.items()}
    names = (settings.images or "").split() or sorted(urls)
    unknown = [name for name in names if name not in urls]
    if unknown:
        there = ", ".join(sorted(urls))
        raise UserError(f"IMAGES={settings.images!r}: no repository for {', '.join(unknown)}; there are for {there}")
    return {name: urls[name] for name in names}


def _built(docker: Docker, names: Iterable[str], version: str) -> dict[str, Image]:
    """The images of these names. Raises UserError with those that are not there."""
    docker.require_engine()
    images = {name: docker.image(name_of(name, version)) for name in names}
    missing = [name for name, image in images.items() if image is None]
    if missing:
        there = [name for name in images if name not in missing]
        others = f', or push the others alone with `make push IMAGES="{" ".join(there)}"`' if there else ""
        raise UserError(
            f"not in the Docker engine, of version {version}: {', '.join(missing)}; "
            f'build them with `make images IMAGES="{" ".join(missing)}"`{others}'
        )
    return {name: image for name, image in images.items() if image}


def _login(estate: Estate) -> tuple[str, str]:
    """User and password for the account's registry, which AWS takes for 12 hours."""
    try:
        answer = estate.client("ecr").get_authorization_token()
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"no login to ECR: {error}; `aws sts get-caller-identity` shows who you are to AWS") from None
    token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    user, password = token.split(":", 1)
    return user, password


def _push(docker: Docker, name: str, image: Image, target: str) -> str:
    """The image's digest in its repository, where it goes unless it is there."""
    digest = docker.digest(target)
    if digest:
        print(f"{name}: already there as {target}, {digest}", flush=True)
        return digest
    print(f"{name}: pushing {image.name}, {image.size / 1e6:,.0f} MB unpacked", flush=True)
    docker.push(image, target)
    digest = docker.digest(target)
    if digest is None:
        raise UserError(f"{target} was pushed, but the registry does not know it: push again")
    print(f"{name}: pushed as {target}, {digest}", flush=True)
    return digest


def _digests(file: Path) -> dict[str, str]:
    """What the file says until now."""
    try:
        digests: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UserError(f"{file} is not JSON ({error}): mend or delete it, and push again") from None
    return digests


def _write(file: Path, digests: dict[str, str]) -> None:
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(file)
