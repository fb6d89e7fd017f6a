"""Why images cannot be pushed.

The `docker` here is a script with recorded answers; tests/images/test_push.py pushes with the real one.
"""

import http.server
import json
import threading

import pytest

from infra.docker import Image
from infra.images import push, tag
from pipeline.errors import UserError
from pipeline.estate import save_estate
from pipeline.settings import load
from tests.outputs import ON_AWS

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
PASSWORD = "hush-hush"
DENIED = "denied: Your authorization token has expired. Reauthenticate and try again."
OUTPUTS = ON_AWS | {
    "repositories": {name: f"{HOST}/0a1b2c3d4e5f/{name}" for name in ("jobs", "kafka-rest", "rest-proxy")}
}
# Has every image, logs in, and finds no tag in the registry. Branches before these override them.
ALL_IS_WELL = """
  version*) echo 28.2.2;;
  image\\ inspect*) echo "sha256:0123456789abcdef0123 1234567";;
  login*) cat > "$here/password"; cp "$DOCKER_CONFIG/config.json" "$here/config.json";;
  buildx*) echo "ERROR: ${@: -1}: not found" >&2; exit 1;;
"""


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A `docker` that answers by the branches given; its arguments are in calls.txt."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "own"))

    def answers(branches=""):
        script = f'here={tmp_path}\necho "$@" >> $here/calls.txt\ncase "$*" in\n{branches}{ALL_IS_WELL}esac\n'
        (programs / "docker").write_text(f"#!/bin/bash\n{script}")
        (programs / "docker").chmod(0o755)
        return tmp_path / "calls.txt"

    return answers


@pytest.fixture
def ecr(monkeypatch):
    """A fake ECR that returns the token of AWS:hush-hush, or the error that a test sets."""

    class Ecr(http.server.BaseHTTPRequestHandler):
        error = None

        def do_POST(self):
            token = {"authorizationToken": "QVdTOmh1c2gtaHVzaA==", "proxyEndpoint": f"https://{HOST}"}
            body = {"__type": self.error, "message": "by AWS"} if self.error else {"authorizationData": [token]}
            self.send_response(400 if self.error else 200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ecr)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield Ecr
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("IMAGES", raising=False)

    def given(outputs=OUTPUTS, **more):
        settings = load(env="aws", state=tmp_path / "state", _env_file=None, **more)
        if outputs:
            save_estate(settings, outputs)
        return settings

    return given


@pytest.fixture
def refusal(tmp_path):
    """The error of a push, which is one line."""

    def of(settings):
        with pytest.raises(UserError) as raised:
            push(settings, "1.2.3", tmp_path / "images.json")
        assert "\n" not in str(raised.value)
        return str(raised.value)

    return of


def test_a_tag_is_the_version_and_the_image_id():
    assert tag("0.1.0", Image("pin-pipeline/jobs:0.1.0", "sha256:0123456789abcdef0123", 1)) == "0.1.0-0123456789ab"


def test_offline_push_is_refused(refusal):
    assert refusal(load(env="local", _env_file=None)) == (
        "offline, images stay in the local Docker engine: give ENV=aws to push them"
    )


def test_without_an_estate_the_error_names_make_infra(settings, refusal, tmp_path):
    path = tmp_path / "state" / "aws" / "estate.json"
    assert refusal(settings(outputs=None)) == f"no estate at {path}: make one with `make infra`"
    assert refusal(settings(outputs=OUTPUTS | {"repositories": {}})) == (
        "the estate has no repositories for images: `make infra` creates them"
    )


def test_an_image_without_a_repository_is_named(settings, refusal):
    assert refusal(settings(images="jobs rest-proxy")) == (
        "IMAGES='jobs rest-proxy': no repository for jobs: choose from jobs-emr, kafka-rest, rest-proxy"
    )


