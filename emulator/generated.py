"""Generated rows: an SQLite file of them, made once, and read with Python's own driver."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from emulator.generator import generate
from emulator.source import Position, Row
from pipeline.entities import ENTITIES, ColumnType, Entity
from pipeline.errors import UserError

SQLITE_TYPES: dict[ColumnType, str] = {"int": "INTEGER", "double": "REAL", "text": "TEXT", "datetime": "TEXT"}


class GeneratedSource:
    """`rows` rows of each table, whose keys are their numbers."""

    def __init__(self, folder: Path, seed: int, rows: int) -> None:
        path = generated_tables(folder, seed, rows)
        self.name = f"sqlite:///{path}"
        self.identity = f"{self.name} {dict.fromkeys((entity.name for entity in ENTITIES), rows)}"
        self._rows = rows
        # The next row may be asked for by another thread than the last one, never by two at once.
        self._database = sqlite3.connect(path, check_same_thread=False)

    def count(self, entity: Entity) -> int:
        return self._rows

    def rows(self, entity: Entity, after: Position = None) -> Iterator[Row]:
        behind = -1 if after is None else after
        query = f'SELECT * FROM {entity.source_table} WHERE "{entity.key}" > ? ORDER BY "{entity.key}"'  # noqa: S608
        try:
            for values in self._database.execute(query, (behind,)):
                yield _row(entity, values)
        except sqlite3.Error as error:
            raise UserError(f"{self.name}: {error}; it is made again when it is gone") from None

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        return next(self.rows(entity, offset - 1), None)


def _row(entity: Entity, values: tuple[Any, ...]) -> Row:
    row = dict(zip(entity.columns, values, strict=True))
    return Row(str(row[entity.key]), orjson.dumps(row), row[entity.key])


def generated_tables(folder: Path, seed: int, rows: int) -> Path:
    """The SQLite file with `rows` rows a table, made when it is not there. About 1 kB a row."""
    path = folder / f"generated-seed{seed}-rows{rows}.sqlite"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if rows >= 100_000:
            print(f"generating {rows:,} rows a table (seed {seed})", flush=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _fill(unfinished, seed, rows)
        unfinished.replace(path)
    return path


def _fill(path: Path, seed: int, rows: int) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = OFF")  # a file that is not finished is made anew
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        for entity in ENTITIES:
            database.execute(_create(entity))
        inserts = [_insert(entity) for entity in ENTITIES]
        for block in generate(seed, rows):
            for insert, table_rows in zip(inserts, block, strict=True):
                database.executemany(insert, table_rows)
        database.execute("COMMIT")
    finally:
        database.close()


def _create(entity: Entity) -> str:
    columns = ", ".join(
        f'"{name}" {SQLITE_TYPES[kind]}{" PRIMARY KEY" if name == entity.key else ""}'
        for name, kind in entity.columns.items()
    )
    return f"CREATE TABLE {entity.source_table} ({columns})"


def _insert(entity: Entity) -> str:
    return f"INSERT INTO {entity.source_table} VALUES ({', '.join('?' * len(entity.columns))})"  # noqa: S608
