"""Airflow in the test process, with a temporary home; S3, SNS and SQS are moto's, in a separate process.

`make test-local` runs these tests by .build/airflow's Python: `.build/airflow/bin/python -m pytest -n 2 tests/airflow`.
"""

import functools
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.environment import go_offline
from tests.waiting import until

ROOT = Path(__file__).parents[2]
DAG_FILE = ROOT / "airflow" / "dags" / "pin_dag.py"
USER_ID = "0a1b2c3d4e5f"
REGION = "us-east-1"
AIRFLOW = importlib.util.find_spec("airflow")
INSTALLED = AIRFLOW is not None and AIRFLOW.origin is not None  # not our own folder of that name
HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
if INSTALLED:
    go_offline()  # not the database of another Airflow
    os.environ |= {  # Airflow reads them when it is imported
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FILE.parent),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
else:
    collect_ignore_glob = ["test_*.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    if INSTALLED:
        for name in ("asyncio_mode", "asyncio_default_fixture_loop_scope"):  # of a plugin that is not installed
            parser.addini(name, "")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "ignore:ProvidersManager.hooks is deprecated")  # of the providers


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def database() -> None:
    """Creates Airflow's tables, and lets `dag.test` run tasks as Airflow's task runner does."""
    from airflow.sdk.execution_time import supervisor, task_runner
    from airflow.utils.db import initdb

    initdb()
    finalize = task_runner.finalize

    def finalize_with_exception(ti: Any, state: Any, context: Any, log: Any, error: Any = None) -> None:
        finalize(ti, state, context | {"exception": error}, log, error)

    task_runner.finalize = finalize_with_exception  # which `dag.test` leaves out
    # One API server for all tasks: `dag.test` starts one per task, which takes longer than the task.
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of moto's server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    python = ROOT / ".build" / "control-plane" / "bin" / "python"
    command = [python, "-m", "local.kinesis", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            until(lambda: _listens(port), process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Outcome:
    """The result of a run: its state, and the state and number of tries of each task."""

    state: str
    tasks: dict[str, tuple[str, int]]


class Stage:
    """A bucket, an SNS topic, and the DAG that uses them."""

    def __init__(self, moto: str, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.monkeypatch = monkeypatch
        self.bucket = f"bucket-{number}"
        self.s3, sns, self.sqs = (self.client(name, moto) for name in ("s3", "sns", "sqs"))
        self.s3.create_bucket(Bucket=self.bucket)
        self.topic = sns.create_topic(Name=f"alarms-{number}")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName=f"alarms-{number}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        self.connect_aws(moto)
        self.set(user_id=USER_ID, bucket=self.bucket, alarm_topic_arn=self.topic, poll_seconds=1, wait_hours=0)

    def client(self, service: str, url: str) -> Any:
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=url, region_name=REGION, **keys)

    def connect_aws(self, url: str, **services: str) -> None:
        """Sets the address of each AWS service for Airflow."""
        extra = {
            "endpoint_url": url,
            "region_name": REGION,
            "service_config": {name.replace("_", "-"): {"endpoint_url": there} for name, there in services.items()},
            "config_kwargs": {"connect_timeout": 1, "retries": {"total_max_attempts": 2}},
        }
        self.connect("aws_default", conn_type="aws", login="test", password="test", extra=extra)

    def connect(self, name: str, **connection: Any) -> None:
        self.monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))

    def set(self, **settings: Any) -> None:
        """Settings of Airflow's section `pin`."""
        for name, value in settings.items():
            self.monkeypatch.setenv(f"AIRFLOW__PIN__{name.upper()}", str(value))

    def land(self, topic: str, partition: int, offset: int) -> str:
        """Puts an object as the S3 sink does. Returns its key."""
        folder = f"topics/{USER_ID}.{topic}/partition={partition}/"
        key = f"{folder}{USER_ID}.{topic}+{partition}+{offset:010}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"{}\n")
        return key

    def put_progress(self, last_read: list[str] = (), breaches: list[str] = (), summary: str = "10 in") -> None:
        """Saves the progress of a load that has read up to these objects."""
        quality = {"judged": "2026-11-24T19:05:00Z", "summary": summary, "breaches": list(breaches)}
        progress = {"last_read": {f"{key.rpartition('/')[0]}/": key for key in last_read}, "quality": quality}
        self.s3.put_object(Bucket=self.bucket, Key="progress/batch.json", Body=json.dumps(progress).encode())

    def parse(self, **settings: Any) -> Any:
        """The DAG's file with these settings, as a module."""
        self.set(**settings)
        spec = importlib.util.spec_from_file_location("pin_dag", DAG_FILE)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def run(self, module: Any) -> Outcome:
        """Run its DAG once, with triggers and retries."""
        module.dag.deadline = []  # `dag.test` cannot end a run that has one; test_late.py tests it
        run = module.dag.test()
        tasks = {each.task_id: (str(each.state), each.try_number) for each in run.get_task_instances()}
        return Outcome(str(run.state), tasks)

    def messages(self) -> list[tuple[str, str]]:
        """(subject, message) of everything published to the topic, in order."""
        found = []
        while batch := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                body = json.loads(message["Body"])
                found.append((body["Timestamp"], body["Subject"], body["Message"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [(subject, text) for _, subject, text in sorted(found)]


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return iter(range(1000))


@pytest.fixture
def stage(database, moto, monkeypatch, numbers) -> Stage:
    return Stage(moto, monkeypatch, next(numbers))


class Command:
    """A shell script in place of `python -m jobs`, in its own folder; it records its arguments."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.write("true")

    def write(self, script: str) -> None:
        """Sets what else it does; its exit code is the script's."""
        program = self.folder / "jobs"
        program.write_text(f'#!/bin/sh\ncd {self.folder}\necho "$@" >> calls\n{script}\n')
        program.chmod(0o755)

    def calls(self) -> list[str]:
        """The arguments of each call so far."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def dag(self, **settings: Any) -> Any:
        """The DAG's module, with this command."""
        return self.stage.parse(engine="local", local_command=self.folder / "jobs", **settings)


@pytest.fixture
def command(stage, tmp_path) -> Command:
    return Command(stage, tmp_path)
