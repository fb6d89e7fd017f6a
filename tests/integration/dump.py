"""python -m tests.integration.dump FOLDER TABLE...: tables of LANE as `make export` writes them, in one session."""

import sys
from pathlib import Path

from jobs.export import ORDER, _lines
from jobs.session import session
from jobs.tables import Table
from pipeline.estate import load_estate
from pipeline.settings import load

if __name__ == "__main__":
    settings = load()
    estate = load_estate(settings)
    with session(settings, estate, "dump", records=0) as spark:
        for table in sys.argv[2:]:
            rows = Table(spark, estate, table, settings.lane).rows().orderBy(*ORDER.get(table, ("ind",))).collect()
            (Path(sys.argv[1]) / f"{table}.jsonl").write_bytes(b"".join(_lines(iter(rows))))
