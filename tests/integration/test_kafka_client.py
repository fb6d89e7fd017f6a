"""The script that the Kafka client's instance runs when it first starts, run for real before the local broker.

Only what this machine has not is replaced. In the script's text: the authentication, since the broker on loopback has
none; the replication factor, since it is one broker; the topics' prefix, since the estate's topics are others' to use.
On the PATH: dnf, which does nothing, and the one command of aws that is called, which goes to LocalStack.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource

from local.setup import java_program
from tests.integration.conftest import Running

IAM = """\
sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler
sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;
sasl.mechanism=AWS_MSK_IAM
security.protocol=SASL_SSL
"""
TOPICS_BEGIN = "# --- Topics"
PREFIX = "kafka-client"
DNF = """\
#!/bin/bash
echo "$@" >> "$SHIMS_LOG"
"""
AWS = """\
#!{python}
import sys
import boto3

_, service, command, quiet, source, target = sys.argv
assert (service, command, quiet) == ("s3", "cp", "--only-show-errors"), sys.argv
bucket, _, key = source.removeprefix("s3://").partition("/")
s3 = boto3.client(
    "s3", endpoint_url="{url}", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
)
s3.download_file(bucket, key, target)
if {tampered}:
    with open(target, "r+b") as archive:
        archive.write(b"?")
"""


@dataclass(frozen=True)
class Client:
    """An instance to be: its folders, and what its commands find in the environment."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "kafka"

    @property
    def profile(self) -> Path:
        return self.folder / "profile.sh"

    @property
    def installed(self) -> list[str]:
        """What dnf was told."""
        return (self.folder / "dnf.log").read_text().splitlines()

    def set_up(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run the script as cloud-init does, in an environment that knows no Kafka."""
        return self._bash(["-c", script])

    def shell(self, command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as somebody who has signed in, with `text` as its input."""
        return self._bash(["-c", f". {self.profile}; {command}"], text)

    def files(self) -> dict[str, bytes]:
        """All that the script leaves behind, by path."""
        paths = [path for path in (self.profile, *self.home.rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}

    def leftovers(self) -> list[Path]:
        """Temporary files."""
        return list((self.folder / "tmp").iterdir())

    def _bash(self, arguments: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        java = Path(java_program()).parent  # "." unless JAVA_HOME says where it is
        environment = {
            "PATH": f"{self.folder / 'shims'}:{java}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "KAFKA_HOME": str(self.home),
            "PROFILE": str(self.profile),
            "SHIMS_LOG": str(self.folder / "dnf.log"),
        }
        return subprocess.run(
            ["/bin/bash", *arguments], env=environment, input=text, capture_output=True, text=True, timeout=300
        )


@pytest.fixture(scope="module")
def new_client(running, tmp_path_factory) -> Callable[..., Client]:
    """Make an instance; `tampered`: the archive that it downloads is not the one that Terraform uploaded."""

    def make(tampered: bool = False) -> Client:
        folder = tmp_path_factory.mktemp("client")
        for name in ("shims", "tmp"):
            (folder / name).mkdir()
        aws = AWS.format(python=sys.executable, url=running.estate.aws_endpoint_url, tampered=tampered)
        for name, text in (("dnf", DNF), ("aws", aws)):
            (folder / "shims" / name).write_text(text)
            (folder / "shims" / name).chmod(0o755)
        return Client(folder)

    return make


@pytest.fixture(scope="module")
def user_data(running) -> str:
    return json.loads((running.settings.state / "estate.json").read_text())["kafka_client_user_data"]


@pytest.fixture(scope="module")
def script(running, user_data) -> str:
    """The user data for a broker without authentication and without others beside it, with topics of its own."""
    return adapted(running, user_data, PREFIX)


def adapted(running: Running, user_data: str, prefix: str) -> str:
    for old, new, times in (
        (IAM, "security.protocol=PLAINTEXT\n", 1),
        ("--replication-factor 3", "--replication-factor 1", 4),
        (f"--topic {running.estate.user_id}.", f"--topic {prefix}.", 4),
    ):
        assert user_data.count(old) == times, old
        user_data = user_data.replace(old, new)
    return user_data


@pytest.fixture(scope="module")
def first(new_client, script) -> tuple[Client, subprocess.CompletedProcess[str]]:
    """An instance that has run its script, and how that went."""
    client = new_client()
    return client, client.set_up(script)


@pytest.fixture
def client(first) -> Client:
    return first[0]


def topics(running: Running, prefix: str) -> dict[str, tuple[str, int, str]]:
    """Of the topics with the prefix: (id, partitions, max.message.bytes)."""
    admin = AdminClient({"bootstrap.servers": running.estate.bootstrap_servers})
    names = [name for name in admin.list_topics(timeout=10).topics if name.startswith(f"{prefix}.")]
    if not names:
        return {}
    described = admin.describe_topics(TopicCollection(names))
    configs = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, name) for name in names])
    largest = {resource.name: told.result()["max.message.bytes"].value for resource, told in configs.items()}
    found = {name: told.result() for name, told in described.items()}
    return {name: (str(topic.topic_id), len(topic.partitions), largest[name]) for name, topic in found.items()}


