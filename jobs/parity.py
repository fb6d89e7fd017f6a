"""`python -m jobs parity`: are the rows of the stream lane's tables the very rows that the batch lane's tables hold?"""

import duckdb

from jobs.embedded.database import database
from jobs.embedded.tables import Table
from jobs.progress import generation_of
from jobs.rebuild import generation_before
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import Estate, load_estate
from pipeline.settings import Lane, Settings

LANES: tuple[Lane, ...] = ("batch", "stream")


def parity(settings: Settings) -> None:
    """Compare the rows of all keys that the stream lane holds, value by value; with `before`, also the tables of each
    lane with those that it had before it was rebuilt.

    Raises UserError when one differs, is in the first alone, or when there is nothing to compare.
    """
    estate = load_estate(settings)
    now = {lane: generation_of(estate, lane) for lane in LANES}
    with database(settings.state) as connection:
        compared = [
            _compare(
                connection,
                Table(estate, entity.name, "stream", now["stream"]),
                Table(estate, entity.name, "batch", now["batch"]),
                f"{entity.name}: {{rows:,}} rows of the stream lane, {{same:,}} the same in the batch lane",
            )
            for entity in ENTITIES
        ]
        if not sum(compared):
            raise UserError("the stream lane has no rows yet: `make emulate LANE=stream`, then `make stream`")
        if settings.before:
            for lane in LANES:
                _compare_before(connection, estate, lane, now[lane])


def _compare_before(connection: duckdb.DuckDBPyConnection, estate: Estate, lane: Lane, now: str) -> None:
    before = generation_before(estate, lane, now)
    if before is None:
        raise UserError(f"the {lane} lane was never rebuilt: there are no tables of before")
    for entity in ENTITIES:
        told = f"{entity.name}: {{rows:,}} rows of the {lane} lane before its rebuild, {{same:,}} the same now"
        of_before = Table(estate, entity.name, lane, before)
        _compare(connection, of_before, Table(estate, entity.name, lane, now), told)


def _compare(connection: duckdb.DuckDBPyConnection, one: Table, other: Table, told: str) -> int:
    """Compare the rows of one table with those of another, tell how many there are, and return it.

    Raises UserError when the other one lacks some.
    """
    connection.register("found", one.rows(*one.columns))
    connection.execute("create or replace temp table these as from found")
    connection.register("those", other.rows(*other.columns))
    rows = connection.sql("from these").count("*").fetchall()[0][0]
    differing = connection.sql("from these except all from those").count("*").fetchall()[0][0]
    line = told.format(rows=rows, same=rows - differing)
    print(line, flush=True)
    if differing:
        raise UserError(f"{differing:,} rows are not so: {line}")
    return int(rows)
