"""The image with Kafka's tools: topics are made, a record is sent and read, and IAM finds its classes."""

import json
import subprocess
import time
import uuid

import pytest

LEAST = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp:exec")


def docker(*arguments, stdin=None):
    return subprocess.run(["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=180)


@pytest.fixture(scope="module")
def network(engine, images):
    """A network with a broker in it, `kafka`."""
    name = f"kafka-client-{uuid.uuid4().hex[:8]}"
    assert docker("network", "create", name).returncode == 0
    broker = docker("run", "--detach", f"--network={name}", "--name", f"{name}-broker", "--hostname=kafka",
                    "--network-alias=kafka", *LEAST, "--volume=/data", images("kafka"))  # fmt: skip
    assert broker.returncode == 0, broker.stderr
    yield name
    docker("rm", "--force", "--volumes", f"{name}-broker")
    docker("network", "rm", name)


@pytest.fixture(scope="module")
def client(network, images):
    def run(*command, stdin=None, servers="kafka:9092", options=()):
        given = (
            "run",
            "--rm",
            "--interactive",
            f"--network={network}",
            *LEAST,
            "--env",
            f"BOOTSTRAP_SERVERS={servers}",
        )
        return docker(*given, *options, images("kafka-client"), *command, stdin=stdin)

    made = run("create-topics", "sent:1", "u.pin:3")  # waits for the broker
    assert made.returncode == 0, made.stderr
    return run


def topics(client):
    described = client("kafka-topics.sh", "--describe").stdout.splitlines()
    lines = [dict(part.split(": ", 1) for part in line.split("\t") if ": " in part) for line in described]
    return {line["Topic"]: line for line in lines if "PartitionCount" in line}


def test_topics_that_are_named_are_made_once(client):
    before = topics(client)
    assert [before[name]["PartitionCount"] for name in ("sent", "u.pin")] == ["1", "3"]

    again = client("create-topics", "sent:1", "u.pin:3")

    assert again.stdout == "topic sent: was there\ntopic u.pin: was there\n"
    assert topics(client).keys() == before.keys()


def test_topics_of_the_estate_are_made_with_their_configuration(client, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "estate.json").write_text(
        json.dumps(
            {
                "topics": {"pin": "e.pin"},
                "topic_partitions": 2,
                "dead_letter_topic": "e.dead-letter",
                "topic_config": {"max.message.bytes": "2097152"},
                "dead_letter_topic_config": {"max.message.bytes": "8388608"},
            }
        )
    )
    made = client("create-topics", options=("--volume", f"{tmp_path}:/state:ro", "--env", "STATE=/state"))
    assert made.returncode == 0, made.stderr
    found = topics(client)
    assert [found[name]["PartitionCount"] for name in ("e.pin", "e.dead-letter")] == ["2", "1"]
    assert "max.message.bytes=2097152" in found["e.pin"]["Configs"]
    assert "max.message.bytes=8388608" in found["e.dead-letter"]["Configs"]


@pytest.mark.parametrize("codec", ["none", "zstd", "snappy", "lz4", "gzip"])
def test_a_record_is_sent_and_read(client, codec):
    text = f"Crème 😍 {codec}\n"
    sent = client("kafka-console-producer.sh", "--topic", "sent", "--compression-codec", codec, stdin=text)
    assert sent.returncode == 0, sent.stderr

    read = client(
        "kafka-console-consumer.sh", "--topic", "sent", "--group", "reader", "--max-messages", "1",
        "--timeout-ms", "60000", "--from-beginning",
    )  # fmt: skip

    assert read.stdout == text, read.stderr


def test_a_groups_place_is_told(client):
    client("kafka-console-producer.sh", "--topic", "u.pin", stdin="one\n")
    read = ("--topic", "u.pin", "--group", "told", "--from-beginning", "--max-messages", "1", "--timeout-ms", "60000")
    assert client("kafka-console-consumer.sh", *read).stdout == "one\n"
    told = client("kafka-consumer-groups.sh", "--describe", "--group", "told").stdout.splitlines()
    assert sorted(line.split()[:2] for line in told if line.startswith("told")) == [["told", "u.pin"]] * 3


def test_with_a_region_it_speaks_iam_and_fails_at_the_plain_broker_alone(client):
    """There is no IAM here. That its classes are found is all that can be seen: the plain broker hangs up on TLS."""
    answer = client("create-topics", "a:1", options=("--env", "IAM_REGION=eu-west-1", "--env", "WAIT=10"))
    assert answer.stderr == "error: Kafka at kafka:9092 does not answer: no connection, or no word\n"
    assert (answer.returncode, answer.stdout) == (75, "")


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        ("", "error: BOOTSTRAP_SERVERS is not set: give the brokers as host:port,...\n"),
        (
            "nowhere.invalid:9092",
            "error: Kafka at nowhere.invalid:9092 does not answer: No resolvable bootstrap urls given in "
            "bootstrap.servers\n",
        ),
    ],
)
def test_where_there_is_no_broker_it_says_so_in_one_line(client, servers, said):
    answer = client("create-topics", "a:1", servers=servers, options=("--env", "WAIT=1"))
    assert (answer.stdout, answer.stderr) == ("", said)
    assert answer.returncode == (75 if servers else 78)


@pytest.mark.parametrize("command", [("kafka-console-consumer.sh", "--topic", "sent"), ("create-topics", "a:1")])
def test_it_ends_when_told_to(network, images, command):
    servers = "kafka:9092" if "--topic" in command else "nowhere.invalid:1"
    started = docker("run", "--detach", f"--network={network}", *LEAST, "--env", f"BOOTSTRAP_SERVERS={servers}",
                     images("kafka-client"), *command)  # fmt: skip
    container = started.stdout.strip()
    try:
        time.sleep(3)
        assert docker("stop", "--time=10", container).returncode == 0
        assert docker("inspect", "--format={{.State.ExitCode}}", container).stdout == "143\n"  # 137: it was killed
    finally:
        docker("rm", "--force", container)


def test_what_runs_is_nobody_in_particular_and_can_write_nothing(client):
    assert client("id", "-u").stdout == "1000\n"
    assert client("touch", "/opt/kafka/config/client.properties").returncode != 0
