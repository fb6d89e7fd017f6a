"""The script by which the EC2 Kafka client sets itself up, run for real against the local broker and bucket."""

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, ResourceType

from local.setup import java_program
from tests.integration.conftest import Running
from tests.waiting import PATIENCE

PREFIX = "client-0001."  # of the topics that these tests make, in place of the estate's
PROPERTIES = """\
sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler
sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;
sasl.mechanism=AWS_MSK_IAM
security.protocol=SASL_SSL
"""
# What Amazon Linux has, and this machine has not.
COMMANDS = {
    "dnf": "",
    "aws": """
import sys, boto3
[s3, cp, only_show_errors, source, target] = sys.argv[1:]
assert (s3, cp, only_show_errors) == ("s3", "cp", "--only-show-errors")
boto3.client("s3").download_file(*source.removeprefix("s3://").split("/", 1), target)
""",
}
UNZIP = """
import sys, zipfile
from tests.waiting import PATIENCE
[quiet, overwrite, archive, into, folder] = sys.argv[1:]
assert (quiet, overwrite, into) == ("-q", "-o", "-d")
zipfile.ZipFile(archive).extractall(folder)
"""


@dataclass(frozen=True)
class Client:
    """A folder in place of the instance's disk; `script` is what it runs when it first starts."""

    folder: Path
    script: str
    endpoint: str

    @property
    def home(self) -> Path:
        return self.folder / "kafka"

    def set_up(self) -> subprocess.CompletedProcess[str]:
        return self._run("bash", "-c", self.script)

    def tool(self, name: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self._run(str(self.home / "bin" / name), *arguments, stdin=stdin)

    def _run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        commands = self.folder / "commands"
        commands.mkdir(parents=True, exist_ok=True)
        for name, code in (COMMANDS if shutil.which("unzip") else COMMANDS | {"unzip": UNZIP}).items():
            (commands / name).write_text(f"#!{sys.executable}\n{code}")
            (commands / name).chmod(0o755)
        environment = {
            "PATH": os.pathsep.join([str(commands), str(Path(java_program()).parent), os.environ["PATH"]]),
            "TMPDIR": str(self.folder),
            "KAFKA_HOME": str(self.home),
            "PROFILE": str(self.folder / "kafka.sh"),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        return subprocess.run(
            command, env=environment, umask=0o022, input=stdin, capture_output=True, text=True, timeout=PATIENCE
        )


@pytest.fixture(scope="module")
def script(running) -> str:
    """The very script of the estate, with topics of its own, and without what no single broker on loopback has:
    authentication and three replicas."""
    found = json.loads((running.settings.state / "estate.json").read_text())["kafka_client_user_data"]
    for theirs, ours, times in (
        (f"{running.settings.user_id}.", PREFIX, 4),
        (PROPERTIES, "security.protocol=PLAINTEXT\n", 1),
        ("--replication-factor 3", "--replication-factor 1", 4),
    ):
        assert found.count(theirs) == times, theirs
        found = found.replace(theirs, ours)
    return found


@pytest.fixture(scope="module")
def client(running, script, tmp_path_factory) -> Client:
    """A client that has set itself up."""
    made = Client(tmp_path_factory.mktemp("client"), script, running.estate.aws_endpoint_url)
    answer = made.set_up()
    assert answer.returncode == 0, answer.stderr
    assert {f"{PREFIX}{name}" for name in ("dead-letter", "geo", "pin", "user")} <= set(answer.stdout.split())
    return made


def topics(running: Running) -> dict[str, tuple[str, int, dict[str, str]]]:
    """The id, partitions and own configuration of each topic that a client made."""
    admin = AdminClient({"bootstrap.servers": running.estate.bootstrap_servers})
    names = [name for name in admin.list_topics(timeout=10).topics if name.startswith(PREFIX)]
    found = {}
    for name, described in admin.describe_topics(TopicCollection(names)).items() if names else ():
        [told] = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name)]).values()
        own = {c.name: c.value for c in told.result().values() if c.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value}
        topic = described.result()
        found[name.removeprefix(PREFIX)] = (str(topic.topic_id), len(topic.partitions), own)
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_tampered_archive_stops_it_before_anything_is_unpacked(running, script, tmp_path):
    key = next(part for part in script.split('"') if part.startswith("s3://")).split("/", 3)[3]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as tampered:
        tampered.writestr("evil.jar", b"evil")
    running.estate.client("s3").put_object(Bucket=running.estate.bucket, Key="tampered.zip", Body=archive.getvalue())
    client = Client(tmp_path, script.replace(key, "tampered.zip"), running.estate.aws_endpoint_url)
    before = topics(running)

    answer = client.set_up()

    assert answer.returncode != 0
    assert "computed checksum did NOT match" in answer.stderr
    assert files(client.home) == {}
    assert not (tmp_path / "kafka.sh").exists()
    assert topics(running) == before


def test_it_makes_the_topics_of_the_estate(running, client):
    assert {name: made[1:] for name, made in topics(running).items()} == {
        "pin": (2, {"max.message.bytes": "2097152"}),
        "geo": (2, {"max.message.bytes": "2097152"}),
        "user": (2, {"max.message.bytes": "2097152"}),
        "dead-letter": (1, {"max.message.bytes": "8388608"}),
    }


def test_what_it_installs_is_there_for_everybody_on_the_machine(client):
    for path in [client.folder / "kafka.sh", *client.home.rglob("*")]:
        others = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() or path.parent.name == "bin" else 0)
        assert path.stat().st_mode & others == others, path
    assert {path.name for path in (client.home / "bin").iterdir()} == {
        "kafka-console-consumer.sh",
        "kafka-console-producer.sh",
        "kafka-consumer-groups.sh",
        "kafka-topics.sh",
    }


def test_a_second_run_changes_nothing(running, client):
    before = topics(running), files(client.folder)

    answer = client.set_up()

    assert answer.returncode == 0, answer.stderr
    assert (topics(running), files(client.folder)) == before


def test_its_tools_send_and_read_a_record(client):
    topic = f"{PREFIX}dead-letter"
    sent = client.tool("kafka-console-producer.sh", "--topic", topic, stdin="Crème 😍\n")
    assert sent.returncode == 0, sent.stderr

    read = ("--topic", topic, "--group", "reader", "--from-beginning", "--max-messages", "1", "--timeout-ms", "60000")
    assert client.tool("kafka-console-consumer.sh", *read).stdout == "Crème 😍\n"

    group = client.tool("kafka-consumer-groups.sh", "--describe", "--group", "reader").stdout
    assert ["reader", topic, "0", "1", "1", "0"] in [line.split()[:6] for line in group.splitlines()]


def test_the_real_properties_find_their_classes_and_fail_at_the_broker_alone(client):
    """There is no IAM here. That its classes are found is all that can be seen: the plain broker hangs up on TLS."""
    properties = client.home / "config" / "client.properties"
    offline = properties.read_text()
    properties.write_text(f"{PROPERTIES}default.api.timeout.ms=10000\nrequest.timeout.ms=5000\n")
    try:
        answer = client.tool("kafka-topics.sh", "--list")
    finally:
        properties.write_text(offline)

    assert answer.returncode != 0
    assert re.search("timed out|ssl|authentication", answer.stdout, re.IGNORECASE)
    for missing in ("ClassNotFound", "NoClassDefFound", "could not be found", "Failed to create new"):
        assert missing not in answer.stdout + answer.stderr
