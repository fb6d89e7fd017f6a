"""The stream job on Kinesis and moto's S3, behind a proxy that can let Kinesis fail: no other server is needed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from local.stack import Stack
from pipeline.estate import load_estate, save_estate
from pipeline.settings import load
from tests.delta import read_table
from tests.integration.conftest import ROOT, Running
from tests.integration.stream.faults import FaultProxy
from tests.integration.stream.kinesis import Stream
from tests.integration.stream.moto import Moto, outputs
from tests.waiting import until


@dataclass(frozen=True)
class Job:
    """The stream job in a STATE of its own, over streams of its own."""

    running: Running
    streams: dict[str, Stream]  # by entity
    engine: str = "duckdb"

    @property
    def log(self) -> Path:
        """What the jobs started by `launch` say."""
        return self.running.settings.state / "job.log"

    def launch(self, **settings: object) -> subprocess.Popen[bytes]:
        """Stream on and on, in a session of its own: its JVM can be killed with it."""
        environment = self.running.environment(**{name: str(value) for name, value in self._with(settings).items()})
        with self.log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "jobs", "stream"],
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def once(self, check: bool = True, **settings: object) -> subprocess.CompletedProcess[str]:
        """Load what is there."""
        return self.running.run("jobs", "stream", "--once", check=check, **self._with(settings))

    def _with(self, settings: dict[str, object]) -> dict[str, object]:
        return {"ENGINE": self.engine} | settings

    def rows(self, *tables: str) -> dict[str, list[dict[str, Any]]]:
        """The stream lane's tables."""
        return {table: read_table(self.running.estate, table, "stream") for table in tables}

    def figures(self, entity: str) -> dict[str, int]:
        """What has been counted of a stream so far; zeros when nothing has."""
        estate = self.running.estate
        s3 = estate.client("s3")
        try:
            stored = s3.get_object(Bucket=estate.bucket, Key=estate.stream_progress_key(entity))
        except s3.exceptions.NoSuchKey:
            return {"records_in": 0, "clean": 0, "rejected": 0, "superseded": 0, "missing": 0}
        return json.loads(stored["Body"].read())["figures"]

    def await_records(self, entity: str, number: int, process: subprocess.Popen[bytes]) -> None:
        """Return when so many records of a stream are in the tables."""
        until(lambda: self.figures(entity)["records_in"] >= number, process, self.log, lambda: self.figures(entity))


@pytest.fixture(scope="session")
def moto(tmp_path_factory) -> Iterator[Moto]:
    with Moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(moto) -> Iterator[FaultProxy]:
    with FaultProxy(kinesis=moto.url, seed=1) as passing:
        yield passing


@pytest.fixture(params=["duckdb", "spark"])
def engine(request) -> str:
    return request.param


@pytest.fixture
def new_job(moto, proxy, tmp_path, request, engine) -> Callable[[int], Job]:
    """Make a bucket and three streams of so many shards, and the job that reads them."""

    def make(shards: int) -> Job:
        user_id = f"job-{crc32(request.node.name.encode()):08x}"
        settings = load(state=tmp_path / "state", user_id=user_id)
        save_estate(settings, outputs(user_id, proxy.url))
        estate = load_estate(settings)
        moto.client("s3").create_bucket(Bucket=estate.bucket)
        streams = {name: Stream(moto.client("kinesis"), stream) for name, stream in estate.streams.items()}
        for stream in streams.values():
            stream.create(shards)
        return Job(Running(settings, Stack(settings), estate), streams, engine)

    return make


def kill(process: subprocess.Popen[bytes], whole: bool) -> None:
    """SIGKILL the driver: its Python alone, which leaves a JVM behind for a moment, or the JVM and the workers too."""
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    assert process.wait() == -signal.SIGKILL
