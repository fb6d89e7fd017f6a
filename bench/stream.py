"""The stream lane on the offline Kinesis: its source beside a plain boto3 loop, latency, and what idling costs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.sizes import Sizes
from bench.table import Row
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


def measure(settings: Settings, sizes: Sizes) -> list[Row]:
    """All of it, on servers of its own."""
    with Moto(settings.state) as moto, FaultProxy(kinesis=moto.url) as counting:
        save_estate(settings, outputs(settings.user_id, counting.url))
        estate = load_estate(settings)
        moto.client("s3").create_bucket(Bucket=estate.bucket)
        return [
            *_source(settings, estate, moto, sizes.source_records),
            *_latency_and_idling(settings, estate, moto, counting, sizes),
        ]


def _source(settings: Settings, estate: Estate, moto: Moto, records: int) -> Iterator[Row]:
    """Records a second into a sink that drops them; loop and source in turns."""
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
                    f"{ours / loop:.2f}x the loop (target: 0.8x); limited by boto3 and Kinesis, a process each",
                )


def _latency_and_idling(
    settings: Settings, estate: Estate, moto: Moto, counting: FaultProxy, sizes: Sizes
) -> Iterator[Row]:
    streams = {name: Stream(moto.client("kinesis"), stream).create(2) for name, stream in estate.streams.items()}
    arrivals = events(FIRST + int((sizes.warm_up + sizes.measured + 1) * RATE / len(streams)), SEED)
    with _job(settings) as process:
        for name, stream in streams.items():  # compiles all that a micro-batch needs
            stream.put(arrivals[name][:FIRST])
        _await_records(estate, FIRST)
        stop = threading.Event()
        arriving = threading.Thread(target=_arrive, args=(streams, arrivals, stop))
        arriving.start()
        time.sleep(sizes.warm_up)
        since = time.time()
        time.sleep(sizes.measured)
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
        time.sleep(sizes.idle)
        took = time.perf_counter() - began
        idle_calls = (counting.calls - calls).total() / took
        idle_cpu = (_cpu_seconds(process) - cpu) / took
    p50 = weighted_percentile([(batch.latency_p50, batch.records) for batch in batches], 50)
    p99 = weighted_percentile([(batch.latency_p99, batch.records) for batch in batches], 99)
    yield Row(
        f"arrival to commit at {RATE} events/s over three streams",
        f"p50 {p50:.1f} s, p99 {p99:.1f} s",
        f"{len(batches) / sizes.measured * 60:.0f} micro-batches a minute; limited by Delta's commits, "
        "three on two cores",
    )
    yield Row(
        "an idle stream lane: three streams of two shards, a look a second",
        f"{idle_calls:.1f} API calls/s, {idle_cpu:.2f} cores",
        "a GetRecords a shard a second (TRIGGER), a ListShards a stream every ten",
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
