"""python -m tests.integration.dump FOLDER: the clean tables as `make export` writes them, in one Spark session."""

import sys
from pathlib import Path

from jobs.export import _lines
from jobs.session import session
from jobs.tables import Table
from pipeline.entities import ENTITIES
from pipeline.estate import load_estate
from pipeline.settings import load

if __name__ == "__main__":
    settings = load()
    estate = load_estate(settings)
    with session(settings, estate, "dump", records=0) as spark:
        for entity in ENTITIES:
            rows = Table(spark, estate, entity.name).rows().orderBy("ind").collect()
            (Path(sys.argv[1]) / f"{entity.name}.jsonl").write_bytes(b"".join(_lines(iter(rows))))
