"""What is promised of the stream job: every event once in the tables, whatever happens to the job or to Kinesis."""

import json
import random
import re
import signal
import threading
import time

from local.status import streamed
from pipeline.entities import ENTITIES
from tests import contract
from tests.integration.stream.conftest import kill
from tests.integration.stream.kinesis import events
from tests.waiting import PATIENCE, until

SEED = 20201020


def table_of(entity: str, sent: list[tuple[str, bytes]]) -> list[dict]:
    rows = contract.table_of(entity, [value.decode() for _, value in sent])
    return [rows[key] for key in sorted(rows)]


def test_a_driver_killed_ten_times_while_events_arrive_brings_each_into_the_tables_once(new_job):
    job, chance, sent = new_job(2), random.Random(SEED), events(10_000, seed=5)
    pause, longest = (0.2, 1.5) if job.engine == "duckdb" else (1, 6)  # while it starts and works

    def arrive() -> None:
        for first in range(0, 10_000, 100):
            for name, stream in job.streams.items():
                stream.put(sent[name][first : first + 100])
            time.sleep(pause)

    arriving = threading.Thread(target=arrive)
    arriving.start()
    for number in range(10):
        process = job.launch()
        if number in (1, 3):  # in what follows a micro-batch; else wherever it may be
            job.await_records("pin", job.figures("pin")["records_in"] + 1, process)
        else:
            until(lambda: "reading" in job.log.read_text(), process, job.log)
        time.sleep(chance.uniform(0, longest))
        kill(process, whole=number % 2 == 0)
    arriving.join()

    job.once()

    for entity in ENTITIES:
        assert job.figures(entity.name) == {
            "records_in": 10_000,
            "clean": 10_000,
            "rejected": 0,
            "superseded": 0,
            "missing": 0,
        }
    assert job.rows("pin", "geo", "user") == {
        entity.name: table_of(entity.name, sent[entity.name]) for entity in ENTITIES
    }
    assert "nothing new in the streams" in job.once().stdout