def test_the_script_installs_the_tools_and_makes_the_topics(running, first):
    client, ran = first

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert client.installed == ["install -y -q java-17-amazon-corretto-headless unzip"]
    assert client.leftovers() == []
    assert {name: of[1:] for name, of in topics(running, PREFIX).items()} == {
        f"{PREFIX}.pin": (2, "2097152"),
        f"{PREFIX}.geo": (2, "2097152"),
        f"{PREFIX}.user": (2, "2097152"),
        f"{PREFIX}.dead-letter": (1, "2097152"),
    }
    listed = ran.stdout.splitlines()
    assert {f"{PREFIX}.pin", f"{PREFIX}.geo", f"{PREFIX}.user", f"{PREFIX}.dead-letter"} <= set(listed)


def test_a_second_run_changes_nothing(running, client, script):
    before = topics(running, PREFIX), client.files()

    ran = client.set_up(script)

    assert ran.returncode == 0, ran.stderr
    assert (topics(running, PREFIX), client.files()) == before
    assert client.leftovers() == []


def test_the_tools_know_the_cluster(client):
    topic = f"{PREFIX}.dead-letter"
    lines = 'Crème 😍\n{"index": 1, "title": "\\"quoted\\" \\\\"}\n'

    listed = client.shell("kafka-topics.sh --list")
    sent = client.shell(f"kafka-console-producer.sh --topic {topic}", lines)
    read = client.shell(
        f"kafka-console-consumer.sh --topic {topic} --group {PREFIX} --from-beginning --max-messages 2 "
        "--timeout-ms 60000"
    )
    groups = client.shell(f"kafka-consumer-groups.sh --describe --group {PREFIX}")

    assert (listed.returncode, sent.returncode, read.returncode, groups.returncode) == (0, 0, 0, 0)
    assert topic in listed.stdout.splitlines()
    assert read.stdout == lines
    [described] = [line.split() for line in groups.stdout.splitlines() if topic in line]
    assert described[:6] == [PREFIX, topic, "0", "2", "2", "0"]  # group, topic, partition, offset, end, lag


def test_an_archive_that_is_not_the_uploaded_one_stops_the_script(running, new_client, user_data):
    client = new_client(tampered=True)

    ran = client.set_up(adapted(running, user_data, "tampered"))

    assert ran.returncode != 0
    assert "1 computed checksum did NOT match" in ran.stderr
    assert not (client.home / "libs").exists()
    assert topics(running, "tampered") == {}


def test_the_tools_load_iam_from_the_archive(new_client, user_data):
    """With the very client.properties: the broker on loopback speaks no TLS, but the client comes as far as that."""
    client = new_client()
    assert client.set_up(user_data[: user_data.index(TOPICS_BEGIN)]).returncode == 0
    assert (client.home / "config" / "client.properties").read_text() == IAM

    ran = client.shell("kafka-topics.sh --list")

    said = ran.stdout + ran.stderr
    assert ran.returncode != 0
    assert "org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed" in said
    assert "ClassNotFound" not in said

    [jar] = (client.home / "libs").glob("aws-msk-iam-auth-*-all.jar")
    jar.unlink()
    ran = client.shell("kafka-topics.sh --list")
    assert "IAMClientCallbackHandler" in ran.stdout + ran.stderr  # so it was there, and was used
    assert "SslAuthenticationException" not in ran.stdout + ran.stderr
