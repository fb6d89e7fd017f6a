"""Answers the questions from the clean tables: each result as a Delta table, as a CSV file, and for the report."""

import csv
import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.analyses import AGE_GROUPS, ANALYSES, Analysis, Tables, join_tables
from jobs.session import kept
from jobs.tables import Table
from pipeline.estate import Estate

RESULTS = "results.json"
AT_ONCE = 4  # small queries wait more than they work


@dataclass(frozen=True)
class Result:
    """One analysis' rows, sorted by its columns."""

    name: str
    question: str
    columns: list[str]
    rows: list[tuple[Any, ...]]

    @property
    def digest(self) -> str:
        """The same for the same columns and rows."""
        return sha256(repr((self.columns, self.rows)).encode()).hexdigest()

    def records(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def answer(spark: SparkSession, estate: Estate, held: dict[str, str]) -> list[Result]:
    """Compute all analyses and write each to its Delta table, in place of what that held.

    `held`: name of an analysis → digest of what its table holds, brought up to date here; a table that holds the very
    rows stays untouched.
    """
    pin, geo, user = (Table(spark, estate, name).rows() for name in ("pin", "geo", "user"))

    def compute(analysis: Analysis, tables: Tables) -> Result:
        with kept(analysis.compute(tables).coalesce(1)) as result:
            rows = sorted((tuple(row) for row in result.collect()), key=partial(_order, result.columns))
            answered = Result(analysis.name, analysis.question, result.columns, rows)
            if held.get(analysis.name) != answered.digest:
                _write(result, estate, analysis.name)
                held[analysis.name] = answered.digest
        return answered

    with kept(join_tables(pin, geo, user)) as posts, ThreadPoolExecutor(AT_ONCE) as pool:
        posts.count()  # fills the cache once, rather than once for each of the queries that start together
        return list(pool.map(compute, ANALYSES, repeat(Tables(posts=posts, users=user))))


def save_results(results: list[Result], folder: Path) -> None:
    """One file per result, `<name>.csv`, with a header; and all of them as `results.json`, for the report.

    Each file is there whole or as it was before: the stream lane's report may read them meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        _replace(folder / f"{result.name}.csv", "".join(map(_csv_line, [result.columns, *result.rows])))
    _replace(folder / RESULTS, json.dumps([asdict(result) for result in results]))


def _csv_line(row: Sequence[Any]) -> str:
    """The row as CSV, ended by LF. The writer quotes only what its own line end holds, and a text may hold a CR."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(row)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="")
    unfinished.replace(path)


def load_results(folder: Path) -> list[Result]:
    """What the last batch answered; empty when there was none."""
    path = folder / RESULTS
    if not path.exists():
        return []
    stored = json.loads(path.read_text(encoding="utf-8"))
    return [Result(**{**result, "rows": [tuple(row) for row in result["rows"]]}) for result in stored]


def _write(result: DataFrame, estate: Estate, name: str) -> None:
    path = estate.uri(estate.table_prefix(name))
    result.write.format("delta").mode("overwrite").option("overwriteSchema", True).save(path)


def _order(columns: list[str], row: tuple[Any, ...]) -> list[Any]:
    """By column, from the left, nulls last; age groups by age. A country may be called like an age group."""
    return [
        (value is None, AGE_GROUPS.index(value) if name == "age_group" and value in AGE_GROUPS else value)
        for name, value in zip(columns, row, strict=True)
    ]
