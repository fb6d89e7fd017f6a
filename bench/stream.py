"""The stream lane on the offline Kinesis, by each engine: beside a plain boto3 loop, latency, and what idling costs."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.sizes import Sizes
from bench.table import Row
from bench.watch import watch
from jobs.kinesis import KinesisDataSource
from jobs.spark.session import session
from jobs.stream_log import weighted_percentile
from jobs.stream_progress import load_stream_progress
from local.setup import ROOT
from pipeline.estate import Estate, load_estate, save_estate
from pipeline.settings import Settings
from tests.integration.stream.faults import FaultProxy
from tests.integration.stream.kinesis import Stream, events
from tests.integration.stream.moto import REGION, Moto, outputs

FIRST = 100  # records of each stream that come before what is measured
RATE = 500  # events a second, for latency
SEED = 100
NAMES = {"duckdb": "DuckDB", "spark": "Spark"}


def measure(settings: Settings, sizes: Sizes) -> list[Row]:
    """All of it, on servers of its own."""
    rows: list[Row] = []
    for engine, seconds in (("duckdb", sizes.steady), ("spark", sizes.measured)):
        with Moto(settings.state) as moto, FaultProxy(kinesis=moto.url) as counting:
            own = settings.model_copy(update={"state": settings.state / engine, "engine": engine})
            save_estate(own, outputs(own.user_id, counting.url))
            estate = load_estate(own)
            moto.client("s3").create_bucket(Bucket=estate.bucket)
            rate = _embedded if engine == "duckdb" else _source
            rows += rate(own, moto, sizes.source_records)
            rows += _latency_and_idling(own, estate, moto, counting, sizes, seconds)
    return rows


def _embedded(settings: Settings, moto: Moto, records: int) -> Iterator[Row]:
    """Records a second into a Delta table, each by a lane that is new."""
    pins = events(records, SEED)["pin"]
    for shards in (1, 2, 4):
        user_id = f"{settings.user_id}{shards}"
        own = settings.model_copy(update={"state": settings.state / str(shards), "user_id": user_id})
        save_estate(own, outputs(own.user_id, moto.url))
        lane = load_estate(own)
        moto.client("s3").create_bucket(Bucket=lane.bucket)
        streams = {name: Stream(moto.client("kinesis"), stream) for name, stream in lane.streams.items()}
        for name, stream in streams.items():
            stream.create(shards if name == "pin" else 1)
        streams["pin"].put(pins)
        loop = _loop(streams["pin"], records)
        run = watch(["jobs", "stream", "--once"], {"STATE": str(own.state), "USER_ID": own.user_id})
        found = re.search(r"([0-9.]+) s in all", run.output)
        assert found, run.output
        yield from _beside_loop("DuckDB from {}, into Delta", shards, loop, records / float(found[1]))


def _source(settings: Settings, moto: Moto, records: int) -> Iterator[Row]:
    """Records a second into a sink that drops them; loop and source in turns."""
    estate = load_estate(settings)
    pins = events(records, SEED)["pin"]
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
            number = records if shards else min(records, 10_000)
            stream.put(pins[:number])
            loop = _loop(stream, number)
            ours = number / read(stream.name)
            if shards:
                yield from _beside_loop("our source from {}, into Spark rows", shards, loop, ours)


def _loop(stream: Stream, records: int) -> float:
    """Records per second that a plain boto3 loop reads of a stream that holds `records`."""
    started = time.perf_counter()
    assert len(stream.read()) == records
    return records / (time.perf_counter() - started)


def _beside_loop(what: str, shards: int, loop: float, ours: float) -> Iterator[Row]:
    """The rows of the loop and of ours, both in records per second; `{}` in `what` is where they come from."""
    place = f"{shards} shard{'s' if shards > 1 else ''}"
    yield Row(f"a plain boto3 loop over {place}", f"{loop:,.0f} records/s", "baseline")
    yield Row(what.format(place), f"{ours:,.0f} records/s", f"{ours / loop:.2f}x the loop (target: 0.8x)")


def _latency_and_idling(
    settings: Settings, estate: Estate, moto: Moto, counting: FaultProxy, sizes: Sizes, seconds: float
) -> Iterator[Row]:
    """`seconds`: how long latency is measured, a row a minute where it is several."""
    streams = {name: Stream(moto.client("kinesis"), stream).create(2) for name, stream in estate.streams.items()}
    arrivals = events(FIRST + int((sizes.warm_up + seconds + 1) * RATE / len(streams)), SEED)
    by = NAMES[settings.engine]
    with _job(settings) as process:
        for name, stream in streams.items():  # compiles all that a micro-batch needs
            stream.put(arrivals[name][:FIRST])
        _await_records(estate, FIRST)
        stop = threading.Event()
        arriving = threading.Thread(target=_arrive, args=(streams, arrivals, stop))
        arriving.start()
        time.sleep(sizes.warm_up)
        minutes = [_minute(estate, process, min(60.0, seconds)) for _ in range(max(1, round(seconds / 60)))]
        stop.set()
        arriving.join()
        for number, minute in enumerate(minutes, start=1):
            if number in (1, len(minutes) // 2, len(minutes)):
                yield Row(
                    f"{by}: arrival to commit at {RATE} events/s over three streams, minute {number}",
                    f"p50 {minute.p50:.2f} s, p99 {minute.p99:.2f} s",
                    f"{minute.batches:.0f} micro-batches a minute, {minute.cores:.2f} cores, {minute.mib:,.0f} MiB, "
                    f"{minute.files:,} files",
                )
        time.sleep(15)  # until all of it is in the tables
        calls, cpu, began = counting.calls.copy(), _cpu_seconds(process), time.perf_counter()
        time.sleep(sizes.idle)
        took = time.perf_counter() - began
        idle_calls = (counting.calls - calls).total() / took
        idle_cpu = (_cpu_seconds(process) - cpu) / took
    yield Row(
        f"{by}: an idle lane, three streams of two shards",
        f"{idle_calls:.1f} API calls/s, {idle_cpu:.2f} cores",
        "a GetRecords a shard a second, a ListShards a stream every ten",
    )


@dataclass(frozen=True)
class Minute:
    """Latencies in seconds of the records committed in it; micro-batches a minute; at its end: memory, and the objects
    of the lane's tables."""

    p50: float
    p99: float
    batches: float
    cores: float
    mib: float
    files: int


