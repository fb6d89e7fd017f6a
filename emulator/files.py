"""Rows of files: one .jsonl or .csv a table, sent as they are, in file order, repeated rows included."""

import csv
import json
import math
import re
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from emulator.refusals import Refuse, end_at_once
from emulator.source import Position, Row
from pipeline import json_text
from pipeline.entities import ENTITIES, ColumnType, Entity
from pipeline.errors import UserError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
INTEGER = re.compile(r"([+-]?[0-9]{1,18})(\.0+)?")  # longer ones may not fit 64 bits; pandas writes 25.0 beside nulls
DOUBLE = re.compile(r"[-+.0-9eE\s]+", re.ASCII)  # float() alone would take 1_000 too
SURROGATES = re.compile("[\ud800-\udfff]")
DELIMITERS = ",;\t|"
NULL = ("", "\\N")  # MySQL writes the latter
csv.field_size_limit(64 * 1024 * 1024)  # a picture in a field; what is too large for Kafka is refused by Kafka


class Found(NamedTuple):
    """A row in its file: the byte that it starts at, the line that it ends at, what is sent of it."""

    start: int
    line: int
    key: str | None
    value: bytes


class FileSource:
    """The three tables as files of a folder. Every row is checked before the first one is sent."""

    def __init__(self, folder: Path, refuse: Refuse = end_at_once) -> None:
        """Find and check the files. `refuse` gets a line that names file, line and fault of a row that cannot be sent.

        Raises UserError for a file that cannot be read at all.
        """
        self._refuse = refuse
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
            found = self._read(entity, lambda fault: None, self._starts[entity.name][done])
            for position, row in enumerate(found, start=done + 1):
                yield Row(row.key, row.value, position)

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        return next(islice(self.rows(entity, offset), 1), None)

    def _check(self, entity: Entity) -> "array[int]":
        """Where each row starts."""
        starts = array("Q", (row.start for row in self._read(entity, self._refuse)))
        if not starts:
            raise UserError(f"{self._paths[entity.name]} holds no rows")
        return starts

    def _read(self, entity: Entity, refuse: Refuse, start: int = 0) -> Iterator[Found]:
        path = self._paths[entity.name]
        read = _json_rows if path.suffix == ".jsonl" else _csv_rows
        try:
            _require_utf8(path)
            yield from read(path, entity, refuse, start)
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


def _require_utf8(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            raise UserError(f"{path} is in UTF-16, as Excel's Unicode text is: save it as CSV UTF-8")


def _json_rows(path: Path, entity: Entity, refuse: Refuse, start: int) -> Iterator[Found]:
    """Each line is one row, and goes out byte by byte as it stands; empty lines are none."""
    with path.open("rb") as file:
        file.seek(start)
        for number, line in enumerate(file, 1):
            text = line.removeprefix(BYTE_ORDER_MARK).strip()
            if start == 0 and re.match(rb"\[\s*(\{|$)", text):
                raise UserError(f"{path}:{number} begins a JSON array: write an object a line, as `jq -c '.[]'` does")
            if text:
                try:
                    yield Found(start, number, _key(json_text.parse(text), entity), text)
                except ValueError as error:
                    refuse(f"{path}:{number} is not JSON: {error}")
            start += len(line)


def _key(row: object, entity: Entity) -> str | None:
    """The row's key as text; None when it has none: the row is sent all the same, and rejected by the jobs."""
    key = row.get(entity.key) if isinstance(row, dict) else None
    if key is None:
        return None
    return SURROGATES.sub("\ufffd", key if isinstance(key, str) else json.dumps(key, separators=(",", ":")))


def _csv_rows(path: Path, entity: Entity, refuse: Refuse, start: int) -> Iterator[Found]:
    """Each record under the header is one row: typed as the entity's columns are, an empty field is null."""
    with path.open("rb") as file:
        first = file.readline().removeprefix(BYTE_ORDER_MARK)
        if b"\r" in first.removesuffix(b"\n").removesuffix(b"\r"):
            raise UserError(f"{path}:1 ends by a carriage return alone: save the file with LF or CRLF as line ends")
        header, delimiter = _header(path, entity, first)
        file.seek(start or len(first) + len(BYTE_ORDER_MARK) * _is_marked(path))
        for begin, line, fields in _csv_records(path, file, delimiter, refuse, 0 if start else 1):
            if len(fields) != len(header):
                refuse(f"{path}:{line} has {len(fields)} fields, its header {len(header)}")
            elif any(map(SURROGATES.search, fields)):
                refuse(f"{path}:{line} is not UTF-8: save the file as CSV UTF-8")
            else:
                row = {name: _typed(text, entity.columns.get(name)) for name, text in zip(header, fields, strict=True)}
                yield Found(begin, line, _key(row, entity), orjson.dumps(row))


def _is_marked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == BYTE_ORDER_MARK


def _header(path: Path, entity: Entity, line: bytes) -> tuple[list[str], str]:
    """The names of the columns, without blanks around them, and what parts them."""
    text = line.decode(errors="replace")
    for delimiter in DELIMITERS:
        names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
        if entity.key in names:
            return names, delimiter
    raise UserError(f"{path}:1 is no header with the column {entity.key}")


def _csv_records(
    path: Path, file: BinaryIO, delimiter: str, refuse: Refuse, line: int
) -> Iterator[tuple[int, int, list[str]]]:
    """(first byte, last line, fields) of each record; `line`: lines before the file's position.

    Of a record that is none, the first line is refused and what follows is read again: its quote may never be closed.
    """
    position = file.tell()
    lines: list[bytes] = []

    def take() -> Iterator[str]:
        while text := file.readline():
            lines.append(text)
            yield text.decode(errors="surrogateescape")

    while True:
        begin, lines[:] = position, []
        reader = csv.reader(take(), strict=True, delimiter=delimiter)
        try:
            fields = next(reader, None)
        except csv.Error as error:
            refuse(f"{path}:{line + 1} cannot be read as CSV: {error}")
            del lines[1:]
            fields = []
            file.seek(position + sum(map(len, lines)))
        position += sum(map(len, lines))
        line += len(lines)
        if fields is None:
            return
        if fields:
            yield begin, line, fields


def _typed(text: str, kind: ColumnType | None) -> int | float | str | None:
    """The field in its column's type; text that does not fit stays text, for the jobs to reject."""
    if text in NULL:
        return None
    if kind == "int" and (found := INTEGER.fullmatch(text)):
        return int(found[1])
    if kind == "double" and DOUBLE.fullmatch(text):
        try:
            return float(text) if math.isfinite(float(text)) else text
        except ValueError:
            return text
    return text
