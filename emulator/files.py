"""Rows of files: one .jsonl or .csv a table, sent as they are, in file order, repeated rows included."""

import csv
import math
import re
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from emulator.source import Position, Row
from pipeline.entities import ENTITIES, ColumnType, Entity
from pipeline.errors import UserError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")  # longer ones may not fit 64 bits
DOUBLE = re.compile(r"[-+.0-9eE\s]+", re.ASCII)  # float() alone would take 1_000 too


class Found(NamedTuple):
    """A row in its file: the byte that it starts at, the line that it ends at, what is sent of it."""

    start: int
    line: int
    key: str | None
    value: bytes


class FileSource:
    """The three tables as files of a folder. Every row is checked before the first one is sent."""

    def __init__(self, folder: Path) -> None:
        """Find and check the files. Raises UserError that names the file and the line of what cannot be sent."""
        self.name = str(folder)
        self._paths = {entity.name: _find(folder, entity) for entity in ENTITIES}
        self._starts = {entity.name: self._check(entity) for entity in ENTITIES}

    @property
    def identity(self) -> str:
        versions = [(path.stat().st_size, path.stat().st_mtime_ns) for path in self._paths.values()]
        return f"{Path(self.name).resolve()} {versions}"

    def count(self, entity: Entity) -> int:
        return len(self._starts[entity.name])

    def rows(self, entity: Entity, after: Position = None) -> Iterator[Row]:
        done = int(after or 0)
        if done < self.count(entity):
            found = self._read(entity, self._starts[entity.name][done])
            for position, row in enumerate(found, start=done + 1):
                yield Row(row.key, row.value, position)

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        return next(islice(self.rows(entity, offset), 1), None)

    def _check(self, entity: Entity) -> "array[int]":
        """Where each row starts."""
        starts = array("Q", (row.start for row in self._read(entity)))
        if not starts:
            raise UserError(f"{self._paths[entity.name]} holds no rows")
        return starts

    def _read(self, entity: Entity, start: int = 0) -> Iterator[Found]:
        path = self._paths[entity.name]
        read = _json_rows if path.suffix == ".jsonl" else _csv_rows
        try:
            yield from read(path, entity, start)
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _find(folder: Path, entity: Entity) -> Path:
    paths = [folder / f"{entity.source_table}{suffix}" for suffix in (".jsonl", ".csv")]
    found = [path for path in paths if path.is_file()]
    if not found:
        raise UserError(f"no {paths[0].name} or {paths[1].name} in {folder}")
    if len(found) > 1:
        raise UserError(f"both {paths[0].name} and {paths[1].name} in {folder}: keep the one to send")
    return found[0]


def _json_rows(path: Path, entity: Entity, start: int) -> Iterator[Found]:
    """Each line is one row, and goes out byte by byte as it stands; empty lines are none."""
    with path.open("rb") as file:
        file.seek(start)
        for number, line in enumerate(file, 1):
            text = line.removeprefix(BYTE_ORDER_MARK).strip()
            if text:
                try:
                    row = orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    raise UserError(f"{path}:{number} is not JSON: {error}") from None
                yield Found(start, number, _key(row, entity), text)
            start += len(line)


def _key(row: object, entity: Entity) -> str | None:
    """The row's key as text; None when it has none: the row is sent all the same, and rejected by the jobs."""
    key = row.get(entity.key) if isinstance(row, dict) else None
    return None if key is None else key if isinstance(key, str) else orjson.dumps(key).decode()


def _csv_rows(path: Path, entity: Entity, start: int) -> Iterator[Found]:
    """Each record under the header is one row: typed as the entity's columns are, an empty field is null."""
    with path.open("rb") as file:
        position = 0  # the byte behind what the reader has taken

        def lines() -> Iterator[str]:
            nonlocal position
            for line in file:
                text = line if position else line.removeprefix(BYTE_ORDER_MARK)
                position += len(line)
                yield text.decode()

        reader = csv.reader(lines(), strict=True)
        try:
            header = next(reader, [])
            if entity.key not in header:
                raise UserError(f"{path}:1 is no header with the column {entity.key}")
            if start > 0:
                file.seek(start)
                position = start
                reader = csv.reader(lines(), strict=True)
            begin = position
            for fields in reader:
                if len(fields) not in (0, len(header)):
                    raise UserError(f"{path}:{reader.line_num} has {len(fields)} fields, its header {len(header)}")
                if fields:
                    row = {
                        name: _typed(text, entity.columns.get(name)) for name, text in zip(header, fields, strict=True)
                    }
                    yield Found(begin, reader.line_num, _key(row, entity), orjson.dumps(row))
                begin = position
        except (csv.Error, UnicodeDecodeError) as error:
            undecoded = isinstance(error, UnicodeDecodeError)  # a line that the reader has not counted
            raise UserError(f"{path}:{reader.line_num + undecoded} cannot be read as CSV: {error}") from None


def _typed(text: str, kind: ColumnType | None) -> int | float | str | None:
    """The field in its column's type; text that does not fit stays text, for the jobs to reject."""
    if text == "":
        return None
    if kind == "int" and INTEGER.fullmatch(text):
        return int(text)
    if kind == "double" and DOUBLE.fullmatch(text):
        try:
            return float(text) if math.isfinite(float(text)) else text
        except ValueError:
            return text
    return text
