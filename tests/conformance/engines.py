"""Each engine as these tests see it: of lines, the clean table and the reasons; of clean tables, the results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Protocol
from unittest import mock

import pyarrow as pa

from jobs import contract
from jobs.embedded import intake
from jobs.embedded.database import database
from jobs.embedded.engine import dead_letter
from jobs.embedded.intake import Staged
from jobs.embedded.lines import Lines
from jobs.spark.events import event_columns, events
from jobs.spark.intake import clean, latest
from jobs.spark.landed_lines import dead_letters
from pipeline.entities import Entity

Row = dict[str, Any]
ARROW = {"bigint": pa.int64(), "int": pa.int32(), "string": pa.string(), "timestamp": pa.timestamp("us", "UTC")}
ARROW["array<double>"] = pa.list_(pa.float64())


@dataclass(frozen=True)
class Outcome:
    """`rows`: of the clean table, by key; `reasons`: number of a line → why it was refused."""

    rows: dict[int, Row]
    reasons: dict[int, str]


class Engine(Protocol):
    def read(self, entity: Entity, lines: Iterable[bytes | str]) -> Outcome: ...

    def dead_letters(self, lines: Iterable[bytes | str]) -> list[tuple[str | None, ...]]:
        """(topic, position, raw, reason) of lines of partition 0 of the dead-letter topic `u.dead`."""
        ...

    def answer(self, tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
        """Name of a result → its columns and its rows, from the rows of the clean tables."""
        ...


class Embedded:
    def __init__(self, state):
        self.state = state

    def read(self, entity, lines):
        raw = [_bytes(line) for line in lines]
        # So few together that both ways of reading them are taken.
        with database(self.state) as cursor, mock.patch.object(intake, "TOGETHER", 2):
            staged = Staged(cursor, entity)
            staged.read([Lines(raw, [0] * len(raw), list(range(len(raw))))])
            rows = cursor.sql("from clean").to_arrow_table().to_pylist()
            reasons = cursor.execute("select cast(split_part(position, '/', 2) as int), reason from refused").fetchall()
            assert (staged.lines, staged.refused) == (len(raw), len(reasons))
        return Outcome({row["ind"]: _naive(row) for row in rows}, dict(reasons))

    def dead_letters(self, lines):
        return [dead_letter(_bytes(line), "u.dead", 0, number)[1:] for number, line in enumerate(lines)]

    def answer(self, tables):
        with database(self.state) as cursor:
            for name, rows in tables.items():
                fields = [column.split()[:2] for column in contract.SCHEMAS[name].split(", ")]
                schema = pa.schema([(field, ARROW[kind]) for field, kind in fields])
                columns = [dict(zip(schema.names, row, strict=True)) for row in rows]
                cursor.register("found", pa.Table.from_pylist(columns, schema=schema))
                cursor.execute(f"create temp table {name} as from found")
            cursor.execute(f"create temp table posts as {contract.posts()}")
            answers = {question.name: cursor.sql(question.sql).to_arrow_table() for question in contract.QUESTIONS}
        return {
            name: (table.column_names, list(zip(*table.to_pydict().values(), strict=True)))
            for name, table in answers.items()
        }


class Spark:
    def __init__(self, session):
        self.session = session

    def read(self, entity, lines):
        rows = [(n, bytearray(_bytes(line))) for n, line in enumerate(lines)]
        frame = self.session.createDataFrame(rows, "place int, raw binary").coalesce(1)
        read = events(frame.selectExpr("place", "cast(raw as string) as raw"), entity).cache()
        refused = read.where("rejection is not null").select("place", "rejection").collect()
        valid = read.where("rejection is null").select(*event_columns(entity), "place")
        found = clean(latest(valid, entity.key), entity).collect()
        read.unpersist()
        return Outcome({row["ind"]: row.asDict() for row in found}, {row["place"]: row["rejection"] for row in refused})

    def dead_letters(self, lines):
        rows = [(f"0/{number}", bytearray(_bytes(line))) for number, line in enumerate(lines)]
        frame = self.session.createDataFrame(rows, "position string, raw binary").coalesce(1)
        found = dead_letters(frame.selectExpr("position", "cast(raw as string) as raw"), "u.dead")
        return [tuple(row) for row in found.collect()]

    def answer(self, tables):
        for name, rows in tables.items():
            self.session.createDataFrame(rows, contract.SCHEMAS[name]).coalesce(1).createOrReplaceTempView(name)
        posts = self.session.sql(contract.posts()).cache()
        posts.createOrReplaceTempView("posts")
        answers = {question.name: self.session.sql(question.sql) for question in contract.QUESTIONS}
        return {name: (rows.columns, [tuple(row) for row in rows.collect()]) for name, rows in answers.items()}


def _bytes(line: bytes | str) -> bytes:
    return line if isinstance(line, bytes) else line.encode()


def _naive(row: Row) -> Row:
    """As Spark gives times on a machine in UTC."""
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if hasattr(value, "tzinfo") else value
        for name, value in row.items()
    }
