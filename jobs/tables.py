"""The Delta tables: their schemas, and how rows get into them so that a second time changes nothing.

One driver at a time writes them (`jobs.lock`): the log store of S3 does not arbitrate between two.
"""

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
}


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

    def append(self, rows: DataFrame) -> None:
        """Add rows that are known not to be there."""
        self._create()
        rows.write.format("delta").mode("append").save(self.path)

    def upsert(self, rows: DataFrame, number: int) -> None:
        """Make the table hold these rows, `number` of them with a key (`ind`) each; rows that it holds stay untouched.

        A merge rewrites every file that holds one of the keys, be the row the same or not, so it is for changes only.
        """
        if not self.exists():
            self.append(rows)
            return
        keys = self.rows().select("ind")
        known = rows.join(keys, "ind", how="left_semi").count()
        if known and self._changed(rows).count():
            self._merge(rows)
        elif known == 0:
            self.append(rows)
        elif known < number:
            self.append(rows.join(keys, "ind", how="left_anti").select(rows.columns))

    def _merge(self, rows: DataFrame) -> None:
        differs = " or ".join(f"not (old.{name} <=> new.{name})" for name in rows.columns)
        (
            DeltaTable.forPath(self._spark, self.path)
            .alias("old")
            .merge(rows.alias("new"), "old.ind = new.ind")
            .whenMatchedUpdateAll(differs)
            .whenNotMatchedInsertAll()
            .execute()
        )

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
