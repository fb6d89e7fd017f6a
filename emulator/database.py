"""Rows of a database, through SQLAlchemy: MySQL, MariaDB, SQLite and whatever else has a driver installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from emulator.source import Position, Row
from pipeline.entities import ENTITIES, Entity
from pipeline.errors import UserError

PAGE = 5000  # rows a query


class DatabaseSource:
    """The three tables of a database, read in key order, a page a query.

    Pages by key rather than one long server-side cursor: a slow replay would leave the cursor unread for longer than
    MySQL's net_write_timeout of 60 s, and a replay that goes on after a kill needs the same query anyway.
    """

    def __init__(self, url: str | sa.URL) -> None:
        """Connect, and find the tables and their columns. Raises UserError that never holds the password."""
        try:
            parsed = sa.make_url(url)
            hidden = {name: "hidden" for name in parsed.query if "passw" in name.lower()}  # a driver's own option
            self.name = parsed.update_query_dict(hidden).render_as_string(hide_password=True)
            self._engine = sa.create_engine(parsed, pool_pre_ping=True)
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
            yield from (_row(None, row, None) for row in self._fetch(sa.select(table).where(key.is_(None))))
        size = PAGE
        while True:
            behind = key.is_not(None) if after is None else key > after
            page = self._fetch(sa.select(table).where(behind).order_by(key).limit(size))
            full = len(page) == size
            if full:  # rows of the last key may stand behind the page: leave them all to the next one
                page = [row for row in page if key_of(row) != key_of(page[-1])]
            for row, following in zip_longest(page, page[1:]):
                if following is None or key_of(following) != key_of(row):
                    after = key_of(row)
                yield _row(key_of(row), row, after)
            if not full:
                return
            size = PAGE if page else size * 2  # one key has more rows than a page holds

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        table = self._tables[entity.name]
        key = table.c[entity.key]
        found = self._fetch(sa.select(table).order_by(key).limit(1).offset(offset))
        return _row(found[0]._mapping[entity.key], found[0], None) if found else None

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
        except (SQLAlchemyError, RuntimeError) as error:  # PyMySQL raises the latter when cryptography is not there
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise UserError(f"{self.name}: {' '.join(str(reason).split())}") from None


def _row(key: Any, row: sa.Row[Any], position: Position) -> Row:
    return Row(None if key is None else str(key), orjson.dumps(row._asdict(), default=_plain), position)


def _plain(value: object) -> object:
    """What JSON has no type for: an exact decimal becomes a number, bytes become text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(f"a column of type {type(value).__name__} has no JSON form")
