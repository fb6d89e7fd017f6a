"""What is promised about processes that die: each is killed for real (SIGKILL), on a stack of these tests' own."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from emulator.kafka import Kafka
from local.services import CONNECT, KAFKA
from local.stack import Stack
from pipeline.entities import ENTITIES
from pipeline.estate import estate_file, load_estate
from pipeline.settings import load
from tests.delta import read_table
from tests.integration.conftest import ROOT, Running, start
from tests.integration.inventory import inventory
from tests.waiting import PATIENCE, until

SEED = 20201020


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    state = tmp_path_factory.mktemp("kills")
    try:
        yield start(state, "killed-0001")
    finally:
        Stack(load(state=state)).down()


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


def test_an_emulator_killed_five_times_leaves_every_row_in_the_tables_once(stack, chance):
    options = {"ROWS": 6000, "SEED": 1, "RATE": 3000, "BATCH_SIZE": 50}
    acknowledged = stack.settings.state / "emulator" / f"{stack.settings.user_id}-offline" / "acknowledged.jsonl"
    for _ in range(5):
        size = acknowledged.stat().st_size if acknowledged.exists() else 0
        emulator = launch(stack, "emulator", **options)
        until(lambda size=size: acknowledged.exists() and acknowledged.stat().st_size > size, emulator)
        time.sleep(chance.uniform(0, 1.2))
        kill(emulator)

    shown = stack.run("emulator", **options)

    assert "resuming:" in shown.stdout
    assert "0 missing" in stack.run("emulator", "verify").stdout
    assert "18,000 clean" in stack.run("jobs", "batch").stdout
    for rows in tables(stack).values():
        assert [row["ind"] for row in rows] == list(range(6000))


def test_a_connect_worker_killed_five_times_neither_loses_nor_doubles_a_line(stack, chance):
    emulator = launch(stack, "emulator", ROWS=9000, SEED=2, RATE=900, BATCH_SIZE=100, WAIT="no")
    for _ in range(5):
        time.sleep(chance.uniform(0.5, 1.5))
        kill_server(stack, CONNECT)
        stack.stack.up()
    assert emulator.wait(PATIENCE) == 0
    stack.await_landed()

    for topic in stack.estate.topics.values():
        assert landed_by_partition(stack, topic) == kafka_by_partition(stack, topic)


def test_a_broker_killed_in_the_middle_loses_nothing_that_was_acknowledged(stack):
    emulator = launch(stack, "emulator", ROWS=3000, SEED=3, RATE=900, BATCH_SIZE=100, WAIT="no")
    time.sleep(3)
    assert emulator.poll() is None  # still sending
    kill_server(stack, KAFKA)
    stack.stack.up()
    assert emulator.wait(PATIENCE) == 0
    stack.await_landed()

    assert stack.run("emulator", "verify").stdout.count("0 missing") == 3
    for topic in stack.estate.topics.values():
        assert landed_by_partition(stack, topic) == kafka_by_partition(stack, topic)


def killed_as_spark_has_started(stack, chance):
    lock = stack.settings.state / "batch.lock"
    before = lock.exists() and lock.read_text()
    batch = launch(stack, "jobs", "batch", ENGINE="spark")
    until(lambda: lock.read_text() != before, batch)
    time.sleep(chance.uniform(0, 1.5))
    kill(batch)


def killed_as_a_table_is_written(stack, chance, engine, longest):
    before = table_objects(stack)
    batch = launch(stack, "jobs", "batch", ENGINE=engine)
    until(lambda: table_objects(stack) != before, batch)
    time.sleep(chance.uniform(0, longest))
    kill(batch)


@pytest.mark.parametrize("engine", ["spark", "duckdb"])
def test_a_batch_killed_at_any_moment_is_made_good_by_the_next(stack, chance, engine):
    """What the last run leaves is what counts. The tables are the same ones, whichever engine went before."""
    stack.run("emulator", ROWS=4000, SEED=4 if engine == "spark" else 5)
    if engine == "spark":
        killed_as_spark_has_started(stack, chance)
        killed_as_a_table_is_written(stack, chance, engine, longest=1.5)
    else:
        forget_tables(stack)  # so that each of them is made anew, and there is time between its commits
    for _ in range(1 if engine == "spark" else 4):
        killed_as_a_table_is_written(stack, chance, engine, longest=1.5 if engine == "spark" else 0.2)

    shown = stack.run("jobs", "batch", ENGINE=engine).stdout

    expected = {entity.name: keys_in_s3(stack, stack.estate.topics[entity.name]) for entity in ENTITIES}
    incremental = tables(stack)
    assert {name: [row["ind"] for row in rows] for name, rows in incremental.items()} == {
        name: sorted(keys) for name, keys in expected.items()
    }
    figures = progress(stack)["figures"]
    for entity in ENTITIES:
        topic = stack.estate.topics[entity.name]
        lines = len(stack.landed_lines(topic))
        clean = len(expected[entity.name])
        assert figures[topic] == {
            "records_in": lines,
            "clean": clean,
            "rejected": 0,
            "superseded": lines - clean,
            "missing": 0,
        }
    assert "report: " in shown or "the report stands" in shown

    forget_tables(stack)
    stack.run("jobs", "batch", ENGINE=engine)
    assert tables(stack) == incremental


def test_a_rebuild_that_is_killed_changes_nothing(stack, chance):
    before, rows = progress(stack), tables(stack)

    rebuild = launch(stack, "jobs", "batch", REBUILD="yes")
    objects = table_objects(stack)
    until(lambda: table_objects(stack) != objects, rebuild)
    time.sleep(chance.uniform(0, 0.2))
    kill(rebuild)

    assert (progress(stack), tables(stack)) == (before, rows)
    assert "nothing new" in stack.run("jobs", "batch").stdout
    stack.run("jobs", "batch", REBUILD="yes")
    assert tables(stack) == rows
    assert progress(stack)["figures"] == before["figures"]


def test_a_stack_that_was_stopped_comes_back_with_everything(stack):
    """LocalStack forgets S3 when it stops; Kafka does not."""
    before = {topic: landed_by_partition(stack, topic) for topic in stack.estate.topics.values()}
    rows = tables(stack)

    stack.run("local", "down")
    assert stack.run("local", "status", check=False).returncode == 1
    stack.run("local", "ready")
    stack = replace(stack, estate=load_estate(stack.settings))
    stack.await_landed()
    stack.run("jobs", "batch")

    assert {topic: landed_by_partition(stack, topic) for topic in stack.estate.topics.values()} == before
    assert tables(stack) == rows


def test_destroy_leaves_nothing(stack):
    """The last of these tests: nothing else needs an estate afterwards."""
    shown = stack.run("infra", "destroy").stdout

    assert "194 destroyed" in shown
    assert {service: left for service, left in inventory(stack).items() if left} == {}
    assert not estate_file(stack.settings).exists()
    again = stack.run("infra", "destroy", check=False)
    assert (again.returncode, again.stderr) == (1, "error: nothing to destroy: the estate does not exist\n")


def launch(stack: Running, *command: str, **settings: object) -> subprocess.Popen[bytes]:
    """One of the project's commands, in the background."""
    variables = {name: str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=stack.environment(**variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def kill_server(stack: Running, service) -> None:
    process = stack.stack.registry.live(service.name).process()
    process.kill()
    process.wait(10)


def tables(stack: Running) -> dict[str, list[dict]]:
    """The rows of the clean tables, by key."""
    return {entity.name: read_table(stack.estate, entity.name) for entity in ENTITIES}


def table_objects(stack: Running) -> int:
    pages = stack.estate.client("s3").get_paginator("list_objects_v2")
    return sum(page["KeyCount"] for page in pages.paginate(Bucket=stack.estate.bucket, Prefix="tables/"))


def landed_by_partition(stack: Running, topic: str) -> dict[int, list[tuple[int, str]]]:
    """(offset, line) of all that landed, by the names of the objects."""
    s3, found = stack.estate.client("s3"), {}
    for key in stack.object_keys(topic):
        _, partition, first = key.removesuffix(".json").rsplit("+", 2)
        body = s3.get_object(Bucket=stack.estate.bucket, Key=key)["Body"].read().decode()
        found.setdefault(int(partition), []).extend(enumerate(body.split("\n")[:-1], int(first)))
    return found


def kafka_by_partition(stack: Running, topic: str) -> dict[int, list[tuple[int, str]]]:
    consumer = Consumer({"bootstrap.servers": stack.estate.bootstrap_servers, "group.id": "test"})
    ends = Kafka(stack.estate).ends(topic)
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in ends])
    found = {partition: [] for partition, end in ends.items() if end}
    deadline = time.monotonic() + PATIENCE
    while sum(map(len, found.values())) < sum(ends.values()):
        assert time.monotonic() < deadline
        for message in consumer.consume(1000, timeout=0.5):
            found[message.partition()].append((message.offset(), message.value().decode()))
    consumer.close()
    return found


def keys_in_s3(stack: Running, topic: str) -> set[int]:
    rows = map(json.loads, stack.landed_lines(topic))
    return {row["index"] if "index" in row else row["ind"] for row in rows}


def progress(stack: Running) -> dict:
    stored = stack.estate.client("s3").get_object(Bucket=stack.estate.bucket, Key=stack.estate.progress_key)
    return json.loads(stored["Body"].read())


def forget_tables(stack: Running) -> None:
    s3 = stack.estate.client("s3")
    for prefix in ("tables/", "progress/"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=stack.estate.bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                s3.delete_object(Bucket=stack.estate.bucket, Key=item["Key"])
