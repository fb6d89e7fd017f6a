"""The Delta tables as delta-rs and Arrow read them: another implementation than the one that wrote, and no JVM."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from pipeline.estate import Estate
from pipeline.settings import Lane

ORDER = {"rejected": ["topic", "position"]}


def read_table(estate: Estate, name: str, lane: Lane = "batch") -> list[dict[str, Any]]:
    """The table's rows in the order of the key, times as text in UTC; none when nothing was ever written."""
    s3, prefix = estate.client("s3"), f"{estate.table_prefix(name, lane)}/"

    def get(key: str) -> bytes:
        return s3.get_object(Bucket=estate.bucket, Key=prefix + key)["Body"].read()

    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix=f"{prefix}_delta_log/")
    log = [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
        for key, content in zip(log, pool.map(get, log), strict=True):
            file = Path(folder, key)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        if not log:
            return []
        files = [str(Path(uri).relative_to(folder)) for uri in DeltaTable(folder).file_uris()]
        parts = [pq.read_table(BytesIO(part), coerce_int96_timestamp_unit="us") for part in pool.map(get, files)]
    if not parts:
        return []
    rows = pa.concat_tables(parts).sort_by([(column, "ascending") for column in ORDER.get(name, ["ind"])])
    return [{column: _as_text(value) for column, value in row.items()} for row in rows.to_pylist()]


def _as_text(value: Any) -> Any:
    """A time as YYYY-MM-DDTHH:MM:SS, anything else as it is."""
    return value.replace(tzinfo=None).isoformat(timespec="seconds") if isinstance(value, datetime) else value
