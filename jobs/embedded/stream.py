"""The stream lane on DuckDB and delta-rs: a consumer for each stream."""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
from pydantic import BaseModel

from jobs.embedded.database import database
from jobs.embedded.intake import Staged, refused_of
from jobs.embedded.lines import Lines
from jobs.embedded.stream_table import StreamTable
from jobs.faults import in_a_line
from jobs.figures import Figures
from jobs.kinesis.errors import KinesisError
from jobs.kinesis.options import parse
from jobs.kinesis.positions import Positions, age_seconds, decode, encode, lost_hours
from jobs.kinesis.rows import Record
from jobs.kinesis.stream_reader import Fetch, StreamReader
from jobs.spark_checkpoint import positions_of
from jobs.stream_engine import IDLE, PERCENTS, SOURCE, Done, LaneStream, StreamLoader, source_options
from jobs.stream_progress import StreamProgress, load_stream_progress
from pipeline.entities import ENTITIES, Entity
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

PATIENCE = 3.0  # seconds for a fetch under way, when asked to stop
MOST = "20000"  # records a micro-batch: so few that the next ones are fetched while these are committed


@contextmanager
def embedded_loader(settings: Settings, estate: Estate, generation: str) -> Iterator[StreamLoader]:
    """See `jobs.stream_engine.stream_loader`."""
    progress = load_stream_progress(estate, generation)
    # One thread: tables that are tidied in turn leave the commits most of the machine.
    with database(settings.state) as connection, ThreadPoolExecutor(1) as upkeep:
        rejected = StreamTable(estate, "rejected", generation, upkeep)
        yield Consumers(
            [
                Consumer(connection, estate, settings, entity, generation, progress[entity.name], rejected, upkeep)
                for entity in ENTITIES
            ]
        )


class Place(BaseModel):
    """What a commit carries: how far each shard has been read with it, and what is counted."""

    positions: dict[str, Any]
    figures: Figures
    first: float | None


@dataclass
class Records(Lines):
    """Records of a stream as lines, in the order in which the last one of a key is the latest; each with its shard."""

    found: list[tuple[str, Record]] = field(default_factory=list)

    def position(self, number: int) -> str:
        """<shard>/<sequence number>, and /<place> after it for a record packed with others."""
        shard, record = self.found[number]
        place = record.sub_sequence_number
        return f"{shard}/{record.sequence_number}" + (f"/{place}" if place > 0 else "")


class Consumers:
    """See `jobs.stream_engine.StreamLoader`: a consumer for each stream."""

    def __init__(self, streams: "list[Consumer]") -> None:
        self.streams = streams

    def start(self, until: float | None) -> None:
        for consumer in self.streams:
            consumer.start(until)

    def drain(self) -> None:
        for consumer in self.streams:
            consumer.drain()

    def stop(self) -> None:
        for consumer in self.streams:
            consumer.stopping.set()
        self.drain()

    def failure(self) -> str | None:
        return next((consumer.failure for consumer in self.streams if consumer.failure), None)


