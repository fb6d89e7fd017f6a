"""What an event becomes and what is asked of the tables: plain SQL, which every engine runs as it stands.

- `pin.sql`, `geo.sql`, `user.sql`: typed events (views `pin_events`, `geo_events`, `user_events`) → clean rows;
- `geo_rejection.sql`, `user_rejection.sql`: why an event is refused though each value is of its type;
- `posts.sql`: the three clean tables (views `pin`, `geo`, `user`) joined, as the view `posts`;
- `questions/`: one file for each result, in the report's order, its question as the first line; `variants/`: other
  readings of a question;
- `functions/`: what SQL of several lines has a name, an expression of `text`.

The SQL keeps to what DuckDB, Spark and Databricks SQL have in common: no backslash in a literal, and `instant(text)`
and `pair(a, b)` are what each engine defines of its own. Adding a question means adding a file.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent

# The tables' columns, as Delta types.
SCHEMAS = {
    "pin": (
        "ind bigint not null, unique_id string, title string, description string, follower_count bigint, "
        "poster_name string, tag_list string, is_image_or_video string, image_src string, save_location string, "
        "category string"
    ),
    "geo": "ind bigint not null, country string, coordinates array<double>, timestamp timestamp",
    "user": "ind bigint not null, user_name string, age int, date_joined timestamp",
    # position: <partition>/<offset> in Kafka, <shard>/<sequence number> in Kinesis
    "rejected": "source string, topic string, position string, raw string, reason string, first_seen timestamp",
}


@dataclass(frozen=True)
class Question:
    """One result: its name, the question it answers, and the SQL over the views `posts` and `user`.

    `variant`: it is another reading of a question.
    """

    name: str
    question: str
    sql: str
    variant: bool = False


def columns(table: str) -> list[str]:
    """The names of a table's columns, in order."""
    return [column.split()[0] for column in SCHEMAS[table].split(", ")]


def cleaning(entity: str) -> str:
    """The query from the view `<entity>_events` to rows of the clean table."""
    return _read(FOLDER / f"{entity}.sql")


def rejection(entity: str) -> str:
    """The expression over an event's columns that says why it is refused; null when it is not."""
    path = FOLDER / f"{entity}_rejection.sql"
    return _read(path) if path.exists() else "cast(null as varchar(1))"


def posts() -> str:
    """The query from the views `pin`, `geo` and `user` to the joined posts."""
    return _read(FOLDER / "posts.sql")


def functions() -> dict[str, str]:
    """By name, functions of one argument, `text`, as expressions."""
    return {path.stem: _read(path) for path in _files("functions")}


def _questions() -> tuple[Question, ...]:
    files = [(path, folder == "variants") for folder in ("questions", "variants") for path in _files(folder)]
    return tuple(
        Question(path.stem.partition("_")[2], _read(path).splitlines()[0].removeprefix("-- "), _read(path), variant)
        for path, variant in files
    )


def _files(folder: str) -> list[Path]:
    return sorted((FOLDER / folder).glob("*.sql"))


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


QUESTIONS = _questions()
# Of the SQL that makes the clean tables: tables of another digest were made by other rules.
DIGEST = sha256("".join(map(_read, [*_files("."), *_files("functions")])).encode()).hexdigest()[:16]
