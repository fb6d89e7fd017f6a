"""`python -m jobs stream`: from the Kinesis streams into the stream lane's tables, until stopped."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from jobs.engine import require_engine
from jobs.figures import show
from jobs.lock import only_writer
from jobs.rebuild import to_stream
from jobs.report import write_report
from jobs.stream_engine import StreamLoader, stream_loader
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
        with stream_loader(settings, estate, lane.generation, writes) as loader, _stop_by_signal() as stop:
            log = StreamLog(settings.state / "logs" / "stream.log", loader.streams)
            began, rebuilding = time.monotonic(), settings.rebuild
            if settings.once or rebuilding:
                _run(loader, log, stop, until=time.time())
            if rebuilding and not stop.is_set():
                save_stream_lane(estate, lane)
                rebuilding = False
                print("rebuilt: readers see the new tables from now on", flush=True)
            if not settings.once and not stop.is_set():
                _run(loader, log, stop, until=None)
            _tell(loader, log, time.monotonic() - began)
            if stop.is_set() and not rebuilding:
                print("stopped: the next `make stream` goes on from here", flush=True)
            elif stop.is_set():
                print("stopped: nothing has changed, and `make stream REBUILD=yes` begins anew", flush=True)
    print(f"report: {write_report(settings, estate)}", flush=True)


def _run(loader: StreamLoader, log: StreamLog, stop: Event, until: float | None) -> None:
    """Until asked to stop; or, up to a moment, until all is drained. Raises UserError when the loader has failed."""
    loader.start(until)
    streams = ", ".join(stream.stream for stream in loader.streams)
    print(f"reading {streams}" + (" until Ctrl-C" if until is None else ""), flush=True)
    with ThreadPoolExecutor(1) as pool:
        drained = None if until is None else pool.submit(loader.drain)
        try:
            _watch(loader, log, stop, drained)
        finally:
            loader.stop()
            log.write()


def _watch(loader: StreamLoader, log: StreamLog, stop: Event, drained: Future[None] | None) -> None:
    while not stop.wait(LOOK):
        ended = drained is not None and drained.done()  # asked first: a failure ends it too
        if failure := loader.failure():
            go_on = "; `make stream FAIL_ON_DATA_LOSS=no` does" if "failOnDataLoss" in failure else ""
            raise UserError(f"{failure}{go_on}")
        if ended:
            return
        log.tick()


def _tell(loader: StreamLoader, log: StreamLog, seconds: float) -> None:
    new = {stream.stream: stream.progress.figures - stream.before for stream in loader.streams}
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