class Consumer(LaneStream):
    """Fetches what comes next of a stream while it commits what came."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        estate: Estate,
        settings: Settings,
        entity: Entity,
        generation: str,
        progress: StreamProgress,
        rejected: StreamTable,
        upkeep: Executor,
    ) -> None:
        super().__init__(estate, entity, generation, progress)
        self.stopping = threading.Event()
        self.failure: str | None = None
        self._connection = connection
        self._estate = estate
        self._settings = settings
        self._table = StreamTable(estate, entity.name, generation, upkeep)
        self._rejected = rejected
        self._thread: threading.Thread | None = None
        self._take_over()
        self.before = self.progress.figures

    def start(self, until: float | None) -> None:
        self.stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(until,), name=self.stream, daemon=True)
        self._thread.start()

    def drain(self) -> None:
        if self._thread:
            self._thread.join()

    def _take_over(self) -> None:
        """Bring the progress up to the table, which knows better, or on from where Spark stopped.

        Raises UserError when they do not belong together.
        """
        progress, committed = self.progress, self._table.committed()
        if progress.engine == "spark" and (progress.query or committed == progress.version):
            progress.version = committed  # Spark may have begun before the commit was told of, and has done it again
            self._take_over_from_spark(progress)
            return
        if committed == progress.version:
            return
        place = self._table.place()  # the last run was killed before it could tell of its last commit
        if place is None:
            raise UserError(
                f"{self._table.name} of the stream lane is not the table that {self.key} tells of: "
                "`make stream REBUILD=yes` makes the lane's tables anew from what the streams hold"
            )
        held = Place.model_validate_json(place)
        progress.engine, progress.version, progress.positions = "duckdb", committed, held.positions
        progress.figures, progress.first = held.figures, held.first
        self.put_progress()

    def _take_over_from_spark(self, progress: StreamProgress) -> None:
        """Its last run may have been killed between a table and what it counted."""
        progress.positions = positions_of(self._estate, self.entity, progress)
        clean, records_in = self._table.count(), progress.figures.records_in
        with self._connection.cursor() as cursor:
            cursor.register("found", self._rejected.rows("topic"))
            counted = cursor.execute("select count(*) from found where topic = ?", [self.stream]).fetchall()
        rejected = int(counted[0][0])
        progress.figures = Figures(
            records_in=records_in, clean=clean, rejected=rejected, superseded=records_in - clean - rejected
        )
        progress.engine = "duckdb"

    def _run(self, until: float | None) -> None:
        try:
            with self._connection.cursor() as cursor:
                self._consume(cursor, until)
        except (KinesisError, UserError) as error:
            self.failure = str(error)
        except Exception as error:
            traceback.print_exc()
            self.failure = f"stream {self.stream}: {in_a_line(error)}"

    def _consume(self, cursor: duckdb.DuckDBPyConnection, until: float | None) -> None:
        """Until asked to stop; or, up to a moment, until there is no more."""
        staged = Staged(cursor, self.entity)
        options = source_options(self._settings, self._estate, self.stream, until)
        reader = StreamReader(parse(options | {"maxRecordsPerTrigger": MOST}))
        stored = self.progress.positions
        known = reader.begin() if stored is None else decode(stored)
        fetching = self._fetch(reader, known, time.monotonic())
        while found := self._await(fetching):
            began, fetch = found
            self._look_at(fetch.reached)
            if fetch.news:
                known = fetch.reached
                due = began if reader.behind else began + self._settings.trigger
                fetching = self._fetch(reader, known, due)
                self._take(cursor, staged, fetch)
            elif until is not None:
                return
            else:
                fetching = self._fetch(reader, known, began + max(self._settings.trigger, IDLE))

    def _fetch(self, reader: StreamReader, known: Positions, due: float) -> "Future[tuple[float, Fetch]]":
        """Fetch what is behind the positions, not before the moment `due`; with the moment at which that began."""

        def fetch() -> tuple[float, Fetch]:
            if self.stopping.wait(max(0.0, due - time.monotonic())):
                raise CancelledError
            return time.monotonic(), reader.fetch(known)

        return _in_background(fetch)

    def _await(self, fetching: "Future[tuple[float, Fetch]]") -> tuple[float, Fetch] | None:
        """What was fetched; None when asked to stop: the next run fetches it again."""
        while not self.stopping.is_set():
            try:
                return fetching.result(timeout=0.1)
            except CancelledError:
                return None
            except TimeoutError:
                if fetching.done():
                    raise
        wait([fetching], PATIENCE)  # Python had better not end under it
        return None

    def _look_at(self, reached: Positions) -> None:
        offset = encode(reached)
        self.age, self.lost = age_seconds(offset), lost_hours(offset)

    def _take(self, cursor: duckdb.DuckDBPyConnection, staged: Staged, fetch: Fetch) -> None:
        """Bring what was fetched into the tables: `rejected` first, then the rows and the place in one commit."""
        began = time.time()
        records = in_order(fetch.records)
        staged.read([records])
        if staged.refused:
            self._rejected.append_rejected(cursor, refused_of(cursor, SOURCE, self.stream))
        change = self._table.change(cursor, "clean")
        figures = self.progress.figures + Figures(
            records_in=staged.lines,
            clean=change.added,
            rejected=staged.refused,
            superseded=staged.lines - change.added - staged.refused,
        )
        arrivals = sorted(record.arrival.timestamp() for _, record in records.found)
        number, positions = self.progress.version + 1, encode(fetch.reached)
        place = Place(positions=positions, figures=figures, first=self.progress.first or min(arrivals, default=None))
        self._table.commit(change, number, place.model_dump_json())
        committed = time.time()
        self.progress.version, self.progress.positions, self.progress.age = number, positions, self.age
        if arrivals:
            latencies = _latencies(arrivals, committed)
            done = Done(staged.lines, staged.refused, latencies, began, committed - began)
            self.add(number, done, figures, arrivals[0])
        self.put_progress()
        self._table.tidy(number + 1)


def in_order(fetched: dict[str, list[Record]]) -> Records:
    """The records of shards, those of one key in the order in which they came."""
    found = [(shard, record) for shard, records in fetched.items() for record in records]
    found.sort(key=lambda one: int(one[1].sequence_number))  # stable: so are packed ones, which share a number
    number = len(found)
    return Records([record.data for _, record in found], [0] * number, list(range(number)), found)


def _latencies(arrivals: list[float], committed: float) -> list[float]:
    """Of arrivals, ascending: how long each percent of them took, ascending, in seconds."""
    last = len(arrivals) - 1
    return [max(0.0, committed - arrivals[last - round(n * last / (PERCENTS - 1))]) for n in range(PERCENTS)]


def _in_background(call: Callable[[], Any]) -> "Future[Any]":
    """Its result, by a thread that the process does not wait for when it ends."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
