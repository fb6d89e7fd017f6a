"""What is done with the lines of a topic: events go into their clean table, the others into `rejected`.

Lines are staged in DuckDB, a block at a time, so that each table gets one commit, whatever was read.
"""

import base64
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from jobs import contract
from jobs.embedded.events import Refused, reader
from jobs.embedded.lines import Lines
from jobs.embedded.plain import plain_events, type_of
from jobs.rejections import used_columns
from pipeline.entities import Entity

TOGETHER = 1000  # lines: where one of them is not as most are, they are all read one by one
REFUSED = pa.schema([("position", pa.string()), ("raw", pa.string()), ("reason", pa.string())])


class Staged:
    """Lines of an entity, read into temporary relations of a cursor: `clean`, a view of the rows of its clean table,
    of each key the latest; and `refused` (position, raw, reason).

    `lines` and `refused` are how many were read, and how many of them are not events.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, entity: Entity) -> None:
        self.lines = self.refused = 0
        self._cursor = cursor
        self._entity = entity
        self._read = reader(entity)
        self._events = pa.schema([(name, type_of(entity, name)) for name in used_columns(entity)])
        staged = pa.schema([*self._events, ("partition", pa.int64()), ("offset", pa.int64())])
        cursor.register("no_events", staged.empty_table())
        cursor.register("no_refused", REFUSED.empty_table())
        self._empty()
        names = ", ".join(f'"{name}"' for name in self._events.names)
        cursor.execute(f"create or replace temp view {entity.name}_events as select {names} from staged")
        cursor.execute(f"create or replace temp view clean as {contract.cleaning(entity.name)}")

    def read(self, blocks: Iterable[Lines]) -> None:
        """Read lines, in place of those that were read before."""
        self.lines = self.refused = 0
        self._empty()
        for lines in blocks:
            if lines.raw:
                self._add(lines)
                self.lines += len(lines.raw)
        self._keep_the_latest()

    def _empty(self) -> None:
        """By new tables: DuckDB keeps in memory what is deleted from a temporary one."""
        self._cursor.execute("create or replace temp table staged as from no_events")
        self._cursor.execute("create or replace temp table refused as from no_refused")

    def _keep_the_latest(self) -> None:
        key = f'"{self._entity.key}"'
        [(repeated,)] = self._cursor.sql(f"select count(*) > count(distinct {key}) from staged").fetchall()
        if repeated:
            latest = f'select arg_max(rowid, (partition, "offset")) from staged group by {key}'
            self._cursor.execute(f"delete from staged where rowid not in ({latest})")

    def _add(self, lines: Lines) -> None:
        events, refused = self._typed(lines.raw)
        passed = {number for number, _ in refused}
        kept = [number for number in range(len(lines.raw)) if number not in passed]
        places = {"partition": lines.partitions, "offset": lines.offsets, "number": range(len(lines.raw))}
        for name, values in places.items():
            events = events.append_column(name, pa.array(values, pa.int64()).take(pa.array(kept, pa.int64())))
        self._cursor.register("block", events)
        rule = contract.rejection(self._entity.name)
        refused += self._cursor.sql(
            f"select number, reason from (select number, {rule} as reason from block) where reason is not null"
        ).fetchall()
        left_out = ", ".join(str(number) for number, _ in refused) or "-1"
        self._cursor.execute(
            f"insert into staged by name select * exclude (number) from block where number not in ({left_out})"
        )
        if refused:
            self._refuse(lines, refused)

    def _typed(self, lines: list[bytes]) -> tuple[pa.Table, list[tuple[int, str]]]:
        """The events among the lines, and the numbers of the others with their reasons."""
        tables, refused = [], []
        for first in range(0, len(lines), TOGETHER):
            together = lines[first : first + TOGETHER]
            events = plain_events(together, self._entity)
            if events is None:
                events, reasons = self._one_by_one(together)
                refused += [(first + number, reason) for number, reason in reasons]
            tables.append(events.select(self._events.names))
        return pa.concat_tables(tables), refused

    def _one_by_one(self, lines: list[bytes]) -> tuple[pa.Table, list[tuple[int, str]]]:
        events, refused = [], []
        for number, line in enumerate(lines):
            try:
                events.append(self._read(line))
            except Refused as reason:
                refused.append((number, str(reason)))
        columns = list(zip(*events, strict=True)) or [()] * len(self._events)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, self._events.types, strict=True)]
        return pa.table(arrays, schema=self._events), refused

    def _refuse(self, lines: Lines, refused: list[tuple[int, str]]) -> None:
        numbers, reasons = zip(*refused, strict=True)
        columns = [map(lines.position, numbers), (as_text(lines.raw[number]) for number in numbers), reasons]
        self._cursor.register("shape", pa.table([pa.array(column, pa.string()) for column in columns], schema=REFUSED))
        self._cursor.execute("insert into refused from shape")
        self.refused += len(refused)


def refused_of(cursor: duckdb.DuckDBPyConnection, source: str, topic: str) -> str:
    """The name of a relation with the refused lines as `rejected` has them, all but `first_seen`."""
    cursor.execute(
        "create or replace temp table refused_lines as "
        "select $source as source, $topic as topic, position, raw, reason from refused",
        {"source": source, "topic": topic},
    )
    return "refused_lines"


def as_text(data: bytes) -> str:
    """A record's bytes as text, `base64:...` where they are none."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(data).decode()}"