def _minute(estate: Estate, process: psutil.Process, seconds: float) -> Minute:
    since, cpu = time.time(), _cpu_seconds(process)
    time.sleep(seconds)
    cores = (_cpu_seconds(process) - cpu) / seconds
    batches = [
        batch
        for progress in load_stream_progress(estate).values()
        for batch in progress.batches
        if batch.committed > since
    ]
    pages = estate.client("s3").get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix="tables/")
    family = [process, *process.children(recursive=True)]
    return Minute(
        p50=weighted_percentile([(batch.latency_p50, batch.records) for batch in batches], 50),
        p99=weighted_percentile([(batch.latency_p99, batch.records) for batch in batches], 99),
        batches=len(batches) / seconds * 60,
        cores=cores,
        mib=sum(member.memory_info().rss for member in family) / 2**20,
        files=sum(len(page.get("Contents", [])) for page in pages),
    )


def _arrive(streams: dict[str, Stream], arrivals: dict[str, list[tuple[str, bytes]]], stop: threading.Event) -> None:
    """RATE events a second behind the first ones, as many in each stream, five times a second."""
    done, started = FIRST, time.monotonic()
    while not stop.wait(0.2):
        due = FIRST + int((time.monotonic() - started) * RATE / len(streams))
        for name, stream in streams.items():
            stream.put(arrivals[name][done:due])
        done = due


@contextmanager
def _job(settings: Settings) -> Iterator[psutil.Process]:
    log = settings.state / "job.log"
    own = os.environ | {"STATE": str(settings.state), "USER_ID": settings.user_id, "ENGINE": settings.engine}
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
