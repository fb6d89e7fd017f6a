"""Pushes the images to the estate's ECR repositories, and writes their digests to a file that Terraform reads."""

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
# The file's variables, by image. Not kafka_rest_image: it replaces our proxy by Confluent's, which the user decides.
VARIABLES = {"jobs-emr": "jobs_image", "rest-proxy": "rest_proxy_image"}
# The image of a repository that has another name. jobs-emr has EMR Serverless' base; the other images with jobs run in
# containers on this machine.
IMAGE_OF = {"jobs": "jobs-emr"}


def push(settings: Settings, version: str | None = None, file: Path = FILE) -> None:
    """Push the images, or those that IMAGES names, unless the estate's repositories have them.

    Writes each digest to `file` as soon as it is known. Raises UserError before the first push when an image is not
    built, and at the first push that fails.
    """
    if settings.env != "aws":
        raise UserError("offline, images stay in the local Docker engine: give ENV=aws to push them")
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
        print(f"{shown}: {', '.join(written)}; `make infra` deploys them")


def tag(version: str, image: Image) -> str:
    """The version and the start of the image's id: tags in ECR are immutable, so other content needs another tag."""
    return f"{version}-{image.id.removeprefix('sha256:')[:12]}"


def _chosen(settings: Settings, estate: Estate) -> dict[str, str]:
    """The repository URLs of the images to push, by image. Raises UserError for an unknown image."""
    if not estate.repositories:
        raise UserError("the estate has no repositories for images: `make infra` creates them")
    urls = {IMAGE_OF.get(repository, repository): url for repository, url in estate.repositories.items()}
    names = (settings.images or "").split() or sorted(urls)
    unknown = [name for name in names if name not in urls]
    if unknown:
        known = ", ".join(sorted(urls))
        raise UserError(f"IMAGES={settings.images!r}: no repository for {', '.join(unknown)}: choose from {known}")
    return {name: urls[name] for name in names}


def _built(docker: Docker, names: Iterable[str], version: str) -> dict[str, Image]:
    """The images of these names. Raises UserError that names all that are not built."""
    docker.require_engine()
    images = {name: docker.image(name_of(name, version)) for name in names}
    missing = [name for name, image in images.items() if image is None]
    if missing:
        built = [name for name in images if name not in missing]
        others = f', or push the others with `make push IMAGES="{" ".join(built)}"`' if built else ""
        raise UserError(
            f"not built in version {version}: {', '.join(missing)}; "
            f'build them with `make images IMAGES="{" ".join(missing)}"`{others}'
        )
    return {name: image for name, image in images.items() if image}


def _login(estate: Estate) -> tuple[str, str]:
    """User and password for the account's registry, valid for 12 hours. Raises UserError when AWS refuses."""
    try:
        answer = estate.client("ecr").get_authorization_token()
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"cannot log in to ECR: {error}; `aws sts get-caller-identity` shows your identity") from None
    token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    user, password = token.split(":", 1)
    return user, password


def _push(docker: Docker, name: str, image: Image, target: str) -> str:
    """Push the image unless its repository has it. Returns its digest there."""
    digest = docker.digest(target)
    if digest:
        print(f"{name}: exists as {target}, {digest}", flush=True)
        return digest
    print(f"{name}: pushing {image.name}, {image.size / 1e6:,.0f} MB uncompressed", flush=True)
    docker.push(image, target)
    digest = docker.digest(target)
    if digest is None:
        raise UserError(f"{target} was pushed, but the registry does not have it: push again")
    print(f"{name}: pushed as {target}, {digest}", flush=True)
    return digest


def _digests(file: Path) -> dict[str, str]:
    """The digests that the file has."""
    try:
        digests: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UserError(f"{file} is not JSON ({error}): fix or delete it, and push again") from None
    return digests


def _write(file: Path, digests: dict[str, str]) -> None:
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(file)
