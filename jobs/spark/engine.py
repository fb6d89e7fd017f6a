"""Spark as the batch's engine."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pyspark.sql import DataFrame, SparkSession

from jobs import contract
from jobs.contract import Question
from jobs.engine import SOURCE, Read
from jobs.landed import LandedObject
from jobs.results import Result
from jobs.spark.intake import Origin, ingest, reject
from jobs.spark.landed_lines import dead_letters, landed_lines
from jobs.spark.session import kept, session
from jobs.spark.tables import Table
from pipeline.entities import Entity
from pipeline.estate import Estate
from pipeline.settings import Settings

AT_ONCE = 4  # small queries wait more than they work


@contextmanager
def spark_engine(
    settings: Settings, estate: Estate, generation: str, records: int, writes: Callable[[int], None]
) -> Iterator["SparkEngine"]:
    """Spark for about so many records; `writes` hears the pid of its JVM. Raises UserError as `session` does."""
    began = time.monotonic()
    with session(settings, estate, "batch", records, writes) as spark:
        print(f"Spark started in {time.monotonic() - began:.1f} s", flush=True)
        yield SparkEngine(spark, estate, generation)


class SparkEngine:
    """See `jobs.engine.Engine`."""

    def __init__(self, spark: SparkSession, estate: Estate, generation: str) -> None:
        self._spark = spark
        self._estate = estate
        self._generation = generation
        self._rejected = self._table("rejected")

    def load(self, entity: Entity, topic: str, objects: list[LandedObject]) -> Read:
        table = self._table(entity.name)
        lines = landed_lines(self._spark, self._estate, objects)
        taken = ingest(lines, entity, table, self._rejected, Origin(SOURCE, topic))
        return Read(taken.lines, taken.refused, table.rows().count())

    def load_dead_letters(self, objects: list[LandedObject]) -> None:
        lines = landed_lines(self._spark, self._estate, objects)
        reject(dead_letters(lines, self._estate.dead_letter_topic), self._rejected, SOURCE)

    def rejected(self) -> dict[str, int]:
        return {row["topic"]: row["count"] for row in self._rejected.rows().groupBy("topic").count().collect()}

    def answer(self, held: dict[str, str]) -> list[Result]:
        for name in ("pin", "geo", "user"):
            self._table(name).rows().createOrReplaceTempView(name)

        def compute(question: Question) -> Result:
            with kept(self._spark.sql(question.sql).coalesce(1)) as rows:
                result = Result.of(question, rows.columns, (tuple(row) for row in rows.collect()))
                if held.get(question.name) != result.digest:
                    self._write(rows, question.name)
                    held[question.name] = result.digest
            return result

        with kept(self._spark.sql(contract.posts())) as posts, ThreadPoolExecutor(AT_ONCE) as pool:
            posts.count()  # fills the cache once, rather than once for each of the queries that start together
            posts.createOrReplaceTempView("posts")
            return list(pool.map(compute, contract.QUESTIONS))

    def _table(self, name: str) -> Table:
        return Table(self._spark, self._estate, name, generation=self._generation)

    def _write(self, rows: DataFrame, name: str) -> None:
        path = self._estate.uri(self._estate.table_prefix(name))
        rows.write.format("delta").mode("overwrite").option("overwriteSchema", True).save(path)
