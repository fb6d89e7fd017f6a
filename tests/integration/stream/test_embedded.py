"""What is promised of the stream lane on the embedded engine alone, and of going from one engine to the other."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.embedded.database import database
from jobs.embedded.stream_table import StreamTable
from jobs.embedded.tables import storage_options
from pipeline.errors import UserError
from tests.integration.conftest import ROOT
from tests.integration.stream.kinesis import events
from tests.integration.stream.test_job import table_of
from tests.waiting import until

PLACES = "select {first} + i as ind, '{country}' as country, [1.5, 2.5] as coordinates, null::timestamptz as timestamp"


@pytest.fixture
def engine() -> str:
    return "duckdb"


def stored(job, key: str) -> dict:
    s3 = job.running.estate.client("s3")
    return json.loads(s3.get_object(Bucket=job.running.estate.bucket, Key=key)["Body"].read())


def store(job, key: str, content: dict) -> None:
    s3 = job.running.estate.client("s3")
    s3.put_object(Bucket=job.running.estate.bucket, Key=key, Body=json.dumps(content).encode())


def figures(records: int) -> dict[str, int]:
    return {"records_in": records, "clean": records, "rejected": 0, "superseded": 0, "missing": 0}


def test_either_engine_goes_on_where_the_other_one_stopped(new_job):
    job, sent = new_job(2), events(400, seed=8)
    key, told = job.running.estate.stream_progress_key("pin"), []
    for number, (engine, new) in enumerate((("duckdb", 300), ("duckdb", 300), ("spark", 400), ("duckdb", 300))):
        for name, stream in job.streams.items():
            stream.put(sent[name][100 * number : 100 * (number + 1)])
        if engine == "spark":  # after a run that was killed before it could tell of its last commit of pins
            store(job, key, told[0])
        said = job.once(ENGINE=engine).stdout
        told.append(stored(job, key))
        assert f"engine: {engine}" in said
        assert f"{new} in = {new} clean + 0 rejected + 0 superseded" in said

    assert "nothing new in the streams" in job.once().stdout
    for name in job.streams:
        assert job.figures(name) == figures(400)
        assert job.rows(name)[name] == table_of(name, sent[name])


def test_a_commit_of_which_a_killed_run_told_nobody_is_neither_made_nor_counted_again(new_job):
    job, sent = new_job(1), events(200, seed=9)
    key = job.running.estate.stream_progress_key("pin")
    job.streams["pin"].put([*sent["pin"][:100], ("1", b"not json")])
    job.once()
    before = stored(job, key)
    job.streams["pin"].put(sent["pin"][100:])
    job.once()
    store(job, key, before)

    said = job.once().stdout

    assert "nothing new in the streams" in said
    assert (
        "stream lane: 201 in = 200 clean + 1 rejected" in (job.running.settings.state / "report/index.html").read_text()
    )
    job.streams["pin"].put([("2", b"[1]")])
    assert "1 in = 0 clean + 1 rejected + 0 superseded" in job.once().stdout
    assert job.figures("pin") == {"records_in": 202, "clean": 200, "rejected": 2, "superseded": 0, "missing": 0}
    assert [row["raw"] for row in job.rows("rejected")["rejected"]] == ["not json", "[1]"]


def test_events_that_change_come_again_and_come_late_make_the_table_that_the_last_of_each_key_says(new_job):
    job = new_job(1)
    for ages in ({1: 20, 2: 30}, {2: 30, 3: 40}, {2: 31, 4: 50, 1: 20}):
        people = [{"ind": key, "first_name": "A", "last_name": "B", "age": age} for key, age in ages.items()]
        job.streams["user"].put([(str(person["ind"]), json.dumps(person).encode()) for person in people])
        job.once()

    assert [(row["ind"], row["age"]) for row in job.rows("user")["user"]] == [(1, 20), (2, 31), (3, 40), (4, 50)]
    assert job.figures("user") == {"records_in": 7, "clean": 4, "rejected": 0, "superseded": 3, "missing": 0}


def test_a_table_knows_its_place_when_the_progress_is_lost_and_the_other_way_round_the_run_is_refused(new_job):
    job, sent = new_job(1), events(20, seed=10)
    estate, key = job.running.estate, job.running.estate.stream_progress_key("pin")
    s3, of_pin = estate.client("s3"), {"Bucket": estate.bucket, "Prefix": estate.table_prefix("pin", "stream")}
    for first in (0, 10):
        job.streams["pin"].put(sent["pin"][first : first + 10])
        job.once()

    s3.delete_object(Bucket=estate.bucket, Key=key)
    assert "nothing new in the streams" in job.once().stdout
    assert job.figures("pin") == figures(20)

    for item in s3.list_objects_v2(**of_pin)["Contents"]:
        s3.delete_object(Bucket=estate.bucket, Key=item["Key"])
    answer = job.once(check=False)

    assert answer.returncode == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith("error: pin of the stream lane is not the table that progress/stream/pin.json tells of")
    assert "`make stream REBUILD=yes`" in line


def test_a_lane_of_other_rules_is_rebuilt_beside_itself_and_switched_to_when_it_has_caught_up(new_job):
    job, sent = new_job(1), events(200, seed=11)
    for name, stream in job.streams.items():
        stream.put(sent[name][:100])
    job.once()
    store(job, "progress/stream.json", {"generation": "", "contract": "of other rules"})
    for name, stream in job.streams.items():
        stream.put(sent[name][100:])

    refused = job.once(check=False)
    killed = subprocess.Popen(
        [sys.executable, "-m", "jobs", "stream"],
        cwd=ROOT,
        env=job.running.environment(ENGINE="duckdb", REBUILD="yes"),
        stdout=subprocess.PIPE,
        text=True,
    )
    until(lambda: "rebuilding" in killed.stdout.readline(), killed, job.log)
    killed.kill()
    killed.wait()

    assert refused.returncode == 1
    assert "made by other rules" in refused.stderr
    assert refused.stderr.rstrip().endswith("`make stream REBUILD=yes` makes them anew from what the streams hold")
    assert job.figures("pin") == figures(100)
    assert job.rows("pin")["pin"] == table_of("pin", sent["pin"][:100])
    assert stored(job, "progress/stream.json")["contract"] == "of other rules"

    said = job.once(REBUILD="yes").stdout

    assert "600 in = 600 clean + 0 rejected + 0 superseded" in said
    assert "rebuilt: readers see the new tables from now on" in said
    assert job.rows("pin", "geo", "user") == {name: table_of(name, sent[name]) for name in ("pin", "geo", "user")}
    exported = job.running.settings.state / "pins.jsonl"
    job.running.run("jobs", "export", LANE="stream", TABLE="pin", OUT=exported)
    assert len(exported.read_text().splitlines()) == 200
    assert "nothing new in the streams" in job.once().stdout


def test_a_rebuild_says_what_the_streams_have_dropped_before_it_does_without_it(new_job):
    job, sent = new_job(1), events(10, seed=12)
    job.streams["pin"].put(sent["pin"])
    job.once()
    key = job.running.estate.stream_progress_key("pin")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    store(job, key, stored(job, key) | {"first": long_ago.timestamp()})

    refused = job.once(check=False, REBUILD="yes")
    unchanged = stored(job, "progress/stream.json")["generation"]
    done = job.once(REBUILD="yes", FAIL_ON_DATA_LOSS="no")

    assert refused.returncode == 1
    dropped = f"of {job.streams['pin'].name} what arrived from 2020-01-01 00:00 to 20"
    assert f"new tables would lack what the streams have dropped: {dropped}" in refused.stderr
    assert refused.stderr.rstrip().endswith("`make stream REBUILD=yes FAIL_ON_DATA_LOSS=no` makes them without it")
    assert unchanged == ""
    assert dropped in done.stdout
    assert stored(job, "progress/stream.json")["generation"] != ""


@pytest.fixture
def upkeep():
    """The thread that tidies."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def places(new_job, moto, tmp_path, upkeep):
    """Makes another consumer's view of the same table, and commits rows to it."""
    # Past the proxy, which is of this process: delta-rs lets no other thread run while it asks S3.
    estate = new_job(1).running.estate.model_copy(update={"aws_endpoint_url": moto.url})
    with database(tmp_path) as connection:

        def commit(table: StreamTable, number: int, first: int, rows: int = 1, country: str = "Aruba") -> None:
            values = PLACES.format(first=first, country=country)
            connection.execute(f"create or replace temp view clean as {values} from range({rows}) t(i)")
            table.commit(table.change(connection, "clean"), number, f"place {number}")

        yield lambda name="geo": StreamTable(estate, name, "", upkeep), commit


