"""Rows of a database, through SQLAlchemy: MySQL, MariaDB, SQLite and whatever else has a driver installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from emulator.refusals import Refuse, end_at_once
from emulator.source import Position, Row
from pipeline.entities import ENTITIES, ColumnType, Entity
from pipeline.errors import UserError

PAGE = 5000  # rows a query
SILENCE = 120  # seconds


class DatabaseSource:
    """The three tables of a database, read in key order, a page a query.

    Pages by key rather than one long server-side cursor: a slow replay would leave the cursor unread for longer than
    MySQL's net_write_timeout of 60 s, and a replay that goes on after a kill needs the same query anyway.
    """

    def __init__(self, url: str | sa.URL, refuse: Refuse = end_at_once, silence: int = SILENCE) -> None:
        """Connect, and find the tables and their columns.

        `refuse` gets a line that names each row that has no JSON form; `silence`: seconds without a word after which
        MySQL is given up. Raises UserError that never holds the password.
        """
        self._refuse = refuse
        if isinstance(url, str) and url.count("@") > 1:
            # It would be cut at the first one, and the rest of the password be taken for the host's name.
            raise UserError("SOURCE has more than one @: write each @ of the password as %40")
        try:
            parsed = sa.make_url(url)
            self.name = parsed.set(query={}).render_as_string(hide_password=True)
            self._secrets = [text for text in (parsed.password, *map(str, parsed.query.values())) if text]
            self._engine = sa.create_engine(parsed, pool_pre_ping=True, connect_args=_timeouts(parsed, silence))
            if parsed.get_backend_name() == "sqlite":
                sa.event.listen(self._engine, "connect", _take_any_text)
        except (ArgumentError, ValueError):
            raise UserError("SOURCE is no SQLAlchemy URL: it looks like mysql+pymysql://user:pw@host/db") from None
        except ModuleNotFoundError as error:
            raise UserError(
                f"SOURCE needs the Python module {error.name}, which is not installed (MySQL: mysql+pymysql://...)"
            ) from None
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            raise UserError(f"no SQLite file at {parsed.database}")  # SQLite would make an empty one
        self._tables = {entity.name: self._table(entity) for entity in ENTITIES}
        self._counts = {entity.name: self._count(entity) for entity in ENTITIES}

    @property
    def identity(self) -> str:
        return f"{self.name} {self._counts}"

    def count(self, entity: Entity) -> int:
        return self._counts[entity.name]

    def rows(self, entity: Entity, after: Position = None) -> Iterator[Row]:
        table, key = self._tables[entity.name], self._tables[entity.name].c[entity.key]
        key_of = itemgetter(list(entity.columns).index(entity.key))
        if after is None:  # rows without a key come first: they have no place in the order of keys
            for row in self._fetch(sa.select(table).where(key.is_(None))):
                yield from self._sendable(entity, None, row, None)
        size = PAGE
        while True:
            behind = key.is_not(None) if after is None else key > after
            page = self._fetch(sa.select(table).where(behind).order_by(key).limit(size))
            full = len(page) == size
            if full:  # rows of the last key may stand behind the page: leave them all to the next one
                page = [row for row in page if key_of(row) != key_of(page[-1])]
            for row, following in zip_longest(page, page[1:]):
                if following is None or key_of(following) != key_of(row):
                    after = _position(key_of(row))
                yield from self._sendable(entity, key_of(row), row, after)
            if not full:
                return
            size = PAGE if page else size * 2  # one key has more rows than a page holds

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        table = self._tables[entity.name]
        key = table.c[entity.key]
        found = self._fetch(sa.select(table).order_by(key).limit(1).offset(offset))
        return next(self._sendable(entity, found[0]._mapping[entity.key], found[0], None), None) if found else None

    def _sendable(self, entity: Entity, key: Any, row: sa.Row[Any], position: Position) -> Iterator[Row]:
        """The row, unless it has no JSON form."""
        try:
            yield _row(entity, key, row, position)
        except (TypeError, ValueError) as error:
            self._refuse(f"table {entity.source_table}: the row with key {key} cannot be sent: {error}")

    def _fetch(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        with self._clear_errors(), self._engine.connect() as connection:
            return list(connection.execute(query).all())

    def _count(self, entity: Entity) -> int:
        return int(self._fetch(sa.select(sa.func.count()).select_from(self._tables[entity.name]))[0][0])

    def _table(self, entity: Entity) -> sa.TableClause:
        """The entity's table with its columns and no types, so that each value is what the driver makes of it."""
        with self._clear_errors():
            inspector = sa.inspect(self._engine)
            if not inspector.has_table(entity.source_table):
                raise UserError(f"{self.name} has no table {entity.source_table}")
            present = {column["name"] for column in inspector.get_columns(entity.source_table)}
        if missing := [name for name in entity.columns if name not in present]:
            raise UserError(f"table {entity.source_table} of {self.name} lacks the column {', '.join(missing)}")
        return sa.table(entity.source_table, *(sa.column(name) for name in entity.columns))

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError:  # whose words hold a part of it
            raise UserError(f"{self.name}: user or password has a character that this driver cannot send") from None
        except (SQLAlchemyError, RuntimeError) as error:  # PyMySQL raises the latter when cryptography is not there
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise UserError(f"{self.name}: {self._without_secrets(' '.join(str(reason).split()))}") from None

    def _without_secrets(self, text: str) -> str:
        """What a driver says, which may hold parts of the URL."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            if len(secret) > 3:
                text = text.replace(secret, "***")
        return text


def _timeouts(url: sa.URL, silence: int) -> dict[str, int]:
    """How long PyMySQL waits for a server that does not answer, unless the URL says so: by itself, for ever."""
    if url.get_driver_name() != "pymysql":
        return {}
    waits = {"connect_timeout": 10, "read_timeout": silence, "write_timeout": silence}
    return {name: seconds for name, seconds in waits.items() if name not in url.query}


def _take_any_text(connection: Any, _: object) -> None:
    """Let SQLite give a text that is not UTF-8 with replacement characters, rather than end the page it is in."""
    connection.text_factory = lambda raw: raw.decode(errors="replace")


def _row(entity: Entity, key: Any, row: sa.Row[Any], position: Position) -> Row:
    values = {name: _of_column(value, entity.columns[name]) for name, value in row._asdict().items()}
    key = _position(key)
    return Row(None if key is None else str(key), orjson.dumps(values, default=_plain), position)


def _of_column(value: object, kind: ColumnType) -> object:
    """A database's truth value is the integer that the column holds; an integer of any size is a JSON number."""
    if not isinstance(value, int):
        return value
    if isinstance(value, bool):
        return int(value) if kind == "int" else value
    return value if -(2**63) <= value < 2**64 else orjson.Fragment(str(value))


def _position(key: Any) -> Position:
    """The key as JSON has it, in a form that the database compares with it."""
    if key is None or isinstance(key, str):
        return key
    if isinstance(key, int):
        return int(key)
    if isinstance(key, Decimal) and key == key.to_integral_value():
        return int(key)
    if isinstance(key, bytes | bytearray | memoryview):
        return bytes(key).decode(errors="replace")
    return str(key)


def _plain(value: object) -> object:
    """What JSON has no type for: an exact decimal stays exact, bytes become text, a time span is as it is written."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        whole = value == value.to_integral_value()
        return orjson.Fragment(format(value.to_integral_value() if whole else value, "f"))
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="replace")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    raise TypeError(f"a column of type {type(value).__name__} has no JSON form")
