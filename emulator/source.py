"""What the emulator reads rows from: the interface of every kind of source."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from pipeline.entities import Entity

# Where a replay goes on: a key in a database, a number of rows in a file. None: at the first row.
Position = int | str | None


class Row(NamedTuple):
    """One row as it is sent. `value` is its JSON object, `key` the row's key as text, None when the row lacks it."""

    key: str | None
    value: bytes
    position: Position  # to go on from once this row and all before it are done with


class Source(Protocol):
    """The three tables. Whatever fails for a reason outside the program is raised as UserError."""

    @property
    def name(self) -> str:
        """What is read, for a person: no secret in it."""

    @property
    def identity(self) -> str:
        """Differs when the content does, as far as that can be told without reading it all."""

    def count(self, entity: Entity) -> int:
        """Rows in the entity's table."""

    def rows(self, entity: Entity, after: Position = None) -> Iterator[Row]:
        """The rows behind a position, in replay order, in constant memory."""

    def row_at(self, entity: Entity, offset: int) -> Row | None:
        """The row `offset` rows from the first, None behind the last."""