def test_resharding_under_load_loses_and_doubles_nothing_and_keeps_each_key_in_order(new_job):
    job = new_job(1)
    keys, versions = 100, 40
    stream = job.streams["user"]
    process = job.launch()
    try:
        for version in range(versions):
            people = [{"ind": key, "first_name": "A", "last_name": "B", "age": version} for key in range(keys)]
            stream.put([(str(person["ind"]), json.dumps(person).encode()) for person in people])
            time.sleep(0.5)
            if version == 10:
                stream.reshard(4)
            if version == 25:
                stream.reshard(2)
        job.await_records("user", keys * versions, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()

    assert job.figures("user") == {
        "records_in": keys * versions,
        "clean": keys,
        "rejected": 0,
        "superseded": keys * (versions - 1),
        "missing": 0,
    }
    assert [(row["ind"], row["age"]) for row in job.rows("user")["user"]] == [(key, 39) for key in range(keys)]


ODD = [
    # stream, data, reason; None: the event is clean
    ("user", b'{"index": 50001, "title": "x", "category": "art"}', "belongs to another topic (pin)"),
    ("user", b'{"ind": 50002, "latitude": 1.5, "longitude": 1.5}', "belongs to another topic (geo)"),
    ("pin", b"not json at all", "not JSON"),
    ("pin", b'{"index": 50003', "not JSON"),
    ("pin", b"[1, 2]", "not a JSON object"),
    ("geo", b"null", "not a JSON object"),
    ("geo", b"\xff\xfe", "not JSON"),
    ("pin", b'{"index": "50004", "title": "x"}', "has a key that is no integer (index)"),
    ("pin", b'{"title": "x"}', "lacks its key (index)"),
    ("pin", b'{"index": 50005, "follower_count": "12.5k", "category": "art"}', None),
    ("geo", b'{"ind": 50006, "country": "Aruba", "timestamp": "2021-02-30T00:00:00"}', "timestamp is no date and time"),
    ("geo", b'{"ind": 50007, "country": "Aruba", "latitude": 91}', "latitude is outside ±90"),
    ("user", b'{"ind": 50008, "first_name": "A", "last_name": "B", "age": -1}', "age is negative"),
    ("pin", b'{"index": 50009, "colour": "red", "category": "art"}', None),
    ("pin", b'{"index": 50010, "title": "' + b"t" * 1_000_000 + b'"}', None),
    # The largest that Kinesis takes, with its key of one character.
    ("pin", b'"' + b"y" * (2**20 - 3) + b'"', "not a JSON object"),
]  # fmt: skip


def test_what_should_not_be_there_is_rejected_with_its_reason_and_the_stream_goes_on(new_job):
    job = new_job(2)
    process = job.launch()
    try:
        for name, data, _ in ODD:
            job.streams[name].put([("1", data)])
        for name, number in (("pin", 9), ("geo", 4), ("user", 3)):
            job.await_records(name, number, process)
        job.streams["pin"].put([("50011", b'{"index": 50011, "category": "art"}')])
        job.await_records("pin", 10, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()

    found = job.rows("pin", "rejected")
    assert {(row["topic"], row["raw"]): row["reason"] for row in found["rejected"]} == {
        (job.streams[name].name, "base64://4=" if data == b"\xff\xfe" else data.decode()): reason
        for name, data, reason in ODD
        if reason
    }
    assert {row["source"] for row in found["rejected"]} == {"kinesis"}
    assert all(re.fullmatch(r"shardId-\d{12}/\d{56}", row["position"]) for row in found["rejected"])
    pins = {row["ind"]: row for row in found["pin"]}
    assert pins.keys() == {50005, 50009, 50010, 50011}
    assert pins[50005]["follower_count"] == 12_500
    assert pins[50010]["title"] == "t" * 1_000_000
    assert job.figures("pin") == {"records_in": 10, "clean": 4, "rejected": 6, "superseded": 0, "missing": 0}


def test_a_stream_that_is_asked_to_stop_ends_its_micro_batch_and_the_next_run_goes_on_there(new_job):
    job, sent = new_job(1), events(400, seed=6)
    job.streams["pin"].put(sent["pin"][:200])
    process = job.launch()
    try:
        job.await_records("pin", 200, process)
        job.streams["pin"].put(sent["pin"][200:])
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
    said = job.log.read_text()
    assert "stopped: the next `make stream` goes on from here" in said
    assert "records of" in said
    assert "Traceback" not in said

    job.once()

    assert job.figures("pin") == {"records_in": 400, "clean": 400, "rejected": 0, "superseded": 0, "missing": 0}
    assert job.rows("pin")["pin"] == table_of("pin", sent["pin"])


def test_a_stream_made_anew_is_reported_in_a_line_and_read_from_its_beginning_when_asked_to(new_job):
    job, sent = new_job(1), events(200, seed=7)
    stream = job.streams["pin"]
    stream.put(sent["pin"][:100])
    job.once()
    stream.kinesis.delete_stream(StreamName=stream.name)
    stream.create(1).put(sent["pin"][100:])

    answer = job.once(check=False)

    assert answer.returncode == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"error: stream {stream.name}: ")
    assert "was the stream made anew?" in line
    assert "FAIL_ON_DATA_LOSS=no" in line
    assert job.figures("pin")["records_in"] == 100

    job.once(FAIL_ON_DATA_LOSS="no")

    assert [row["ind"] for row in job.rows("pin")["pin"]] == list(range(200))


def test_how_far_a_stream_is_loaded_and_how_old_the_rest_is_can_be_seen(new_job):
    job, sent = new_job(2), events(30, seed=13)
    estate = job.running.estate
    assert streamed(estate, "pin", generation="") == "nothing loaded yet"
    job.streams["pin"].put(sent["pin"][:20])
    job.once()
    line = re.compile(
        rf"20 loaded, (0|1)/s in the last minute, last commit \d+ s ago by {job.engine}, iterator age (\d+) s"
    )

    assert line.fullmatch(streamed(estate, "pin", generation=""))[2] == "0"

    job.streams["pin"].put(sent["pin"][20:])
    time.sleep(2)
    assert int(line.fullmatch(streamed(estate, "pin", generation=""))[2]) >= 2
    report = (job.running.settings.state / "report" / "index.html").read_text()
    assert re.search(rf"<td>{job.streams['pin'].name}</td><td class=\"number\">0.3</td><td>20\d\d-", report)


def test_a_second_stream_job_is_refused(new_job):
    job = new_job(1)
    process = job.launch()
    try:
        until(lambda: "reading" in job.log.read_text(), process, job.log)
        answer = job.once(check=False)
    finally:
        kill(process, whole=True)
    assert answer.returncode == 1
    assert "another stream job is running" in answer.stderr
