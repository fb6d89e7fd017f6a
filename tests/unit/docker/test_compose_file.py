"""docker/: what holds of every image and of every service, read from the files; no engine."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from local import containers
from local.services import SERVICES
from pipeline.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
ALL = COMPOSE["services"]
RUN_HERE = {name: service for name, service in ALL.items() if name != "jobs-emr"}
DOCKERFILES = sorted((ROOT / "docker").glob("*/Dockerfile"))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

# Settings that decide where things are on this side of the containers, are for ENV=aws alone, or for a server.
OUTSIDE = {"env", "state_bucket", "confirm", "images", "data", "out", "kinesis_limits"} | {
    *("databricks_job", "estate", "service_credential")
}


def test_every_setting_that_a_container_can_use_reaches_it():
    ports = {name for name in Settings.model_fields if name.endswith("_port")}
    inside = {name.upper() for name in Settings.model_fields.keys() - OUTSIDE - ports}
    settings = COMPOSE["x-settings"]
    assert settings.keys() == inside
    assert {name: value for name, value in settings.items() if value is not None} == {
        "STATE": "/state",
        "RUNTIME": "docker",
    }


def test_every_port_that_can_be_set_is_one_that_compose_takes_but_kafkas():
    text = (ROOT / "docker" / "compose.yaml").read_text()
    taken = set(re.findall(r"\$\{(\w+_PORT):-0\}", text))
    assert taken == {"KINESIS_PORT", "LOCALSTACK_PORT", "CONTROL_PLANE_PORT", "CONNECT_PORT", "REST_PROXY_PORT"}
    assert {f"{name.upper()}" for name in Settings.model_fields if name.endswith("_port")} - taken == {"KAFKA_PORT"}


@pytest.mark.parametrize("name", RUN_HERE)
def test_a_service_has_no_rights_that_it_does_not_need(name):
    service = RUN_HERE[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", ALL)
def test_an_image_is_of_this_release_and_its_dockerfile_is_there(name):
    assert re.fullmatch(rf"pin-pipeline/[a-z-]+:{re.escape(VERSION)}", ALL[name]["image"])
    assert (ROOT / ALL[name]["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", [name for name, service in ALL.items() if "docker/jobs/" in str(service)])
def test_an_image_of_the_jobs_is_named_after_its_engine(name):
    engine = ALL[name]["build"]["args"].get("ENGINE", "duckdb")
    image = {"duckdb": "jobs", "spark": "jobs-spark", "emr": "jobs-emr"}[engine]
    assert ALL[name]["image"] == f"pin-pipeline/{image}:{VERSION}"
    stage = (ROOT / "docker" / "jobs" / "Dockerfile").read_text().split(f" AS {engine}\n")[1].split("\nFROM ")[0]
    assert f'title="pin-pipeline/{image}"' in stage


def test_a_batch_job_is_the_small_image_unless_spark_is_asked_for():
    assert ALL["jobs"]["image"] == f"pin-pipeline/jobs:{VERSION}"
    assert ALL["jobs-spark"]["environment"] == ALL["jobs"]["environment"] | {"ENGINE": "spark"}
    assert not set(ALL["jobs"]["profiles"]) & set(ALL["jobs-spark"]["profiles"])


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_server_is_where_the_estate_looks_for_it(service):
    host, port = service.container.split(":")
    image = ALL[host]["build"]["dockerfile"]
    assert f"EXPOSE {port}\n" in (ROOT / image).read_text()


def test_confluents_proxy_has_the_name_of_ours_and_never_beside_it():
    assert ALL["kafka-rest"]["networks"]["default"]["aliases"] == ["rest-proxy"]
    assert not set(ALL["kafka-rest"]["profiles"]) & set(ALL["rest-proxy"]["profiles"])


def test_what_make_images_builds_are_services():
    assert set(containers.IMAGES) <= ALL.keys()
    assert {ALL[name]["image"] for name in ALL.keys() - set(containers.IMAGES)} - {
        ALL[name]["image"] for name in containers.IMAGES
    } == {f"pin-pipeline/kafka-rest:{VERSION}", f"pin-pipeline/jobs-emr:{VERSION}"}  # on bases of others


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_says_what_it_is_and_runs_as_nobody_in_particular(dockerfile):
    text = dockerfile.read_text()
    assert f'"pin-pipeline/{dockerfile.parent.name}"' in text
    assert f"ARG VERSION={VERSION}\n" in text
    for label in ("title", "description", "version", "licenses"):
        assert f"org.opencontainers.image.{label}=" in text
    assert "\nUSER 1000:1000\n" in text
    assert "\nHEALTHCHECK " in text
    assert not re.search(r"^ARG \w*IMAGE\w*=(?!.*:\S)", text, re.MULTILINE)  # every base has a tag
    assert ":latest" not in text.replace("emr-spark-8.1.0:latest", "")  # which EMR's images are all called
