"""`python -m jobs export`: a table as JSON lines."""

from collections.abc import Iterator
from typing import Any

import orjson
from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.session import session
from jobs.tables import Table
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings

ORDER = {"rejected": ("topic", "position")}


def export(settings: Settings) -> None:
    """Write TABLE of LANE to OUT, one object a line, in the order of the key. The file is there whole or not at all."""
    if settings.table is None or settings.out is None:
        raise UserError("export needs to know what and where to: TABLE=pin|geo|user|rejected OUT=<file>.jsonl")
    estate = load_estate(settings)
    unfinished = settings.out.with_name(settings.out.name + ".unfinished")
    with session(settings, estate, "export", records=0) as spark:
        rows = Table(spark, estate, settings.table, settings.lane).rows().orderBy(*ORDER.get(settings.table, ("ind",)))
        rows = rows.select(*(_as_exported(name, kind) for name, kind in rows.dtypes))
        try:
            settings.out.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                number = sum(1 for line in _lines(rows.toLocalIterator()) if file.write(line))
            unfinished.replace(settings.out)
        except OSError as error:
            raise UserError(f"{settings.out} cannot be written: {error.strerror}") from None
    print(f"{number:,} rows of {settings.table} in {settings.out}", flush=True)


def _as_exported(name: str, kind: str) -> Column:
    """Times as text, YYYY-MM-DDTHH:MM:SS in UTC: Python would show them in the machine's zone, and not all of them."""
    return F.date_format(name, "yyyy-MM-dd'T'HH:mm:ss").alias(name) if kind == "timestamp" else F.col(name)


def _lines(rows: Iterator[Any]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(row.asDict(), option=orjson.OPT_APPEND_NEWLINE)
