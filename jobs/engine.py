"""What runs the contract's SQL: DuckDB in this process, or Spark. The tables are the same ones."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

from jobs.landed import LandedObject
from jobs.results import Result
from pipeline.entities import Entity
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

SOURCE = "kafka"  # of the batch's rejected records, beside their topic


@dataclass(frozen=True)
class Read:
    """What was read of a topic: lines, how many of them are no events, and the rows that its table then held."""

    lines: int
    refused: int
    clean: int


class Engine(Protocol):
    """Loads landed objects into the batch lane's tables, and answers the questions from these.

    All that it does may be done twice, by a run that follows one that was killed. Its methods may be called by several
    threads.
    """

    def load(self, entity: Entity, topic: str, objects: list[LandedObject]) -> Read:
        """Bring the lines of a topic's objects into the entity's table and `rejected`."""

    def load_dead_letters(self, objects: list[LandedObject]) -> None:
        """Bring what the dead-letter topic tells of into `rejected`."""

    def rejected(self) -> dict[str, int]:
        """Rows of the table `rejected`, by topic."""

    def answer(self, held: dict[str, str]) -> list[Result]:
        """Answer all questions, and write each result to its Delta table, in place of what that held.

        `held`: name of a question → digest of what its table holds, brought up to date here; a table that holds the
        very rows stays untouched.
        """


def require_engine(settings: Settings) -> None:
    """Raises UserError when no job runs on the engine of the settings, ModuleNotFoundError when it is not installed.

    Cheap, and to be asked first: a run that finds nothing new would not tell.
    """
    if settings.engine in ("emr", "databricks"):
        raise UserError(f"ENGINE={settings.engine} is started by `make batch`: a job itself runs on duckdb or spark")
    module = "pyspark" if settings.engine == "spark" else "duckdb"
    if find_spec(module) is None:
        raise ModuleNotFoundError(name=module)


def engine(
    settings: Settings, estate: Estate, generation: str, records: int, writes: Callable[[int], None]
) -> AbstractContextManager[Engine]:
    """The engine of the settings over a generation of the tables, for about so many records, while the block lasts.

    `writes` is called with the pid of a process of its own that writes. Raises UserError when it does not start.
    """
    if settings.engine == "spark":
        from jobs.spark.engine import spark_engine

        return spark_engine(settings, estate, generation, records, writes)
    from jobs.embedded.engine import embedded_engine

    return embedded_engine(settings, estate, generation)
