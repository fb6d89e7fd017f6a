"""DuckDB and delta-rs as the batch's engine."""

import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat

import duckdb
import msgspec
import pyarrow as pa

from jobs import contract
from jobs.contract import Question
from jobs.embedded.database import database
from jobs.embedded.intake import Staged, as_text, refused_of
from jobs.embedded.lines import blocks
from jobs.embedded.tables import Table
from jobs.engine import SOURCE, Read
from jobs.landed import LandedObject
from jobs.rejections import NO_LETTER
from jobs.results import Result
from pipeline.entities import Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

LETTER = pa.schema([(name, pa.string()) for name in ("source", "topic", "position", "raw", "reason")])


class Letter(msgspec.Struct):
    """A line of the dead-letter topic, as the sink puts it there."""

    topic: str
    partition: int
    offset: int
    reason: str
    value_base64: str | None = None


LETTER_OF = msgspec.json.Decoder(Letter).decode
AT_ONCE = 4  # result tables are written together: each is a few calls of S3


@contextmanager
def embedded_engine(settings: Settings, estate: Estate, generation: str) -> Iterator["EmbeddedEngine"]:
    """DuckDB, spilling to STATE."""
    with database(settings.state) as connection:
        yield EmbeddedEngine(connection, estate, generation)


class EmbeddedEngine:
    """See `jobs.engine.Engine`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, estate: Estate, generation: str) -> None:
        self._connection = connection
        self._estate = estate
        self._generation = generation
        self._rejected = self._table("rejected")

    def load(self, entity: Entity, topic: str, objects: list[LandedObject]) -> Read:
        with self._connection.cursor() as cursor:
            staged = Staged(cursor, entity)
            staged.read(blocks(self._estate, objects))
            if staged.refused:
                self._rejected.append_rejected(cursor, refused_of(cursor, SOURCE, topic))
            return Read(staged.lines, staged.refused, self._table(entity.name).upsert(cursor, "clean"))

    def _table(self, name: str) -> Table:
        return Table(self._estate, name, generation=self._generation)

    def load_dead_letters(self, objects: list[LandedObject]) -> None:
        with self._connection.cursor() as cursor:
            for lines in blocks(self._estate, objects):
                topics = repeat(self._estate.dead_letter_topic)
                rows = list(map(dead_letter, lines.raw, topics, lines.partitions, lines.offsets))
                cursor.register("letters", pa.table(list(zip(*rows, strict=True)), schema=LETTER))
                self._rejected.append_rejected(cursor, "letters")

    def rejected(self) -> dict[str, int]:
        with self._connection.cursor() as cursor:
            cursor.register("found", self._rejected.rows("topic"))
            return dict(cursor.execute("select topic, count(*) from found group by topic").fetchall())

    def answer(self, held: dict[str, str]) -> list[Result]:
        with self._connection.cursor() as cursor:
            for name in ("pin", "geo", "user"):
                table = self._table(name)
                cursor.register("found", table.rows(*filter(_is_asked, table.columns)))
                cursor.execute(f"create or replace temp table {name} as from found")
            cursor.execute(f"create or replace temp table posts as {contract.posts()}")
            answers = [(question, cursor.sql(question.sql).to_arrow_table()) for question in contract.QUESTIONS]

        def keep(answer: tuple[Question, pa.Table]) -> Result:
            question, rows = answer
            result = Result.of(question, rows.column_names, zip(*rows.to_pydict().values(), strict=True))
            if held.get(question.name) != result.digest:
                Table(self._estate, question.name).overwrite(rows)
                held[question.name] = result.digest
            return result

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(keep, answers))


def _is_asked(column: str) -> bool:
    """Whether any of the SQL names it: what is not asked of is not read."""
    return any(re.search(rf"\b{column}\b", sql) for sql in (contract.posts(), *(q.sql for q in contract.QUESTIONS)))


def dead_letter(line: bytes, topic: str, partition: int, offset: int) -> tuple[str | None, ...]:
    """What a line of the dead-letter topic (`topic`) tells of: (source, topic, position, raw, reason).

    `raw` is the refused value as text, `base64:...` where it is none, null where there was no value. Whoever may
    write to topics may write to this one: what is no dead letter is rejected itself.
    """
    try:
        letter = LETTER_OF(line)
        value = letter.value_base64
        raw = None if value is None else as_text(base64.b64decode(value, validate=True))
    except ValueError:  # msgspec's too
        return SOURCE, topic, f"{partition}/{offset}", as_text(line), NO_LETTER
    return SOURCE, letter.topic, f"{letter.partition}/{letter.offset}", raw, letter.reason
