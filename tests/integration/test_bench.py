"""Every part of the bench runs, at a size that shows no figures, and prints a table of the right shape."""

import re

from bench import batch, events
from bench.sizes import TINY
from bench.table import Row, show, where
from pipeline.settings import load


def assert_rows(rows: list[Row], expected: list[tuple[str, str, str]]) -> None:
    """Each row's name, and the patterns of its figure and of what stands beside it."""
    assert [row.what for row in rows] == [what for what, _, _ in expected]
    for row, (_, figure, beside) in zip(rows, expected, strict=True):
        assert re.fullmatch(figure, row.figure), row
        assert re.fullmatch(beside, row.beside), row


NUMBER = r"[\d,]+"


def test_the_events_part_runs(running):
    rows = events.measure(running.settings, running.stack, running.estate, TINY)

    rate = rf"{NUMBER} events/s"
    assert_rows(
        rows,
        [
            ("the course's way: one row a POST, a new connection each", rate, "baseline"),
            ("500 rows a POST through API Gateway", rate, rf"{NUMBER}x the course's way \(target: 200x\)"),
            ("500 rows a POST straight to the REST proxy", rate, r"producer ÷ proxy = [\d.]+ \(target: at most 1.5\)"),
            ("confluent-kafka producer straight to Kafka", rate, "baseline"),
            ("S3 sink, Kafka to S3", rf"{NUMBER} records/s", "target: 25,000"),
            ("500 rows a PUT through API Gateway into an empty shard of Kinesis", rate, "target: 2,000"),
            ("the same when it holds 10,000", rate, r"[\d.]+x the empty one \(target: 2,000, and no slower\)"),
        ],
    )


def test_the_batch_part_runs(running, tmp_path):
    """In a bucket of its own, for it empties what it measures in."""
    bucket = f"{running.estate.bucket}-bench"
    running.estate.client("s3").create_bucket(Bucket=bucket)
    settings = load(state=tmp_path, user_id=running.settings.user_id)
    estate = running.estate.model_copy(update={"bucket": bucket})
    (tmp_path / "estate.json").write_text(estate.model_dump_json())

    rows = batch.measure(settings, estate, TINY.rows[0])

    run = rf"[\d.]+ s, {NUMBER} MiB"
    faster = r"[\d.]+x as fast as the notebook way"
    assert_rows(
        rows,
        [
            ("the notebook way", run, "baseline"),
            (
                "full load by DuckDB: clean, upsert, analyses, report",
                run,
                rf"{faster} \(target: 7x, from a million rows on 4x\); [\d.]+x the time of bare DuckDB \(target: 3x\)",
            ),
            ("full load by Spark", run, faster),
            ("bare DuckDB, from local disk, nothing stored", run, faster),
            (
                "the analyses alone, from our tables",
                rf"[\d.]+ s of {run}",
                r"[\d.]+x as fast as the notebook's work from JSON",
            ),
            ("1 % more rows", run, r"[\d.]+ of a full load \(target: 0.25\)"),
            ("nothing new", run, r"[\d.]+ s of CPU \(target: 1.5 s\)"),
        ],
    )


def test_the_table_names_commit_machine_and_load(capsys):
    assert re.fullmatch(
        r"Commit ([0-9a-f]{7,}|unknown), \d{4}-\d\d-\d\d; \d+ cores, \d+ GiB; "
        r"load average before: [\d.]+, [\d.]+, [\d.]+",
        where(),
    )
    show("Title", [Row("what", "1 s", "baseline")])
    assert capsys.readouterr().out == (
        "\n### Title\n\n| what | measured | beside the baseline |\n|---|---|---|\n| what | 1 s | baseline |\n\n"
    )
