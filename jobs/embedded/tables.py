"""The Delta tables by delta-rs: how rows get into them so that a second time changes nothing.

Each lane has its own, and one job at a time writes them (`jobs.lock`).
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, Field, QueryBuilder, Schema, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.schema import ArrayType, PrimitiveType

from jobs import contract
from pipeline.estate import Estate
from pipeline.settings import Lane

TYPES = {"bigint": "long", "int": "integer"}  # others are called the same
ROW_GROUP = 100_000  # rows of a file that are read together
BATCH = 8_192  # rows that the writer is given at once: it takes several ahead
REJECTING = threading.RLock()  # topics share `rejected`


@dataclass(frozen=True)
class Change:
    """What a table is to take: `rows`, None where there are none; `added`: how many of them have keys that it has not.

    `replaces`: the range of their keys, as a condition, when some take the place of rows that it holds.
    """

    added: int
    rows: duckdb.DuckDBPyRelation | None
    replaces: str | None = None


class Table:
    """A table of one of the lanes, in the estate's bucket. Rows come from, and go into, relations of DuckDB.

    Each method opens it once: as it is then, and with credentials of then, for those of a role end after an hour.
    """

    PROPERTIES: ClassVar[Mapping[str, str | None]] = {}

    def __init__(self, estate: Estate, name: str, lane: Lane = "batch", generation: str = "") -> None:
        self.name = name
        self._estate = estate
        self._uri = f"s3://{estate.bucket}/{estate.table_prefix(name, lane, generation)}"

    @property
    def columns(self) -> list[str]:
        return contract.columns(self.name)

    def rows(self, *columns: str) -> pa.RecordBatchReader:
        """Some columns of its rows; none when nothing was ever written."""
        return self._rows(self._open(), columns)

    def overwrite(self, rows: pa.Table) -> None:
        """Put rows in place of what it holds, whatever columns that had."""
        options = storage_options(self._estate)
        write_deltalake(self._uri, rows, mode="overwrite", schema_mode="overwrite", storage_options=options)

    def upsert(self, cursor: duckdb.DuckDBPyConnection, rows: str) -> int:
        """Make the table hold the rows of a view, one of each key (`ind`); what it holds stays untouched.

        Returns how many rows it then has.
        """
        table = self._open()
        table = self._apply(table, self._change(table, cursor, rows))
        return int(table.count()) if table else 0

    def append_rejected(self, cursor: duckdb.DuckDBPyConnection, rows: str) -> None:
        """Add what a relation (source, topic, position, raw, reason) has, and the table has not, once a position."""
        key = ("source", "topic", "position")
        place = ", ".join(key)
        first, last = cursor.sql(f"select min(position), max(position) from {rows}").fetchall()[0]
        within = "position between " + " and ".join("'" + str(end).replace("'", "''") + "'" for end in (first, last))
        with REJECTING:
            table = self._open()
            cursor.register("found", self._rows(table, key, within))
            cursor.execute(
                f"create or replace temp table refused_anew as "
                f"select distinct on (topic, position) {place}, raw, reason, current_timestamp as first_seen "
                f"from {rows} anti join found using ({place})"
            )
            if _one(cursor, "select count(*) from refused_anew") != (0,):
                self._append(table, cursor.sql("from refused_anew"))

    def _change(self, table: DeltaTable | None, cursor: duckdb.DuckDBPyConnection, rows: str) -> Change:
        """What it takes to make the table hold the rows of the view."""
        number, first, last = _one(cursor, f"select count(*), min(ind), max(ind) from {rows}")
        if not number or table is None:
            return Change(number, cursor.sql(f"from {rows}") if number else None)
        within = f"ind between {first} and {last}"
        cursor.register("found", self._rows(table, ["ind"], within))
        cursor.execute(f"create or replace temp table held as select ind from found semi join {rows} using (ind)")
        (known,) = _one(cursor, "select count(*) from held")
        if known == 0:
            return Change(number, cursor.sql(f"from {rows}"))
        columns = cursor.sql(f"from {rows}").columns
        cursor.register("found", self._rows(table, columns, within))
        differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
        cursor.execute(
            f"create or replace temp table changed as select new.* from {rows} new join found old using (ind) "
            f"where {differs}"
        )
        added = f"from {rows} anti join held using (ind)"
        if _one(cursor, "select count(*) from changed") != (0,):
            return Change(number - known, cursor.sql(f"from changed union all by name {added}"), replaces=within)
        return Change(number - known, cursor.sql(added) if known < number else None)

    def _apply(self, table: DeltaTable | None, change: Change, **commit: Any) -> DeltaTable | None:
        """Bring the change into the table, or into a new one, in one commit; returns it. `commit`: as delta-rs takes
        it."""
        if change.rows is None:
            return table
        if table is None or change.replaces is None:
            return self._append(table, change.rows, **commit)
        (
            table.merge(
                change.rows.to_arrow_reader(BATCH),
                f"old.ind = new.ind and old.{change.replaces}",
                "new",
                "old",
                **commit,
            )
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .execute()
        )
        return table

    def _rows(self, table: DeltaTable | None, columns: Sequence[str], where: str = "true") -> pa.RecordBatchReader:
        if table is None:
            declared = pa.schema(_schema(contract.SCHEMAS[self.name]).to_arrow())
            return pa.schema([declared.field(name) for name in columns]).empty_table().to_reader()
        quoted = ", ".join(f'"{name}"' for name in columns)
        query = f"select {quoted} from t where {where}"
        return pa.RecordBatchReader.from_stream(QueryBuilder().register("t", table).execute(query))

    def _append(self, table: DeltaTable | None, rows: duckdb.DuckDBPyRelation, **commit: Any) -> DeltaTable:
        """Add rows that are known not to be there, to the table or to a new one; returns it."""
        table = table or self._create()
        write_deltalake(
            table,
            rows.to_arrow_reader(BATCH),
            mode="append",
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP),
            **commit,
        )
        return table

    def _open(self) -> DeltaTable | None:
        """The table as it is now; None when nothing was ever written."""
        try:
            return DeltaTable(self._uri, storage_options=storage_options(self._estate))
        except TableNotFoundError:
            return None

    def _create(self) -> DeltaTable:
        """Make the table, so that its columns are exactly the contract's, nullability included."""
        return DeltaTable.create(
            self._uri,
            _schema(contract.SCHEMAS[self.name]),
            configuration=self.PROPERTIES,
            storage_options=storage_options(self._estate),
        )


def storage_options(estate: Estate) -> dict[str, str]:
    """How delta-rs reaches the estate's bucket."""
    options = {"region": estate.region, "aws_conditional_put": "etag"}
    if estate.aws_endpoint_url:
        options |= {"endpoint": estate.aws_endpoint_url, "allow_http": "true"}
    keys = estate.credentials().get_frozen_credentials()
    options |= {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key}
    return options | ({"session_token": keys.token} if keys.token else {})


def _schema(columns: str) -> Schema:
    """Delta's schema for columns as SQL declares them."""
    fields = []
    for column in columns.split(", "):
        name, kind, *not_null = column.split(" ", 2)
        item = kind.removeprefix("array<").removesuffix(">")
        primitive = PrimitiveType(TYPES.get(item, item))
        fields.append(Field(name, primitive if item == kind else ArrayType(primitive, True), nullable=not not_null))
    return Schema(fields)


def _one(cursor: duckdb.DuckDBPyConnection, query: str) -> Sequence[int]:
    [row] = cursor.sql(query).fetchall()
    return row
