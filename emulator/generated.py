"""The generated tables as an SQLite file, so that rows are read from a database whatever the source."""

import sqlite3
from pathlib import Path

from emulator.generator import generate
from pipeline.entities import ENTITIES, ColumnType, Entity

SQLITE_TYPES: dict[ColumnType, str] = {"int": "INTEGER", "double": "REAL", "text": "TEXT", "datetime": "TEXT"}


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
