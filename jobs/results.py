"""Results of the questions: as CSV files for people, and for the report."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from jobs.contract import Question

RESULTS = "results.json"
AGE_GROUPS = ("under 18", "18-24", "25-35", "36-50", "50+")


@dataclass(frozen=True)
class Result:
    """The rows of one question, sorted by its columns."""

    name: str
    question: str
    columns: list[str]
    rows: list[tuple[Any, ...]]

    @classmethod
    def of(cls, question: Question, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> Self:
        """The result of rows in any order."""
        return cls(question.name, question.question, columns, sorted(rows, key=lambda row: _order(columns, row)))

    @property
    def digest(self) -> str:
        """The same for the same columns and rows."""
        return sha256(repr((self.columns, self.rows)).encode()).hexdigest()

    def records(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


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


def _order(columns: list[str], row: tuple[Any, ...]) -> list[Any]:
    """By column, from the left, nulls last; age groups by age. A country may be called like an age group."""
    return [
        (value is None, AGE_GROUPS.index(value) if name == "age_group" and value in AGE_GROUPS else value)
        for name, value in zip(columns, row, strict=True)
    ]
