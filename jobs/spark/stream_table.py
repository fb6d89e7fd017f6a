"""A table of the stream lane by Spark: some commits a minute, beside which it is kept in shape."""

from typing import ClassVar

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from jobs.spark.tables import Table
from jobs.stream_tables import PROPERTIES, SMALL
from pipeline.estate import Estate


class StreamTable(Table):
    """A micro-batch's rows are one file: they are few."""

    PROPERTIES: ClassVar = PROPERTIES

    def __init__(self, spark: SparkSession, estate: Estate, name: str, generation: str) -> None:
        super().__init__(spark, estate, name, "stream", generation)
        if self.exists():
            self._set_properties()

    def append(self, rows: DataFrame) -> None:
        super().append(rows.coalesce(1))

    def tidy(self, large: bool) -> None:
        """Make one file of many small ones, or of large ones too, and then delete what no reader needs any more.

        Appends may go on meanwhile.
        """
        if not self.exists():
            return
        for limit in ("minFileSize", "maxFileSize"):
            name = f"spark.databricks.delta.optimize.{limit}"
            self._spark.conf.unset(name) if large else self._spark.conf.set(name, SMALL)
        table = DeltaTable.forPath(self._spark, self.path)
        with self.lock:
            table.optimize().executeCompaction()
        if large:
            table.vacuum()

    def _set_properties(self) -> None:
        """Of a table that was made without them."""
        named = f"delta.`{self.path}`"
        properties = {row["key"]: row["value"] for row in self._spark.sql(f"show tblproperties {named}").collect()}
        if not self.PROPERTIES.items() <= properties.items():
            pairs = ", ".join(f"'{name}' = '{value}'" for name, value in self.PROPERTIES.items())
            self._spark.sql(f"alter table {named} set tblproperties ({pairs})")
