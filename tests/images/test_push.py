"""`make push` with the real Docker, to a registry such as anyone runs: distribution, on loopback, with basic
authentication. moto's ECR gives the token, which this registry takes as its password."""

import base64
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.images import push
from local.process import Running, choose_port, start, stop, wait_ready
from pipeline.errors import UserError
from pipeline.estate import save_estate
from pipeline.settings import load
from tests.images.conftest import import_image
from tests.integration.control_plane.conftest import control_plane
from tests.outputs import ON_AWS

DISTRIBUTION = "v3.0.0"
VERSION = f"0.0.0-test{os.getpid()}"  # not the version of any image that a person has
USER, PASSWORD = "AWS", "000000000000-auth-token"  # moto's, for LocalStack's account
# PASSWORD and "another one", as htpasswd -B writes them
TAKES_THE_TOKEN = "AWS:$2b$05$abcdefghijklmnopqrstuuO4.iDKNiUMXWO1db3mK8ZvzdR234Mxe\n"
TAKES_ANOTHER = "AWS:$2b$05$abcdefghijklmnopqrstuuLocjIjN6hnVkXYkCtUrAkHjqIiqMvf6\n"
OTHERS_LINE = {"waf": True}


@dataclass(frozen=True)
class Registry:
    """A running registry that keeps its blobs in `folder`."""

    host: str
    folder: Path

    def digest(self, repository: str, tag: str) -> str:
        """What the registry itself says the tag is."""
        return self._ask(f"{repository}/manifests/{tag}").headers["Docker-Content-Digest"]

    def tags(self, repository: str) -> list[str]:
        return json.load(self._ask(f"{repository}/tags/list"))["tags"]

    def _ask(self, path: str):
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        accepted = [
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.oci.image.manifest.v1+json",
        ]
        headers = {"Authorization": f"Basic {login}", "Accept": ", ".join(accepted)}
        return urllib.request.urlopen(urllib.request.Request(f"http://{self.host}/v2/{path}", headers=headers))


@pytest.fixture(scope="module")
def program():
    """The registry, built once and kept in the person's cache."""
    if shutil.which("go") is None:
        pytest.skip("needs Go, to build a registry")
    folder = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / f"pin-pipeline/distribution-{DISTRIBUTION}"
    )
    if not (folder / "registry").exists():
        built = subprocess.run(
            ["go", "install", f"github.com/distribution/distribution/v3/cmd/registry@{DISTRIBUTION}"],
            env=os.environ | {"GOBIN": str(folder)},
            cwd="/",
            capture_output=True,
            text=True,
        )
        if built.returncode != 0:
            pytest.skip(f"the registry cannot be built: {built.stderr.strip().splitlines()[-1]}")
    return folder / "registry"


@pytest.fixture
def registry(program, tmp_path):
    """Starts a registry that lets in who is in `htpasswd`."""
    running = []

    def made(htpasswd=TAKES_THE_TOKEN):
        folder = tmp_path / f"registry-{len(running)}"
        folder.mkdir()
        (folder / "htpasswd").write_text(htpasswd)
        host = f"127.0.0.1:{choose_port(0, None, 'the registry')}"
        (folder / "config.yaml").write_text(
            json.dumps(  # YAML too
                {
                    "version": "0.1",
                    "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
                    "http": {"addr": host, "secret": "of uploads under way"},
                    "auth": {"htpasswd": {"realm": "ecr", "path": str(folder / "htpasswd")}},
                }
            )
        )
        log = folder / "registry.log"
        command = [str(program), "serve", str(folder / "config.yaml")]
        process = Running(*start(command, dict(os.environ), log, folder), {})
        running.append(process)
        wait_ready("registry", process, lambda: _asks_for_a_password(host), log)
        return Registry(host, folder / "data")

    yield made
    for process in running:
        stop(process)


def _asks_for_a_password(host):
    try:
        urllib.request.urlopen(f"http://{host}/v2/")
    except urllib.error.HTTPError as error:
        return error.code == 401
    except OSError:
        return False
    return False


@pytest.fixture(scope="module")
def ecr(tmp_path_factory):
    """The control plane's address: its ECR is moto's."""
    with control_plane(tmp_path_factory.mktemp("control-plane")) as process:
        yield f"http://127.0.0.1:{process.ports['control_plane_port']}"


@pytest.fixture
def image(engine):
    """Makes an image with this in it, under the name given; gives its id."""
    made = set()

    def of(name, content):
        identity = import_image(f"pin-pipeline/{name}:{VERSION}", {"content": (0o644, content)})
        made.update((f"pin-pipeline/{name}:{VERSION}", identity))
        return identity

    yield of
    subprocess.run(["docker", "image", "rm", "--force", *made], capture_output=True)


