"""The Delta tables by Spark: how rows get into them so that a second time changes nothing.

Each lane has its own, and one driver at a time writes them (`jobs.lock`): the log store of S3 does not arbitrate
between two.
"""

import math
from dataclasses import dataclass
from threading import RLock
from typing import ClassVar

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import contract
from pipeline.estate import Estate
from pipeline.settings import Lane


@dataclass(frozen=True)
class Keys:
    """The keys (`ind`) of some rows: how many, from which to which. Delta opens the files alone that may hold them."""

    number: int
    first: int
    last: int

    def within(self, name: str) -> str:
        return f"{name} between {self.first} and {self.last}"


class Table:
    """One of the tables above, of one of the lanes, in the estate's bucket; may be used by several threads.

    `lock`: held by whoever writes what depends on the files that are there; topics share `rejected`, and Delta refuses
    an append to what has changed since it was read.
    """

    PROPERTIES: ClassVar[dict[str, str]] = {}

    def __init__(
        self, spark: SparkSession, estate: Estate, name: str, lane: Lane = "batch", generation: str = ""
    ) -> None:
        self.name = name
        self.path = estate.uri(estate.table_prefix(name, lane, generation))
        self._spark = spark
        self.lock = RLock()
        self._made = False
        self._last: float | None = None  # the highest key that it holds, once that was asked for

    def exists(self) -> bool:
        self._made = self._made or bool(DeltaTable.isDeltaTable(self._spark, self.path))
        return self._made

    def rows(self) -> DataFrame:
        """The table's rows; none when nothing was ever written."""
        if not self.exists():
            return self._spark.createDataFrame([], contract.SCHEMAS[self.name])
        return self._spark.read.format("delta").load(self.path)

    def append(self, rows: DataFrame) -> None:
        """Add rows that are known not to be there."""
        if not self.exists():
            self._create()
        rows.write.format("delta").mode("append").save(self.path)

    def upsert(self, rows: DataFrame, keys: Keys) -> int:
        """Make the table hold these rows, one of each key; what it holds stays untouched. Returns how many it had not.

        A merge rewrites every file that holds one of the keys, be the row the same or not, so it is for changes only.
        """
        last = self._highest()
        if keys.first > last:
            self.append(rows)
            added = keys.number
        else:
            with self.lock:
                added = self._upsert(rows, keys)
        self._last = max(last, keys.last)
        return added

    def _upsert(self, rows: DataFrame, keys: Keys) -> int:
        held = self.rows().where(keys.within("ind"))
        known = rows.join(held.select("ind"), "ind", how="left_semi").count()
        if known and _changed(held, rows).count():
            self._merge(rows, keys)
        elif known == 0:
            self.append(rows)
        elif known < keys.number:
            self.append(rows.join(held.select("ind"), "ind", how="left_anti").select(rows.columns))
        return keys.number - known

    def _highest(self) -> float:
        """The highest key that it holds: rows above it need no look at what is there. No one else adds any."""
        if self._last is None:
            highest = self.rows().agg(F.max("ind")).first()[0] if self.exists() else None
            self._last = -math.inf if highest is None else highest
        return self._last

    def _merge(self, rows: DataFrame, keys: Keys) -> None:
        differs = " or ".join(f"not (old.{name} <=> new.{name})" for name in rows.columns)
        (
            DeltaTable.forPath(self._spark, self.path)
            .alias("old")
            .merge(rows.alias("new"), f"old.ind = new.ind and {keys.within('old.ind')}")
            .whenMatchedUpdateAll(differs)
            .whenNotMatchedInsertAll()
            .execute()
        )

    def _create(self) -> None:
        """Make the table, so that its columns are exactly the contract's, nullability included."""
        with self.lock:
            if self.exists():
                return
            builder = DeltaTable.createIfNotExists(self._spark).location(self.path)
            for name, value in self.PROPERTIES.items():
                builder = builder.property(name, value)
            for column in contract.SCHEMAS[self.name].split(", "):
                name, kind, *not_null = column.split(" ", 2)
                builder = builder.addColumn(name, kind, nullable=not not_null)
            builder.execute()


def _changed(held: DataFrame, rows: DataFrame) -> DataFrame:
    """The rows whose key the table holds with other values."""
    old, new = held.alias("old"), rows.alias("new")
    same = F.lit(True)
    for name in rows.columns:
        same = same & F.col(f"old.{name}").eqNullSafe(F.col(f"new.{name}"))
    return new.join(old, "ind").where(~same)
