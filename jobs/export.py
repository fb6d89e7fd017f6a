"""`python -m jobs export`: a table as JSON lines."""

from collections.abc import Iterator

import duckdb
import orjson

from jobs.embedded.database import database
from jobs.embedded.tables import Table
from jobs.progress import generation_of
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings

ORDER = {"rejected": "topic, position"}
AT_ONCE = 10_000  # rows in memory


def export(settings: Settings) -> None:
    """Write TABLE of LANE to OUT, one object a line, in the order of the key. The file is there whole or not at all."""
    if settings.table is None or settings.out is None:
        raise UserError("export needs to know what and where to: TABLE=pin|geo|user|rejected OUT=<file>.jsonl")
    estate = load_estate(settings)
    table = Table(estate, settings.table, settings.lane, generation_of(estate, settings.lane))
    unfinished = settings.out.with_name(settings.out.name + ".unfinished")
    with database(settings.state) as connection:
        connection.register("found", table.rows(*table.columns))
        rows = exported(connection, "found", ORDER.get(settings.table, "ind"))
        try:
            settings.out.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                number = sum(1 for line in rows if file.write(line))
            unfinished.replace(settings.out)
        except OSError as error:
            if error.errno is None:  # delta-rs', of what is read meanwhile
                raise
            raise UserError(f"{settings.out} cannot be written: {error.strerror}") from None
    print(f"{number:,} rows of {settings.table} in {settings.out}", flush=True)


def exported(connection: duckdb.DuckDBPyConnection, relation: str, order: str) -> Iterator[bytes]:
    """The relation's rows as JSON lines. Times are text, YYYY-MM-DDTHH:MM:SS in UTC: Python holds not all of them."""
    columns = connection.sql(f"from {relation}")
    chosen = ", ".join(
        f"strftime({name}, '%Y-%m-%dT%H:%M:%S') as {name}" if kind == "TIMESTAMP WITH TIME ZONE" else name
        for name, kind in zip(columns.columns, map(str, columns.types), strict=True)
    )
    for batch in connection.sql(f"select {chosen} from {relation} order by {order}").to_arrow_reader(AT_ONCE):
        yield from (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch.to_pylist())
