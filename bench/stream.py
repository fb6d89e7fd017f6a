"""The stream lane on moto's Kinesis and S3: its source beside a plain boto3 loop, latency, and what idling costs."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psutil

from bench.table import Row
from emulator.generator import generate
from jobs.kinesis import KinesisDataSource
from jobs.session import session
from jobs.stream_progress import MicroBatch, load_stream_progress
from local.setup import ROOT
from pipeline.entities import ENTITIES
from pipeline.estate import Estate, load_estate, save_estate
from pipeline.settings import Settings
from tests.integration.stream.faults import FaultProxy
from tests.integration.stream.kinesis import Stream
from tests.integration.stream.moto import REGION, Moto, outputs

RECORDS = 60_000  # that the source reads
RATE = 500  # events a second, for latency
WARM_UP, MEASURED, IDLE = 40, 60, 30  # seconds


def measure(settings: Settings) -> list[Row]:
    """All of it, on servers of its own."""
    with Moto(settings.state) as moto, FaultProxy(kinesis=moto.url) as counting:
        save_estate(settings, outputs(settings.user_id, counting.url))
        estate = load_estate(settings)
        moto.client("s3").create_bucket(Bucket=estate.bucket)
        return [*_source(settings, estate, moto), *_latency_and_idling(settings, estate, moto, counting)]


def _source(settings: Settings, estate: Estate, moto: Moto) -> Iterator[Row]:
    """Records a second into a sink that drops them; loop and source in turns."""
    pins = [orjson.dumps(row) for row in _rows("pin", RECORDS)]
    options = {"region": REGION, "endpoint": moto.url, "awsAccessKey": "test", "awsSecretKey": "test"}
    with session(settings, estate, "bench", records=0) as spark:
        spark.dataSource.register(KinesisDataSource)

        def read(stream: str) -> float:
            """Seconds of all micro-batches with records: each from looking for them to having handed them over."""
            source = spark.readStream.format("kinesis").options(**options, streamName=stream)
            source = source.option("initialPosition", "trim_horizon").load()
            checkpoint = estate.uri(f"checkpoints/{stream}")
            query = source.writeStream.format("noop").option("checkpointLocation", checkpoint).start()
            query.processAllAvailable()
            busy = [batch.durationMs["triggerExecution"] for batch in query.recentProgress if batch.numInputRows]
            query.stop()
            return sum(busy) / 1000

        for shards in (0, 1, 2, 4):  # 0: to warm up
            stream = Stream(moto.client("kinesis"), f"bench-{shards}").create(shards or 1)
            number = RECORDS if shards else 10_000
            stream.put((str(n), pin) for n, pin in enumerate(pins[:number]))
            started = time.perf_counter()
            assert len(stream.read()) == number
            loop = number / (time.perf_counter() - started)
            ours = number / read(stream.name)
            if shards:
                yield Row(
                    f"a plain boto3 loop over {shards} shard{'s' if shards > 1 else ''}",
                    f"{loop:,.0f} records/s",
                    "baseline",
                )
                yield Row(
                    f"our source from {shards} shard{'s' if shards > 1 else ''}, into Spark rows",
                    f"{ours:,.0f} records/s",
                    f"{ours / loop:.2f}x the loop (target: 0.8x); limited by boto3 and moto, a process each",
                )


def _latency_and_idling(settings: Settings, estate: Estate, moto: Moto, counting: FaultProxy) -> Iterator[Row]:
    for name in estate.streams.values():
        Stream(moto.client("kinesis"), name).create(2)
    with _job(settings) as process:
        for entity in ENTITIES:  # compiles all that a micro-batch needs
            _put(estate, moto, entity.name, 0, 100)
        _await_records(estate, 100)
        stop = threading.Event()
        arriving = threading.Thread(target=_arrive, args=(estate, moto, stop))
        arriving.start()
        time.sleep(WARM_UP)
        since = time.time()
        time.sleep(MEASURED)
        stop.set()
        arriving.join()
        batches = [
            batch
            for progress in load_stream_progress(estate).values()
            for batch in progress.batches
            if batch.committed > since
        ]
        time.sleep(15)  # until all of it is in the tables
        calls, cpu, began = counting.calls.copy(), _cpu_seconds(process), time.perf_counter()
        time.sleep(IDLE)
        took = time.perf_counter() - began
        idle_calls = (counting.calls - calls).total() / took
        idle_cpu = (_cpu_seconds(process) - cpu) / took
    yield Row(
        f"arrival to commit at {RATE} events/s over three streams",
        f"p50 {_weighted(batches, 'latency_p50', 50):.1f} s, p99 {_weighted(batches, 'latency_p99', 99):.1f} s",
        f"{len(batches) / MEASURED * 60:.0f} micro-batches a minute; limited by Delta's commits, three on two cores",
    )
    yield Row(
        "an idle stream lane: three streams of two shards, a look a second",
        f"{idle_calls:.1f} API calls/s, {idle_cpu:.2f} cores",
        "a GetRecords a shard a second (TRIGGER), a ListShards a stream every ten",
    )


def _rows(entity: str, number: int) -> list[dict[str, Any]]:
    columns = next(known.columns for known in ENTITIES if known.name == entity)
    blocks = generate(100, number)
    return [dict(zip(columns, row, strict=True)) for block in blocks for row in getattr(block, entity)]


def _put(estate: Estate, moto: Moto, entity: str, first: int, last: int) -> None:
    key = next(known.key for known in ENTITIES if known.name == entity)
    pairs = [(str(row[key]), json.dumps(row).encode()) for row in _rows(entity, last)[first:last]]
    Stream(moto.client("kinesis"), estate.streams[entity]).put(pairs)


def _arrive(estate: Estate, moto: Moto, stop: threading.Event) -> None:
    """RATE events a second, a third of them in each stream, five times a second."""
    total = (WARM_UP + MEASURED) * RATE // len(ENTITIES) + RATE
    rows = {
        entity.name: [(str(row[entity.key]), json.dumps(row).encode()) for row in _rows(entity.name, total)]
        for entity in ENTITIES
    }
    streams = {name: Stream(moto.client("kinesis"), stream) for name, stream in estate.streams.items()}
    done, started = 100, time.monotonic()
    while not stop.wait(0.2):
        due = min(total, 100 + int((time.monotonic() - started) * RATE / len(ENTITIES)))
        for name, stream in streams.items():
            stream.put(rows[name][done:due])
        done = due


@contextmanager
def _job(settings: Settings) -> Iterator[psutil.Process]:
    log = settings.state / "job.log"
    own = os.environ | {"STATE": str(settings.state), "USER_ID": settings.user_id}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "jobs", "stream"], cwd=ROOT, env=own, stdout=out, stderr=out)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _await_records(estate: Estate, number: int) -> None:
    deadline = time.monotonic() + 120
    while any(progress.figures.records_in < number for progress in load_stream_progress(estate).values()):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _cpu_seconds(process: psutil.Process) -> float:
    """Of the process, its JVM and its Python workers."""
    times = [member.cpu_times() for member in [process, *process.children(recursive=True)]]
    return sum(spent.user + spent.system for spent in times)


def _weighted(batches: list[MicroBatch], figure: str, percent: int) -> float:
    """A percentile over micro-batches, each as heavy as its records."""
    ordered = sorted((getattr(batch, figure), batch.records) for batch in batches)
    left = sum(records for _, records in ordered) * percent / 100
    for value, records in ordered:
        left -= records
        if left <= 0:
            return float(value)
    return 0.0
