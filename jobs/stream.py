"""`python -m jobs stream`: three queries in one session, from the Kinesis streams into the stream lane's tables."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

from pyspark.sql import SparkSession

from jobs.figures import show
from jobs.kinesis import KinesisDataSource
from jobs.lock import only_writer
from jobs.report import write_report
from jobs.spark.session import ON_DATABRICKS, session
from jobs.spark.stream_query import StreamQuery
from jobs.stream_log import StreamLog
from jobs.stream_progress import load_stream_progress
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings
from pipeline.signals import at_first_signal

LOOK = 0.2  # seconds between looks at the queries


def stream(settings: Settings) -> None:
    """Stream until stopped; with `once`, until all that had arrived at the start is in the tables.

    Raises UserError when another one runs, or Spark, S3 or Kinesis does not do its part.
    """
    estate = load_estate(settings)
    if not estate.streams:
        raise UserError("this estate has no streams: make it anew with `make infra`")
    with only_writer(settings, estate, "stream") as writes:
        began = time.monotonic()
        with session(settings, estate, "stream", 0, writes) as spark:
            print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
            if not ON_DATABRICKS:  # which has a source of this name, with the same options and columns
                spark.dataSource.register(KinesisDataSource)
            progress = load_stream_progress(estate)
            queries = [StreamQuery(spark, estate, settings, entity, progress[entity.name]) for entity in ENTITIES]
            _run(spark, settings, queries)
    print(f"report: {write_report(settings, estate)}", flush=True)


def _run(spark: SparkSession, settings: Settings, queries: list[StreamQuery]) -> None:
    started = time.monotonic()
    log = StreamLog(settings.state / "logs" / "stream.log", queries)
    spark.streams.addListener(log)
    with _stop_by_signal() as stop, ThreadPoolExecutor(len(queries)) as pool:
        until = time.time() if settings.once else None
        for query in queries:
            query.start(until)
        streams = ", ".join(query.stream for query in queries)
        print(f"reading {streams}" + ("" if settings.once else " until Ctrl-C"), flush=True)
        drained = [pool.submit(query.drain) for query in queries] if settings.once else []
        try:
            _watch(queries, log, stop, drained)
        finally:
            wait([pool.submit(query.stop) for query in queries])
    log.settle()
    spark.streams.removeListener(log)
    _tell(queries, log, time.monotonic() - started)
    if stop.is_set():
        print("stopped: the next `make stream` goes on from here", flush=True)


def _watch(queries: list[StreamQuery], log: StreamLog, stop: Event, drained: list[Future[None]]) -> None:
    """Return when asked to stop, or when all is drained. Raises UserError when a query has failed."""
    while not stop.wait(LOOK):
        ended = bool(drained) and all(future.done() for future in drained)  # asked first: a failure ends it too
        for query in queries:
            if failure := query.failure():
                go_on = "; `make stream FAIL_ON_DATA_LOSS=no` does" if "failOnDataLoss" in failure else ""
                raise UserError(f"{query.stream}: {failure}{go_on} (see {log.path.with_name('spark.log')})")
        if ended:
            return
        log.tick()


def _tell(queries: list[StreamQuery], log: StreamLog, seconds: float) -> None:
    new = {query.stream: query.progress.figures - query.before for query in queries}
    if not any(figures.records_in for figures in new.values()):
        print("nothing new in the streams", flush=True)
        return
    show(new)
    print(f"{log.summary()}; {seconds:.1f} s in all", flush=True)


@contextmanager
def _stop_by_signal() -> Iterator[Event]:
    """Set when SIGINT or SIGTERM comes; a second one ends the program at once."""
    asked = Event()

    def ask() -> None:
        print("stopping: waiting for the micro-batches under way", flush=True)
        asked.set()

    with at_first_signal(ask):
        yield asked
