"""`python -m jobs stream`: from the Kinesis streams into the stream lane's tables, until stopped."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

from jobs.engine import require_engine
from jobs.figures import show
from jobs.lock import only_writer
from jobs.rebuild import to_stream
from jobs.report import write_report
from jobs.stream_engine import StreamQuery, stream_queries
from jobs.stream_log import StreamLog
from jobs.stream_progress import save_stream_lane
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings
from pipeline.signals import at_first_signal

LOOK = 0.2  # seconds between looks at the queries


def stream(settings: Settings) -> None:
    """Stream until stopped; with `once`, until all that had arrived at the start is in the tables.

    Raises UserError when another one runs, or the engine, S3 or Kinesis does not do its part.
    """
    require_engine(settings)
    estate = load_estate(settings)
    if not estate.streams:
        raise UserError("this estate has no streams: make it anew with `make infra`")
    print(f"engine: {settings.engine}", flush=True)
    with only_writer(settings, estate, "stream") as writes:
        lane = to_stream(settings, estate)
        with stream_queries(settings, estate, lane.generation, writes) as queries, _stop_by_signal() as stop:
            log = StreamLog(settings.state / "logs" / "stream.log", queries)
            began, rebuilding = time.monotonic(), settings.rebuild
            if settings.once or rebuilding:
                _run(queries, log, stop, until=time.time())
            if rebuilding and not stop.is_set():
                save_stream_lane(estate, lane)
                rebuilding = False
                print("rebuilt: readers see the new tables from now on", flush=True)
            if not settings.once and not stop.is_set():
                _run(queries, log, stop, until=None)
            _tell(queries, log, time.monotonic() - began)
            if stop.is_set() and not rebuilding:
                print("stopped: the next `make stream` goes on from here", flush=True)
            elif stop.is_set():
                print("stopped: nothing has changed, and `make stream REBUILD=yes` begins anew", flush=True)
    print(f"report: {write_report(settings, estate)}", flush=True)


def _run(queries: list[StreamQuery], log: StreamLog, stop: Event, until: float | None) -> None:
    """Until asked to stop; or, up to a moment, until all is drained. Raises UserError when a query has failed."""
    for query in queries:
        query.start(until)
    streams = ", ".join(query.stream for query in queries)
    print(f"reading {streams}" + (" until Ctrl-C" if until is None else ""), flush=True)
    with ThreadPoolExecutor(len(queries)) as pool:
        drained = [pool.submit(query.drain) for query in queries] if until is not None else []
        try:
            _watch(queries, log, stop, drained)
        finally:
            wait([pool.submit(query.stop) for query in queries])
            log.write()


def _watch(queries: list[StreamQuery], log: StreamLog, stop: Event, drained: list[Future[None]]) -> None:
    while not stop.wait(LOOK):
        ended = bool(drained) and all(future.done() for future in drained)  # asked first: a failure ends it too
        for query in queries:
            if failure := query.failure():
                go_on = "; `make stream FAIL_ON_DATA_LOSS=no` does" if "failOnDataLoss" in failure else ""
                raise UserError(f"{query.stream}: {failure}{go_on}")
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
