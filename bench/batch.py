"""Seconds and memory of our batch by each engine, of the notebook way and of bare DuckDB over the same landed rows."""

import re
import shutil
from pathlib import Path

import orjson

from bench.table import Row
from bench.watch import Watched, watch
from emulator.generator import generate
from pipeline.entities import ENTITIES
from pipeline.estate import Estate
from pipeline.settings import Settings

ROWS_AN_OBJECT = 10_000


def measure(settings: Settings, estate: Estate, rows: int) -> list[Row]:
    """Land the rows, then: a full load by each engine, one with nothing new, one with 1 % more, the analyses alone, and
    the others."""
    _forget(settings, estate, "")
    local = settings.state / "json"
    _land(settings, estate, local, 0, rows)
    environment = {"STATE": str(settings.state), "USER_ID": settings.user_id, "DATA": str(local)}
    spark = watch(["jobs", "batch"], environment | {"ENGINE": "spark"})
    _forget(settings, estate, "tables/", "progress/")
    ours = watch(["jobs", "batch"], environment)
    again = watch(["jobs", "batch"], environment)
    (settings.state / "report" / "index.html").unlink()
    analyses = watch(["jobs", "batch"], environment)
    notebook = watch(["bench.baseline", "notebook"], environment)
    bare = watch(["bench.baseline", "duckdb"], environment)
    _land(settings, estate, local, rows, rows + rows // 100)
    more = watch(["jobs", "batch"], environment)
    answering = _figure(analyses, r"analyses in ([0-9.]+) s")
    return [
        Row("the notebook way", _told(notebook), "baseline"),
        Row(
            "full load by DuckDB: clean, upsert, analyses, report",
            _told(ours),
            f"{_faster(ours, notebook)} (target: 7x, from a million rows on 4x); "
            f"{ours.seconds / bare.seconds:.1f}x the time of bare DuckDB (target: 3x)",
        ),
        Row("full load by Spark", _told(spark), _faster(spark, notebook)),
        Row("bare DuckDB, from local disk, nothing stored", _told(bare), _faster(bare, notebook)),
        Row(
            "the analyses alone, from our tables",
            f"{answering:.1f} s of {_told(analyses)}",
            f"{_figure(notebook, r'work ([0-9.]+)') / answering:.1f}x as fast as the notebook's work from JSON",
        ),
        Row("1 % more rows", _told(more), f"{more.seconds / ours.seconds:.2f} of a full load (target: 0.25)"),
        Row("nothing new", _told(again), f"{again.cpu:.1f} s of CPU (target: 1.5 s)"),
    ]


def _faster(run: Watched, notebook: Watched) -> str:
    return f"{notebook.seconds / run.seconds:.2f}x as fast as the notebook way"


def _told(run: Watched) -> str:
    return f"{run.seconds:.1f} s, {run.peak_mib:,.0f} MiB"


def _figure(run: Watched, pattern: str) -> float:
    found = re.search(pattern, run.output)
    assert found, run.output
    return float(found[1])


def _land(settings: Settings, estate: Estate, local: Path, first: int, last: int) -> None:
    """Objects as the sink names them, in S3 and, for DuckDB, on disk."""
    s3 = estate.client("s3")
    lines: dict[str, list[bytes]] = {entity.name: [] for entity in ENTITIES}
    done = 0
    for block in generate(settings.seed, last):
        for position in range(len(block.pin)):
            if done >= first:
                for entity in ENTITIES:
                    row = getattr(block, entity.name)[position]
                    lines[entity.name].append(orjson.dumps(dict(zip(entity.columns, row, strict=True))))
            done += 1
            if done == last or (done > first and (done - first) % ROWS_AN_OBJECT == 0):
                for entity in ENTITIES:
                    body = b"\n".join(lines[entity.name]) + b"\n"
                    topic = estate.topics[entity.name]
                    name = f"{topic}+0+{done - len(lines[entity.name]):010d}.json"
                    key = f"{estate.topic_prefix(topic)}partition=0/{name}"
                    s3.put_object(Bucket=estate.bucket, Key=key, Body=body)
                    (local / entity.name).mkdir(parents=True, exist_ok=True)
                    (local / entity.name / name).write_bytes(body)
                    lines[entity.name].clear()


def _forget(settings: Settings, estate: Estate, *prefixes: str) -> None:
    """Delete what lies below the prefixes of the bucket, and what runs left on this machine."""
    s3 = estate.client("s3")
    for prefix in prefixes:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                s3.delete_object(Bucket=estate.bucket, Key=item["Key"])
    for folder in ("report", "analyses", *(["json"] if "" in prefixes else [])):
        shutil.rmtree(settings.state / folder, ignore_errors=True)
