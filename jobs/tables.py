"""The Delta tables: their schemas, and how rows get into them so that a second time changes nothing.

One driver at a time writes them (`jobs.lock`): the log store of S3 does not arbitrate between two.
"""

from dataclasses import dataclass

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipeline.estate import Estate

SCHEMAS = {
    "pin": (
        "ind bigint not null, unique_id string, title string, description string, follower_count bigint, "
        "poster_name string, tag_list string, is_image_or_video string, image_src string, save_location string, "
        "category string"
    ),
    "geo": "ind bigint not null, country string, coordinates array<double>, timestamp timestamp",
    "user": "ind bigint not null, user_name string, age int, date_joined timestamp",
    # position: <partition>/<offset> in Kafka
    "rejected": "source string, topic string, position string, raw string, reason string, first_seen timestamp",
    # What each micro-batch did with what it read; written before the tables are (see jobs.load).
    "loads": (
        "query string, batch bigint, topic string, records_in bigint, clean bigint, rejected bigint, "
        "superseded bigint, loaded_at timestamp"
    ),
}


@dataclass(frozen=True)
class Change:
    """What rows would do to a table: `new` keys, `changed` rows of known keys; the rest is there as it is."""

    new: int
    changed: int


class Table:
    """One of the tables above, in the estate's bucket."""

    def __init__(self, spark: SparkSession, estate: Estate, name: str) -> None:
        self.name = name
        self.path = estate.uri(estate.table_prefix(name))
        self._spark = spark

    def exists(self) -> bool:
        return bool(DeltaTable.isDeltaTable(self._spark, self.path))

    def rows(self) -> DataFrame:
        """The table's rows; none when nothing was ever written."""
        if not self.exists():
            return self._spark.createDataFrame([], SCHEMAS[self.name])
        return self._spark.read.format("delta").load(self.path)

    def version(self) -> int | None:
        """The Delta version, None when nothing was ever written."""
        if not self.exists():
            return None
        return int(DeltaTable.forPath(self._spark, self.path).history(1).first()["version"])

    def append(self, rows: DataFrame) -> None:
        """Add rows that are known not to be there."""
        self._create()
        rows.write.format("delta").mode("append").save(self.path)

    def compare(self, rows: DataFrame, number: int) -> Change:
        """What `upsert` of these rows, `number` of them with a key (`ind`) each, will do."""
        if not self.exists():
            return Change(new=number, changed=0)
        known = rows.join(self.rows().select("ind"), "ind", how="left_semi").count()
        changed = self._changed(rows).count() if known else 0
        return Change(new=number - known, changed=changed)

    def upsert(self, rows: DataFrame, change: Change) -> None:
        """Make the table hold these rows; `change` is what `compare` said of them.

        A merge rewrites every file that holds one of the keys, be the row the same or not: it is for changes only.
        """
        if change.changed:
            existing = DeltaTable.forPath(self._spark, self.path)
            differs = " or ".join(f"not (old.{name} <=> new.{name})" for name in rows.columns)
            (
                existing.alias("old")
                .merge(rows.alias("new"), "old.ind = new.ind")
                .whenMatchedUpdateAll(differs)
                .whenNotMatchedInsertAll()
                .execute()
            )
        elif change.new:
            known = self.rows().select("ind") if self.exists() else None
            self.append(rows if known is None else rows.join(known, "ind", how="left_anti").select(rows.columns))

    def _changed(self, rows: DataFrame) -> DataFrame:
        old, new = self.rows().alias("old"), rows.alias("new")
        same = F.lit(True)
        for name in rows.columns:
            same = same & F.col(f"old.{name}").eqNullSafe(F.col(f"new.{name}"))
        return new.join(old, "ind").where(~same)

    def _create(self) -> None:
        """Make the table, so that its columns are exactly the contract's, nullability included."""
        if not self.exists():
            builder = DeltaTable.createIfNotExists(self._spark).location(self.path)
            for column in SCHEMAS[self.name].split(", "):
                name, kind, *not_null = column.split(" ", 2)
                builder = builder.addColumn(name, kind, nullable=not not_null)
            builder.execute()