def test_all_missing_images_are_named_and_none_is_pushed(settings, docker, refusal):
    calls = docker("image\\ inspect*jobs*|image\\ inspect*rest-proxy*) echo 'No such image' >&2; exit 1;;\n")
    assert refusal(settings()) == (
        "not built in version 1.2.3: jobs-emr, rest-proxy; "
        'build them with `make images IMAGES="jobs-emr rest-proxy"`, '
        'or push the others with `make push IMAGES="kafka-rest"`'
    )
    assert "push" not in calls.read_text()


def test_the_setting_images_selects(settings, docker, refusal):
    docker("image\\ inspect*) exit 1;;\n")
    assert refusal(settings(images="kafka-rest")) == (
        'not built in version 1.2.3: kafka-rest; build them with `make images IMAGES="kafka-rest"`'
    )


def test_a_missing_docker_or_engine_is_named(settings, docker, refusal, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert refusal(settings()).startswith("docker is not installed")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    docker("version*) echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1;;\n")
    assert refusal(settings()) == "no Docker engine answers: Cannot connect to the Docker daemon. Is it running?"


def test_without_credentials_the_login_fails(settings, docker, refusal, monkeypatch):
    docker()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL_ECR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert refusal(settings()) == (
        "cannot log in to ECR: Unable to locate credentials; `aws sts get-caller-identity` shows your identity"
    )


@pytest.mark.parametrize("error", ["ExpiredTokenException", "AccessDeniedException", "UnrecognizedClientException"])
def test_a_refusal_by_aws_is_quoted(settings, docker, ecr, refusal, error):
    docker()
    ecr.error = error
    assert refusal(settings()) == (
        f"cannot log in to ECR: An error occurred ({error}) when calling the GetAuthorizationToken operation: by AWS; "
        "`aws sts get-caller-identity` shows your identity"
    )


def test_a_refusal_by_the_registry_is_quoted(settings, docker, ecr, refusal, tmp_path):
    docker("login*) echo 'Error response from daemon: 403 Forbidden' >&2; exit 1;;\n")
    assert refusal(settings()) == f"cannot log in to {HOST}: Error response from daemon: 403 Forbidden"
    docker("buildx*) echo 'ERROR: unexpected status: 403 Forbidden' >&2; exit 1;;\n")
    jobs = f"{HOST}/0a1b2c3d4e5f/jobs:1.2.3-0123456789ab"
    assert refusal(settings()) == f"{jobs} cannot be looked up: unexpected status: 403 Forbidden"
    docker(f"push*) echo '{DENIED}' >&2; exit 1;;\n")
    assert refusal(settings()) == f"not pushed to {jobs}: {DENIED}"
    assert not (tmp_path / "images.json").exists()


def test_only_docker_gets_the_password_and_no_keychain(settings, docker, ecr, refusal, tmp_path, capfd):
    own = {"credsStore": "desktop", "credHelpers": {HOST: "ecr-login"}, "currentContext": "far"}
    (tmp_path / "own" / "config.json").write_text(json.dumps(own))
    calls = docker(f"push*) echo '{DENIED}' >&2; exit 1;;\n")
    said = refusal(settings())
    assert (tmp_path / "password").read_text() == PASSWORD
    assert json.loads((tmp_path / "config.json").read_text()) == {"currentContext": "far", "auths": {HOST: {}}}
    assert json.loads((tmp_path / "own" / "config.json").read_text()) == own
    assert PASSWORD not in calls.read_text() + said + "".join(capfd.readouterr())
    # The tag for the push is removed.
    assert f"image rm {HOST}/0a1b2c3d4e5f/jobs:1.2.3-0123456789ab\n" in calls.read_text()


def test_a_file_that_is_not_json_is_not_overwritten(settings, docker, refusal, tmp_path):
    docker()
    (tmp_path / "images.json").write_text("rest_proxy_image =")
    assert refusal(settings()).startswith(f"{tmp_path / 'images.json'} is not JSON (")
    assert (tmp_path / "images.json").read_text() == "rest_proxy_image ="