def held_by(table: StreamTable) -> DeltaTable:
    """The table as it is now."""
    return DeltaTable(table._uri, storage_options=storage_options(table._estate))


def test_of_two_consumers_that_get_past_the_lease_one_alone_commits(places):
    open_table, commit = places
    commit(open_table(), 0, first=0)
    one, other = open_table(), open_table()
    commit(one, 1, first=1)

    with pytest.raises(DeltaError):
        commit(other, 1, first=1)

    assert (open_table().count(), open_table().committed(), open_table().place()) == (2, 1, "place 1")


def test_a_consumer_that_another_one_has_overtaken_commits_nothing(places):
    open_table, commit = places
    commit(open_table(), 0, first=0)
    one, other = open_table(), open_table()
    commit(one, 1, first=0, country="Peru")

    # Its merge is made of the table as it is now: there is no conflict that delta-rs could find.
    with pytest.raises(UserError, match="geo of the stream lane: another run made commit 1"):
        commit(other, 1, first=0, country="Chad")

    assert [row["country"] for row in open_table().rows("country").read_all().to_pylist()] == ["Peru"]


def test_commits_and_compactions_at_once_lose_and_double_nothing(places, upkeep, monkeypatch):
    open_table, commit = places
    monkeypatch.setattr("jobs.embedded.stream_table.SMALL_FILES", 2)
    table = open_table()
    for number in range(60):  # each adds a row and changes the one before
        commit(table, number, first=max(0, number - 1), rows=2 if number else 1, country=f"of {number}")
        table.tidy(number + 1)
    upkeep.shutdown()

    rows = open_table().rows("ind", "country").read_all().to_pylist()
    assert sorted((row["ind"], row["country"]) for row in rows) == [
        *((ind, f"of {ind + 1}") for ind in range(59)),
        (59, "of 59"),
    ]
    assert (open_table().committed(), open_table().place()) == (59, "place 59")
    assert len(held_by(table).file_uris()) == 1


