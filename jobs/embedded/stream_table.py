"""A table of the stream lane: each commit carries the consumer's place beside the rows, so that both are there or
neither."""

import threading
import time
from concurrent.futures import Executor
from contextlib import nullcontext
from typing import Any, ClassVar

import duckdb
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction

from jobs.embedded.tables import REJECTING, Change, Table, storage_options
from jobs.faults import in_a_line
from jobs.stream_tables import PROPERTIES, SMALL, compaction_failed
from pipeline.errors import UserError
from pipeline.estate import Estate

CONSUMER = "stream"  # whose commits are counted, as the log names it
PLACE = "stream_place"  # what the consumer notes of a commit, among that commit's metadata
SMALL_FILES = 25  # commits: so many files become one of some megabytes
LARGE_FILES = 3_600  # commits: those become large ones, and what is not needed any more is deleted
REOPEN = 600.0  # seconds: credentials are renewed sooner before they end
NO_CHECKPOINT = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


class StreamTable(Table):
    """Stays open while its consumer runs, the only one that writes it; one thread at a time may use it.

    `upkeep` runs what `tidy` starts, so that no commit waits for it.
    """

    PROPERTIES: ClassVar = PROPERTIES

    def __init__(self, estate: Estate, name: str, generation: str, upkeep: Executor) -> None:
        super().__init__(estate, name, "stream", generation)
        self._upkeep = upkeep
        self._replacing = threading.Lock()  # of files, by a merge or a compaction: at once, one of them would fail
        self._table = super()._open()
        self._opened = time.monotonic()
        self._appended = 0
        if self._table and not self.PROPERTIES.items() <= self._table.metadata().configuration.items():
            self._table.alter.set_table_properties(self.PROPERTIES)  # Spark made it

    def committed(self) -> int:
        """The number of the consumer's last commit; -1 before the first."""
        number = self._table.transaction_version(CONSUMER) if self._table else None
        return -1 if number is None else number

    def place(self) -> str | None:
        """What the consumer noted of its last commit; None when the log does not go back to it."""
        log = self._table.history() if self._table else []
        return next((str(commit[PLACE]) for commit in log if PLACE in commit), None)

    def count(self) -> int:
        """How many rows it has."""
        return int(self._table.count()) if self._table else 0

    def change(self, cursor: duckdb.DuckDBPyConnection, rows: str) -> Change:
        """What it takes to make it hold the rows of a view, one of each key (`ind`)."""
        return self._change(self._open(), cursor, rows)

    def commit(self, change: Change, number: int, place: str) -> None:
        """Take the change, as the consumer's commit of this number, also where there is nothing to take.

        Raises UserError when another consumer has made that commit, DeltaError when both make it at once.
        """
        with self._replacing if change.replaces else nullcontext():
            table = self._open()
            if table and change.replaces:
                table.update_incremental()  # to the files that the latest compaction made
            if self.committed() != number - 1:
                raise UserError(
                    f"{self.name} of the stream lane: another run made commit {self.committed()}: "
                    "run one `make stream` at a time"
                )
            self._table = self._commit(table, change, number, place)

    def _commit(self, table: DeltaTable | None, change: Change, number: int, place: str) -> DeltaTable | None:
        properties = CommitProperties(custom_metadata={PLACE: place}, app_transactions=[Transaction(CONSUMER, number)])
        commit = {"commit_properties": properties, "post_commithook_properties": NO_CHECKPOINT}
        if change.rows is not None:
            return self._apply(table, change, **commit)
        table = table or self._create()
        table.create_write_transaction([], "append", table.schema(), **commit)
        table.update_incremental()
        return table

    def append_rejected(self, cursor: duckdb.DuckDBPyConnection, rows: str) -> None:
        with REJECTING:
            super().append_rejected(cursor, rows)
            self._appended += 1
            self.tidy(self._appended)

    def tidy(self, commits: int) -> None:
        """After so many commits, start to make few files of many, and to delete what no reader needs any more."""
        if commits % SMALL_FILES == 0:
            self._upkeep.submit(self._tidy, large=commits % LARGE_FILES == 0)

    def _tidy(self, large: bool) -> None:
        try:
            with self._replacing:
                table = DeltaTable(self._uri, storage_options=storage_options(self._estate))
                table.optimize.compact(target_size=None if large else SMALL, post_commithook_properties=NO_CHECKPOINT)
            table.create_checkpoint()
            if large:
                table.vacuum(dry_run=False, full=True)  # a checkpoint has forgotten some of what was removed
                table.cleanup_metadata()
        except Exception as error:
            compaction_failed(self.name, in_a_line(error))

    def _open(self) -> DeltaTable | None:
        if self._table and time.monotonic() - self._opened > REOPEN:
            self._table, self._opened = super()._open(), time.monotonic()
        return self._table

    def _append(self, table: DeltaTable | None, rows: duckdb.DuckDBPyRelation, **commit: Any) -> DeltaTable:
        self._table = super()._append(table, rows, **commit)
        return self._table
