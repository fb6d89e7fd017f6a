"""The real offline stack, once a session: free ports, a temporary STATE, ended by pid."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from xdist.scheduler import LoadScopeScheduling

from emulator.kafka import Kafka
from emulator.landing import wait_until_landed
from infra import commands
from local.services import CONNECT, CONTROL_PLANE, KAFKA, REST_PROXY
from local.stack import Stack
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings, load
from tests.hostile import HOSTILE, PROXIES
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


# What needs no `running`, in groups, each of which may run beside all that shares it. The first ones take longest.
APART = {
    "kills": ("integration/test_kills",),
    "stream": ("integration/stream/",),
    "engines": ("conformance", "spark"),  # one Spark for both
    "emulators": ("integration/control_plane", "integration/kinesis"),
    "database": ("integration/test_database_source",),
}
GROUPS = ("together", *APART)


def group_of(nodeid: str) -> str:
    path = nodeid.removeprefix("tests/")
    return next((group for group, paths in APART.items() if path.startswith(paths)), "together")


class SideBySide(LoadScopeScheduling):
    """Groups of tests, each by one worker in the order that it has without workers; who is done takes the next."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: GROUPS.index(group_of(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SideBySide:
    config.option.loadscopereorder = False  # by number of tests
    return SideBySide(config, log)


def environment_of(state: Path, user_id: str, inherited: Mapping[str, str], offline: bool = True) -> dict[str, str]:
    """What is inherited, without settings, and these two; offline with much that is set for other programs."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in inherited.items() if name not in ours}
    hostile = {name: value for name, value in HOSTILE.items() if name != "PYTHONHOME"}  # no Python starts with that
    return (
        kept
        | (hostile | PROXIES if offline else {})
        | {"STATE": str(state), "USER_ID": user_id, "PYTHONPATH": str(ROOT)}
    )


@dataclass(frozen=True)
class Running:
    """A running stack and its estate."""

    settings: Settings
    stack: Stack
    estate: Estate

    def run(self, *command: str, check: bool = True, **settings: object) -> subprocess.CompletedProcess[str]:
        """Run one of the project's commands as make would, with settings as variables."""
        variables = {name.upper(): str(value) for name, value in settings.items()}
        answer = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
        )
        if check:
            assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer

    def environment(self, **variables: str) -> dict[str, str]:
        """The environment of this STATE and user_id, without the caller's own settings."""
        offline = variables.get("ENV") != "aws"  # where a person's AWS settings are to be used
        return environment_of(self.settings.state, self.settings.user_id, os.environ, offline) | variables

    def client(self, service: str) -> Any:
        """A boto3 client of the offline control plane, for what LocalStack does not answer."""
        there = {"aws_endpoint_url": self.stack.address(CONTROL_PLANE)}
        return self.estate.model_copy(update=there).client(service)

    def post(self, topic: str, body: bytes, content_type: str = "application/vnd.kafka.json.v2+json") -> dict:
        """POST to the API, with the estate's key, as any producer would."""
        request = urllib.request.Request(
            f"{self.estate.invoke_url}/topics/{topic}",
            body,
            {"Content-Type": content_type, "x-api-key": self.estate.api_key()},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def get(self, path: str) -> bytes:
        """GET from the API, with the estate's key."""
        return self.fetch(f"{self.estate.invoke_url}/{path}", {"x-api-key": self.estate.api_key()})

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> bytes:
        """GET any URL of the stack."""
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=PATIENCE) as answer:
            return answer.read()

    def await_landed(self) -> None:
        """Wait until all that Kafka holds lies in S3."""
        kafka = Kafka(self.estate)
        wait_until_landed(self.estate, {topic: kafka.ends(topic) for topic in self.estate.topics.values()})

    def object_keys(self, topic: str) -> list[str]:
        """Keys of the landed objects of a topic, sorted."""
        pages = self.estate.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.estate.bucket, Prefix=self.estate.topic_prefix(topic))
        return sorted(item["Key"] for page in found for item in page.get("Contents", []))

    def landed_lines(self, topic: str) -> list[str]:
        """Every line that the sink has landed of a topic, in key order."""
        s3 = self.estate.client("s3")
        bodies = [s3.get_object(Bucket=self.estate.bucket, Key=key)["Body"].read() for key in self.object_keys(topic)]
        return [line for body in bodies for line in body.decode().split("\n") if line]


def start(state: Path, user_id: str) -> Running:
    """Start a stack and apply its estate."""
    settings = load(state=state, user_id=user_id)
    commands.apply(settings)
    return Running(settings, Stack(settings), load_estate(settings))


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Running:
    """The stack that most tests share: each makes topics or rows of its own in it."""
    state = tmp_path_factory.mktemp("stack")
    try:
        yield start(state, "abcdef012345")
    finally:
        Stack(load(state=state)).down()


@pytest.fixture(scope="session")
def bootstrap_servers(running) -> str:
    return running.stack.address(KAFKA)


@pytest.fixture(scope="session")
def rest_proxy_url(running) -> str:
    return running.stack.address(REST_PROXY)


@pytest.fixture(scope="session")
def connect_url(running) -> str:
    return running.stack.address(CONNECT)


@pytest.fixture
def new_topic(bootstrap_servers, request):
    """Make a topic named after the test; returns its name."""
    name = f"test.{request.node.name[:80]}".replace("[", "-").replace("]", "")
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    admin.create_topics([NewTopic(name, 1, 1, config={"max.message.bytes": "2097152"})])[name].result()
    return name
