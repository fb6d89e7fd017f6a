"""The Delta tables as Arrow reads their files, which delta-rs names: none of the jobs' code, and no JVM."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from deltalake import DeltaTable

from pipeline.estate import Estate
from pipeline.settings import Lane

ORDER = {"rejected": ["topic", "position"]}


def read_table(estate: Estate, name: str, lane: Lane = "batch") -> list[dict[str, Any]]:
    """The table's rows in the order of the key, times as text in UTC; none when nothing was ever written."""
    s3 = estate.client("s3")
    generation = _generation(estate, lane)
    prefix = f"{estate.table_prefix(name, lane)}/"
    if generation:
        prefix = prefix.replace("tables/", f"tables/{generation}/", 1)

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
    # Each by itself: to Arrow a text is a string in one engine's file and a string view in the other's.
    rows = [{column: _as_text(value) for column, value in row.items()} for part in parts for row in part.to_pylist()]
    return sorted(rows, key=lambda row: [row[column] for column in ORDER.get(name, ["ind"])])


def _generation(estate: Estate, lane: Lane) -> str:
    """Of the lane's tables, once they were rebuilt."""
    s3 = estate.client("s3")
    try:
        progress = s3.get_object(Bucket=estate.bucket, Key=f"progress/{lane}.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return ""
    return json.loads(progress).get("generation", "")


def _as_text(value: Any) -> Any:
    """A time as YYYY-MM-DDTHH:MM:SS, anything else as it is."""
    return value.replace(tzinfo=None).isoformat(timespec="seconds") if isinstance(value, datetime) else value
