"""What is put onto Confluent's image, in an image that has Java and a stand-in for Confluent's start script.

Confluent's own image is not where tests run; that its proxy takes these properties is seen in its source alone.
"""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp")
START = """#!/bin/bash
grep -v '^#' "$1"
echo "CLASSPATH=$CLASSPATH"
echo "uid=$(id -u)"
trap 'echo ended; exit' TERM
[ -z "$STAY" ] || while :; do sleep 0.1; done
"""


@pytest.fixture(scope="module")
def image(engine, images):
    """docker/kafka-rest on the Kafka client's image, which has Java and bash."""
    base, tag = images("kafka-client"), "pin-pipeline-test/kafka-rest"
    with_jar = subprocess.run(
        ["docker", "build", "--file", "-", "--tag", tag, ROOT],
        # Its last stage alone: the jar is in the client's image too.
        input=last_stage(base),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert with_jar.returncode == 0, with_jar.stderr
    yield tag
    subprocess.run(["docker", "rmi", tag], capture_output=True)


def last_stage(base):
    text = (ROOT / "docker" / "kafka-rest" / "Dockerfile").read_text()
    stage = text.split("FROM ${BASE_IMAGE}\n")[1]
    jar = "COPY --from=build /jars/ /opt/jars/\n"
    assert stage.count(jar) == 1
    return f"FROM {base} AS jars\nFROM {base}\n" + stage.replace(
        jar, "COPY --from=jars /opt/kafka/libs/aws-msk-iam-auth-*-all.jar /opt/jars/aws-msk-iam-auth.jar\n"
    )


@pytest.fixture
def programs(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "kafka-rest-start").write_text(START)
    (tmp_path / "kafka-rest-start").chmod(0o755)
    return ("--volume", f"{tmp_path}:/programs:ro", "--env", "PATH=/programs:/opt/java/bin:/usr/bin:/bin")


def run(image, programs, *options, **environment):
    given = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    command = ["docker", "run", "--rm", *LEAST, *programs, *given, *options, image]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_it_starts_with_the_estates_environment_in_a_container_that_can_write_to_tmp_alone(image, programs):
    answer = run(
        image,
        programs,
        KAFKA_REST_BOOTSTRAP_SERVERS="b-1.mock:9098",
        KAFKA_REST_IAM_REGION="eu-west-1",
        KAFKA_REST_HOST="0.0.0.0",  # noqa: S104
        KAFKA_REST_TLS_NAME="mock.elb.eu-west-1.amazonaws.com",
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    said = answer.stdout.splitlines()
    assert {
        "bootstrap.servers=b-1.mock:9098",
        "listeners=https://0.0.0.0:8082",
        "client.security.protocol=SASL_SSL",
        "client.sasl.mechanism=AWS_MSK_IAM",
        "ssl.keystore.type=PKCS12",
        "CLASSPATH=/opt/jars/aws-msk-iam-auth.jar",
        "uid=1000",
    } <= set(said)


def test_the_jar_is_where_the_class_path_says(image):
    listed = subprocess.run(
        ["docker", "run", "--rm", "--entrypoint=python3", image, "-c",
         "import os, zipfile; print('software/amazon/msk/auth/iam/IAMLoginModule.class'"
         " in zipfile.ZipFile(os.environ['CLASSPATH']).namelist())"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert listed.stdout == "True\n", listed.stderr


def test_what_is_missing_is_told_in_one_line(image, programs):
    answer = run(image, programs)
    assert (answer.returncode, answer.stdout) == (78, "")
    assert answer.stderr == (
        "error: kafka-rest.properties lacks a value for KAFKA_REST_BOOTSTRAP_SERVERS: set it in the environment\n"
    )


def test_the_proxy_is_told_to_end(image, programs):
    started = subprocess.run(
        [
            "docker",
            "run",
            "--detach",
            *LEAST,
            *programs,
            "--env=STAY=yes",
            "--env=KAFKA_REST_BOOTSTRAP_SERVERS=a:1",
            image,
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    container = started.stdout.strip()
    try:
        subprocess.run(["docker", "stop", "--time=10", container], check=True, capture_output=True)
        logs = subprocess.run(["docker", "logs", container], capture_output=True, text=True)
        assert logs.stdout.endswith("ended\n")
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", container], capture_output=True)
