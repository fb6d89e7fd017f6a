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
from jobs.rejections import used_columns
from pipeline.entities import Entity

TYPES = {"text": pa.string(), "datetime": pa.string(), "double": pa.float64(), "int": pa.int32()}
REFUSED = pa.schema([("position", pa.string()), ("raw", pa.string()), ("reason", pa.string())])


class Staged:
    """The lines of an entity, read into temporary relations of a cursor: `clean`, a view of the rows of its clean
    table, of each key the latest; and `refused` (position, raw, reason).

    `lines` and `refused` are how many were read, and how many of them are no events.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, entity: Entity) -> None:
        self.lines = 0
        self.refused = 0
        self._cursor = cursor
        self._entity = entity
        self._read = reader(entity)
        types = {name: TYPES[kind] for name, kind in used_columns(entity).items()} | {entity.key: pa.int64()}
        self._events = pa.schema(types)
        place = [("number", pa.int32()), ("partition", pa.int32()), ("offset", pa.int64())]
        self._block = pa.schema([*place, *types.items()])
        for name, schema in (("staged", self._block), ("refused", REFUSED)):
            cursor.register("shape", schema.empty_table())
            cursor.execute(f"create or replace temp table {name} as from shape")

    def add(self, blocks: Iterable[Lines]) -> None:
        """Read the lines."""
        for lines in blocks:
            self._add(lines)
            self.lines += len(lines.raw)

    def finish(self) -> None:
        """Make `clean` what the lines come to."""
        names = ", ".join(f'"{name}"' for name in self._events.names)
        key = f'"{self._entity.key}"'
        [(repeated,)] = self._cursor.sql(f"select count(*) > count(distinct {key}) from staged").fetchall()
        place = "{'partition': partition, 'offset': \"offset\"}"
        latest = f"(select {key}, unnest(max({place})) from staged group by {key})"
        self._cursor.execute(
            f"create or replace temp view {self._entity.name}_events as select {names} from staged "
            + (f'semi join {latest} using ({key}, partition, "offset")' if repeated else "")
        )
        self._cursor.execute(f"create or replace temp view clean as {contract.cleaning(self._entity.name)}")

    def _add(self, lines: Lines) -> None:
        events, numbers, refused = [], [], []
        for number, line in enumerate(lines.raw):
            try:
                events.append(self._read(line))
                numbers.append(number)
            except Refused as reason:
                refused.append((number, str(reason)))
        columns = list(zip(*events, strict=True)) or [()] * len(self._events)
        place = [numbers, [lines.partitions[n] for n in numbers], [lines.offsets[n] for n in numbers]]
        arrays = [pa.array(column, kind) for column, kind in zip([*place, *columns], self._block.types, strict=True)]
        self._cursor.register("block", pa.table(arrays, schema=self._block))
        rule = contract.rejection(self._entity.name)
        refused += self._cursor.sql(
            f"select number, reason from (select number, {rule} as reason from block) where reason is not null"
        ).fetchall()
        left_out = ", ".join(str(number) for number, _ in refused) or "-1"
        self._cursor.execute(f"insert into staged from block where number not in ({left_out})")
        if refused:
            self._refuse(lines, refused)

    def _refuse(self, lines: Lines, refused: list[tuple[int, str]]) -> None:
        rows = [
            {
                "position": f"{lines.partitions[number]}/{lines.offsets[number]}",
                "raw": as_text(lines.raw[number]),
                "reason": reason,
            }
            for number, reason in refused
        ]
        self._cursor.register("shape", pa.Table.from_pylist(rows, schema=REFUSED))
        self._cursor.execute("insert into refused from shape")
        self.refused += len(refused)


def as_text(data: bytes) -> str:
    """A record's bytes as text, `base64:...` where they are none."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(data).decode()}"