def test_a_compaction_that_fails_is_a_line_and_the_next_one_does_its_work(places, upkeep, monkeypatch, capsys):
    open_table, commit = places
    table = open_table()
    for number in range(25):
        commit(table, number, first=number)
    with monkeypatch.context() as refused:
        refused.setattr("jobs.embedded.stream_table.SMALL", "no size")
        table.tidy(25)
        upkeep.submit(lambda: None).result()  # waits for it
    commit(table, 25, first=25)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("compaction of geo failed, the next one makes up for it: ")
    assert len(held_by(table).file_uris()) == 26

    table.tidy(50)
    upkeep.shutdown()

    assert (open_table().count(), len(held_by(table).file_uris())) == (26, 1)


def test_a_commit_without_rows_moves_the_place_alone_and_a_second_look_finds_it(places):
    open_table, commit = places
    table = open_table()
    assert (table.committed(), table.place()) == (-1, None)
    commit(table, 0, first=0, rows=0)
    commit(table, 1, first=0, rows=3)
    commit(table, 2, first=0, rows=3)  # the very same rows

    for view in (table, open_table()):
        assert (view.count(), view.committed(), view.place()) == (3, 2, "place 2")


def test_many_commits_leave_few_files_and_what_no_reader_needs_goes(places, upkeep, monkeypatch):
    open_table, commit = places
    table = open_table()
    monkeypatch.setattr("jobs.embedded.stream_table.LARGE_FILES", 300)
    kept = "interval 1 seconds"
    properties = {"delta.logRetentionDuration": kept, "delta.deletedFileRetentionDuration": kept}
    monkeypatch.setattr(StreamTable, "PROPERTIES", properties)
    for number in range(300):
        commit(table, number, first=number)
        if number == 298:
            time.sleep(2)
        table.tidy(number + 1)
    upkeep.shutdown()

    view = held_by(table)
    assert len(view.file_uris()) == 1
    assert (view.count(), open_table().committed()) == (300, 299)
    s3, bucket = table._estate.client("s3"), table._estate.bucket
    prefix = table._uri.removeprefix(f"s3://{bucket}/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/")
    keys = [item["Key"] for page in pages for item in page["Contents"]]
    # What the last compaction replaced may still be read.
    assert len([key for key in keys if key.endswith(".parquet") and "_delta_log" not in key]) < 110
    assert len([key for key in keys if key.endswith(".json")]) < 110


def test_rejected_records_make_few_files_too_and_each_position_stays_once(places, upkeep, tmp_path):
    open_table, _ = places
    rejected = open_table("rejected")
    with database(tmp_path / "other") as connection:
        for number in range(100):
            first = max(0, number - 1)  # the one before comes again
            connection.execute(
                "create or replace temp table letters as select 'kinesis' as source, 'u-pin' as topic, "
                f"'shard/' || i as position, 'raw' as raw, 'not JSON' as reason from range({first}, {number + 1}) t(i)"
            )
            rejected.append_rejected(connection, "letters")
    upkeep.shutdown()

    view = held_by(rejected)
    assert (view.count(), len(view.file_uris())) == (100, 1)


def test_a_table_that_stays_open_asks_for_credentials_again(places, monkeypatch):
    open_table, commit = places
    table, asked = open_table(), []
    commit(table, 0, first=0)
    monkeypatch.setattr(
        "jobs.embedded.tables.storage_options", lambda estate: asked.append(1) or storage_options(estate)
    )
    commit(table, 1, first=1)
    assert asked == []

    monkeypatch.setattr("jobs.embedded.stream_table.REOPEN", 0.0)
    commit(table, 2, first=2)

    assert asked != []
    assert (open_table().count(), open_table().committed()) == (3, 2)
