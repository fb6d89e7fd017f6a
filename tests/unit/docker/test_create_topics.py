"""docker/bin/create-topics: which topics it asks Kafka's tool for, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

SCRIPT = Path(__file__).parents[3] / "docker" / "bin" / "create-topics"
ESTATE = {
    "topics": {"pin": "u.pin", "geo": "u.geo"},
    "topic_partitions": 3,
    "dead_letter_topic": "u.dead-letter",
    "topic_config": {"max.message.bytes": "2097152"},
    "dead_letter_topic_config": {"max.message.bytes": "8388608"},
}
# In place of Kafka's: writes down what it is asked for, and answers as the real one does.
TOOL = """#!/bin/bash
echo "$@" >> "$CALLS"
[ "$1" != --list ] || { cat "$TOPICS"; exit; }
[ -z "$REFUSAL" ] || { cat "$REFUSAL"; exit 1; }
"""


@pytest.fixture
def create(tmp_path):
    (tmp_path / "kafka-topics.sh").write_text(TOOL)
    (tmp_path / "kafka-topics.sh").chmod(0o755)

    def run(*arguments, there="", refusal=None, **environment):
        calls, topics = tmp_path / "calls", tmp_path / "topics"
        calls.write_text("")
        topics.write_text(there)
        if refusal:
            (tmp_path / "refusal").write_text(refusal)
            environment["REFUSAL"] = str(tmp_path / "refusal")
        answer = subprocess.run(
            [sys.executable, SCRIPT, *arguments],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "TOPICS": str(topics)} | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return answer, calls.read_text().splitlines()

    return run


def test_it_makes_the_topics_that_are_named_and_not_there(create):
    answer, calls = create("u.pin:3", "u.geo:1", there="other\nu.geo\n")
    assert calls == ["--list", "--create --if-not-exists --topic u.pin --partitions 3"]
    assert answer.stdout == "topic u.pin: made, partitions: 3\ntopic u.geo: was there\n"
    assert answer.returncode == 0


def test_without_names_it_makes_those_of_the_estate(create, tmp_path):
    (tmp_path / "estate.json").write_text(json.dumps(ESTATE))
    answer, calls = create(STATE=str(tmp_path))
    assert answer.returncode == 0
    assert calls == [
        "--list",
        "--create --if-not-exists --topic u.pin --partitions 3 --config max.message.bytes=2097152",
        "--create --if-not-exists --topic u.geo --partitions 3 --config max.message.bytes=2097152",
        "--create --if-not-exists --topic u.dead-letter --partitions 1 --config max.message.bytes=8388608",
    ]


@pytest.mark.parametrize("argument", ["u.pin", ":3", "u.pin:0", "u.pin:x", "u pin:1", "-x:1", "--help"])
def test_an_argument_that_is_no_topic_is_refused_before_anything_is_made(create, argument):
    answer, calls = create("good:1", argument)
    assert answer.returncode == 64
    assert answer.stderr == f"error: create-topics: '{argument}' is no NAME:PARTITIONS, e.g. 0a1b2c3d4e5f.pin:3\n"
    assert calls == []


def test_where_there_is_no_estate_it_says_what_to_do(create, tmp_path):
    answer, calls = create(STATE=str(tmp_path))
    assert answer.returncode == 78
    assert answer.stderr == (
        f"error: {tmp_path}/estate.json cannot be read (No such file or directory): name topics as NAME:PARTITIONS, "
        "or set STATE to the folder that `make infra` wrote estate.json to\n"
    )
    assert calls == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"topics": {}, "topic_partitions": "x"}', json.dumps({"topics": []})]
)
def test_a_file_that_is_no_estate_is_refused(create, tmp_path, text):
    (tmp_path / "estate.json").write_text(text)
    answer, _ = create(STATE=str(tmp_path))
    assert answer.returncode == 78
    assert answer.stderr == f"error: {tmp_path}/estate.json is not the estate's outputs: `make infra` writes it\n"


# What kafka-topics.sh 4.1.2 printed.
@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            "Error while executing topic command : Topic 'a.' collides with existing topic: a_\n"
            "ERROR TopicCommand: org.apache.kafka.common.errors.InvalidTopicException: "
            "Topic 'a.' collides with existing topic: a_\n",
            "Topic 'a.' collides with existing topic: a_",
        ),
        (
            "Failed to create new KafkaAdminClient\n"
            "org.apache.kafka.common.KafkaException: Failed to create new KafkaAdminClient\n"
            "\tat org.apache.kafka.clients.admin.KafkaAdminClient.createInternal(KafkaAdminClient.java:572)\n"
            "Caused by: org.apache.kafka.common.config.ConfigException: Invalid url in bootstrap.servers: 172.17.0.1\n"
            "\tat org.apache.kafka.clients.ClientUtils.parseAndValidateAddresses(ClientUtils.java:74)\n",
            "Invalid url in bootstrap.servers: 172.17.0.1",
        ),
        ("\n", "no reason given"),
    ],
)
def test_what_kafka_says_is_told_in_one_line(create, refusal, said):
    answer, _ = create("a:1", "b:1", refusal=refusal)
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", f"error: {said}\n")