@pytest.fixture
def estate(ecr, tmp_path, monkeypatch):
    """Settings of an estate on AWS whose repositories for `names` are in the registry."""
    own = tmp_path / "docker"
    own.mkdir()
    plugins = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    if plugins.exists():
        (own / "cli-plugins").symlink_to(plugins)
    # A keychain that is not there: docker would fail if it were asked.
    (own / "config.json").write_text('{"credsStore": "none-such"}')
    for name, value in {
        "DOCKER_CONFIG": str(own),
        "AWS_ENDPOINT_URL_ECR": ecr,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IMAGES", raising=False)

    def of(registry, *names):
        settings = load(env="aws", state=tmp_path / "state", _env_file=None)
        repositories = {name: f"{registry.host}/0a1b2c3d4e5f/{name}" for name in names}
        save_estate(settings, ON_AWS | {"repositories": repositories})
        return settings

    return of


@pytest.fixture
def file(tmp_path):
    """The file that Terraform reads, with a line that is none of an image."""
    path = tmp_path / "images.auto.tfvars.json"
    path.write_text(json.dumps(OTHERS_LINE))
    return path


def tag_of(identity):
    return f"{VERSION}-{identity.removeprefix('sha256:')[:12]}"


def test_what_terraform_reads_is_what_the_registry_has(registry, estate, image, file, tmp_path, capfd):
    ecr = registry()
    proxy, jobs, client = image("rest-proxy", b"proxy"), image("jobs-emr", b"jobs"), image("kafka-client", b"client")
    push(estate(ecr, "rest-proxy", "jobs", "kafka-client"), VERSION, file)
    proxy_url, jobs_url = f"{ecr.host}/0a1b2c3d4e5f/rest-proxy", f"{ecr.host}/0a1b2c3d4e5f/jobs"
    assert json.loads(file.read_text()) == OTHERS_LINE | {
        "rest_proxy_image": f"{proxy_url}@{ecr.digest('0a1b2c3d4e5f/rest-proxy', tag_of(proxy))}",
        "jobs_image": f"{jobs_url}@{ecr.digest('0a1b2c3d4e5f/jobs', tag_of(jobs))}",
    }
    assert ecr.tags("0a1b2c3d4e5f/kafka-client") == [tag_of(client)]
    shown = capfd.readouterr()
    for name, repository in (("rest-proxy", "rest-proxy"), ("jobs-emr", "jobs"), ("kafka-client", "kafka-client")):
        assert f"{name}: pushing pin-pipeline/{name}:{VERSION}, " in shown.out
        assert f"{name}: pushed as {ecr.host}/0a1b2c3d4e5f/{repository}:{VERSION}-" in shown.out
    assert "jobs_image, rest_proxy_image; `make infra` deploys them" in shown.out
    assert PASSWORD not in shown.out + shown.err
    # Nothing is left: no login, no tag.
    assert (tmp_path / "docker" / "config.json").read_text() == '{"credsStore": "none-such"}'
    here = subprocess.run(["docker", "image", "ls", "--format", "{{.Repository}}"], capture_output=True, text=True)
    assert ecr.host not in here.stdout


def test_what_is_there_is_not_pushed_again_and_what_is_new_has_a_tag_of_its_own(registry, estate, image, file, capfd):
    ecr = registry()
    settings = estate(ecr, "rest-proxy")
    first = image("rest-proxy", b"first")
    push(settings, VERSION, file)
    before = file.read_bytes()
    capfd.readouterr()

    push(settings, VERSION, file)
    shown = capfd.readouterr().out
    assert f"rest-proxy: exists as {ecr.host}/0a1b2c3d4e5f/rest-proxy:{tag_of(first)}, sha256:" in shown
    assert "pushing" not in shown
    assert file.read_bytes() == before

    second = image("rest-proxy", b"second")
    push(settings, VERSION, file)
    assert sorted(ecr.tags("0a1b2c3d4e5f/rest-proxy")) == sorted([tag_of(first), tag_of(second)])
    old, new = (ecr.digest("0a1b2c3d4e5f/rest-proxy", tag_of(each)) for each in (first, second))
    assert json.loads(before)["rest_proxy_image"].endswith(f"@{old}")
    assert json.loads(file.read_text())["rest_proxy_image"].endswith(f"@{new}")
    assert old != new


def test_what_was_pushed_before_a_failure_is_written(registry, estate, image, file):
    ecr = registry()
    image("jobs-emr", b"jobs")
    proxy = image("rest-proxy", b"proxy")
    repositories = ecr.folder / "docker/registry/v2/repositories/0a1b2c3d4e5f"
    repositories.mkdir(parents=True)
    (repositories / "rest-proxy").write_text("a file where the registry wants a folder")
    with pytest.raises(UserError) as raised:
        push(estate(ecr, "jobs", "rest-proxy"), VERSION, file)
    assert f"{ecr.host}/0a1b2c3d4e5f/rest-proxy:{tag_of(proxy)}" in str(raised.value)
    assert "\n" not in str(raised.value)
    written = json.loads(file.read_text())
    assert written.keys() == {"waf", "jobs_image"}
    assert written["jobs_image"].startswith(f"{ecr.host}/0a1b2c3d4e5f/jobs@sha256:")


def test_a_registry_that_does_not_take_the_token_is_named(registry, estate, image, file):
    ecr = registry(TAKES_ANOTHER)
    image("rest-proxy", b"proxy")
    with pytest.raises(UserError) as raised:
        push(estate(ecr, "rest-proxy"), VERSION, file)
    assert str(raised.value).startswith(f"cannot log in to {ecr.host}: ")
    assert "401 Unauthorized" in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert json.loads(file.read_text()) == OTHERS_LINE
