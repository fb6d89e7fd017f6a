"""The batch lane from the emulator to the tables, the analyses and the report, over the real servers.

The tests stand in the order they run in: the tables hold what the earlier ones sent, and `sent` remembers it.
"""

import base64
import csv
import json
from pathlib import Path

import pytest

from emulator.generator import generate
from pipeline.entities import ENTITIES
from tests import contract
from tests.delta import read_table

REAL_ROWS = Path(__file__).parents[3] / "shared" / "data" / "real"
BINARY = "application/vnd.kafka.binary.v2+json"


@pytest.fixture(scope="module")
def sent() -> dict[str, list[str]]:
    """Lines sent to each topic so far, in order."""
    return {entity.name: [] for entity in ENTITIES}


@pytest.fixture
def lane(running, sent, tmp_path):
    return Lane(running, sent, tmp_path)


class Lane:
    """What a person does, and what they then look at."""

    def __init__(self, running, sent, folder):
        self.running = running
        self.sent = sent
        self.folder = folder

    def emulate(self, data: Path) -> str:
        for entity in ENTITIES:
            self.sent[entity.name] += (data / f"{entity.source_table}.jsonl").read_text().split("\n")[:-1]
        answer = self.running.run("emulator", DATA=data)
        return answer.stdout + answer.stderr

    def batch(self, **settings: object) -> str:
        answer = self.running.run("jobs", "batch", **settings)
        assert answer.stderr == ""  # no noise of Java or Spark
        return answer.stdout

    def table(self, name: str) -> list[dict]:
        return read_table(self.running.estate, name)

    def export(self, table: str) -> list[dict]:
        out = self.folder / f"{table}.jsonl"
        self.running.run("jobs", "export", TABLE=table, OUT=out)
        return [json.loads(line) for line in out.read_text().split("\n")[:-1]]

    def analysis(self, name: str) -> tuple[list[str], set[tuple]]:
        with (self.running.settings.state / "analyses" / f"{name}.csv").open(newline="") as file:
            header, *rows = csv.reader(file)
        return header, {tuple(_number(text) for text in row) for row in rows}

    def versions(self) -> dict[str, int]:
        """Commits of each clean table, by its log in S3."""
        listed = self.running.estate.client("s3").list_objects_v2(Bucket=self.running.estate.bucket, Prefix="tables/")
        commits = [item["Key"].split("/") for item in listed["Contents"]]
        return {
            entity.name: sum(key[1:3] == [entity.name, "_delta_log"] and key[-1].endswith(".json") for key in commits)
            for entity in ENTITIES
        }

    def assert_tables_are_as_the_contract_says(self):
        expected = {entity.name: contract.table_of(entity.name, self.sent[entity.name]) for entity in ENTITIES}
        for entity in ENTITIES:
            assert self.table(entity.name) == [expected[entity.name][key] for key in sorted(expected[entity.name])]
        for name, result in contract.analyses(expected["pin"], expected["geo"], expected["user"]).items():
            assert self.analysis(name)[1] == result, name


def test_generated_rows_reach_tables_and_analyses(lane, tmp_path):
    for entity in ENTITIES:
        rows = [row for block in generate(seed=7, rows=1500) for row in getattr(block, entity.name)]
        lines = [json.dumps(dict(zip(entity.columns, row, strict=True))) for row in rows]
        (tmp_path / f"{entity.source_table}.jsonl").write_text("\n".join(lines) + "\n")
    assert "everything acknowledged lies in S3" in lane.emulate(tmp_path)

    shown = lane.batch()

    assert "4,500 in = 4,500 clean + 0 rejected + 0 superseded" in shown
    lane.assert_tables_are_as_the_contract_says()
    report = (lane.running.settings.state / "report" / "index.html").read_text()
    assert "4,500 in = 4,500 clean + 0 rejected + 0 superseded" in report
    assert report.count("<svg") == 10
    assert "src=" not in report  # nothing beside it is needed
    assert "href=" not in report


def test_a_second_batch_changes_nothing(lane):
    before, report = lane.versions(), (lane.running.settings.state / "report" / "index.html").stat().st_mtime_ns

    shown = lane.batch()

    assert "nothing new" in shown
    assert lane.versions() == before == {"pin": 2, "geo": 2, "user": 2}  # made, then filled
    assert (lane.running.settings.state / "report" / "index.html").stat().st_mtime_ns == report


def test_real_rows_reach_tables_and_analyses(lane):
    if not REAL_ROWS.is_dir():
        pytest.skip("the real rows are third-party text and not part of the project")
    lane.emulate(REAL_ROWS)

    shown = lane.batch()

    keys = {json.loads(line)["ind"] for line in lane.sent["geo"][-742:]}
    clean = 3 * len(keys - set(range(1500)))  # the generated rows' keys were there before
    assert f"2,226 in = {clean:,} clean + 0 rejected + {2226 - clean:,} superseded" in shown
    lane.assert_tables_are_as_the_contract_says()


ODD = [
    # topic, raw value, reason; None: the event is clean
    ("user", b'{"index": 50001, "title": "x", "category": "art"}', "belongs to another topic (pin)"),
    ("user", b'{"ind": 50002, "latitude": 1.5, "longitude": 1.5}', "belongs to another topic (geo)"),
    ("pin", b"not json at all", "not JSON: byte 0"),
    ("pin", b'{"index": 50003', "not JSON: ends too early, after byte 15"),
    ("pin", b"[1, 2]", "not a JSON object: array"),
    ("geo", b"null", "not a JSON object: null"),
    ("geo", None, "null value"),
    ("geo", b"\xff\xfe", "not UTF-8: byte 0"),
    ("pin", b'{"index": "50004", "title": "x"}', "has a key that is no integer (index)"),
    ("pin", b'{"title": "x"}', "lacks its key (index)"),
    ("pin", b'{"index": 50005, "follower_count": "12.5k", "category": "art"}', None),
    ("geo", b'{"ind": 50006, "country": "Aruba", "timestamp": "2021-02-30T00:00:00"}', "timestamp is no date and time"),
    ("geo", b'{"ind": 50007, "country": "Aruba", "latitude": 91}', "latitude is outside ±90"),
    ("user", b'{"ind": 50008, "first_name": "A", "last_name": "B", "age": -1}', "age is negative"),
    ("pin", b'{"index": 50009, "colour": "red", "category": "art"}', None),
    ("pin", b'{"index": 50010, "title": "' + b"t" * 1_000_000 + b'"}', None),
    ("pin", b'{"index": 50011,\n "category":\r\n "art"}', None),
    # The largest that the topic takes.
    ("pin", b'"' + b"y" * 2_096_000 + b'"', "not a JSON object: string"),
    ("pin", rb'{"index": 50012, "title": "cut \ud83d", "category": "\ud83d\ude00 \\ud83d"}', None),
    ("user", b'{"ind": 50013, "first_name": "A", "last_name": "B", "date_joined": "2016-02-11"}', None),
]  # fmt: skip


def test_what_should_not_be_there_is_rejected_with_its_reason_and_the_rest_goes_on(lane):
    estate = lane.running.estate
    for topic, value, _ in ODD:
        record = {"value": None if value is None else base64.b64encode(value).decode()}
        answer = lane.running.post(estate.topics[topic], json.dumps({"records": [record]}).encode(), BINARY)
        assert answer["offsets"][0]["error_code"] is None
    lane.running.await_landed()

    shown = lane.batch()

    assert f"{len(ODD)} in = 6 clean + 14 rejected + 0 superseded" in shown
    rejected = {(row["topic"], row["raw"]): row["reason"] for row in lane.table("rejected")}
    assert rejected == {
        (estate.topics[topic], "base64://4=" if value == b"\xff\xfe" else value and value.decode()): reason
        for topic, value, reason in ODD
        if reason
    }
    pins = {row["ind"]: row for row in lane.table("pin")}
    assert pins[50005]["follower_count"] == 12_500
    assert pins[50009]["category"] == "art"
    assert pins[50010]["title"] == "t" * 1_000_000
    assert pins[50011]["category"] == "art"
    assert (pins[50012]["title"], pins[50012]["category"]) == ("cut \ufffd", "😀 \\ud83d")
    users = {row["ind"]: row for row in lane.table("user")}
    assert users[50013]["date_joined"] == "2016-02-11T00:00:00"
    assert not pins.keys() & {50001, 50003, 50004}


def test_the_later_event_of_a_key_stands(lane):
    topic = lane.running.estate.topics["user"]
    for name in ("First", "Second", "Third"):
        value = {"ind": 60000, "first_name": name, "last_name": "Name", "age": 30, "date_joined": "2016-01-01 00:00:00"}
        lane.running.post(topic, json.dumps({"records": [{"key": "60000", "value": value}]}).encode())
    lane.running.await_landed()

    assert "3 in = 1 clean + 0 rejected + 2 superseded" in lane.batch()

    last = {"ind": 60000, "first_name": "Fourth", "last_name": "Name", "age": 31}
    lane.running.post(topic, json.dumps({"records": [{"key": "60000", "value": last}]}).encode())
    lane.running.await_landed()

    assert "1 in = 0 clean + 0 rejected + 1 superseded" in lane.batch()
    assert [row for row in lane.table("user") if row["ind"] == 60000] == [
        {"ind": 60000, "user_name": "Fourth Name", "age": 31, "date_joined": None}
    ]


def test_the_engine_can_change_from_one_day_to_the_next(lane):
    topic = lane.running.estate.topics["geo"]
    for key, engine in enumerate(("spark", "duckdb", "spark"), start=61000):
        for latitude in (1.5, key / 1000):
            value = {"ind": key, "country": "Aruba", "latitude": latitude, "longitude": -7, "timestamp": "2020-01-02"}
            lane.running.post(topic, json.dumps({"records": [{"key": str(key), "value": value}]}).encode())
        changed = {"ind": 61000, "country": engine, "latitude": 0}
        lane.running.post(topic, json.dumps({"records": [{"key": "61000", "value": changed}, {"value": 7}]}).encode())
        lane.running.await_landed()

        shown = lane.batch(ENGINE=engine)

        assert shown.startswith(f"engine: {engine}\n")
        assert "4 in = 1 clean + 1 rejected + 2 superseded" in shown
        places = {row["ind"]: row for row in lane.table("geo")}
        assert (places[61000]["country"], places[61000]["coordinates"]) == (engine, [0.0, None])
        if key > 61000:
            assert places[key] == {
                "ind": key, "country": "Aruba", "coordinates": [key / 1000, -7.0], "timestamp": "2020-01-02T00:00:00"
            }  # fmt: skip


def test_tables_that_other_rules_made_are_rebuilt_when_it_is_asked_for(lane):
    estate = lane.running.estate
    s3, names = estate.client("s3"), ("pin", "geo", "user", "rejected")
    before = {name: lane.table(name) for name in names}
    progress = json.loads(s3.get_object(Bucket=estate.bucket, Key=estate.progress_key)["Body"].read())
    others = progress | {"contract": "0123456789abcdef"}
    s3.put_object(Bucket=estate.bucket, Key=estate.progress_key, Body=json.dumps(others).encode())

    refused = lane.running.run("jobs", "batch", check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "made by other rules than those of this version" in refused.stderr
    assert "`make batch REBUILD=yes`" in refused.stderr

    shown = lane.batch(REBUILD="yes")

    assert "rebuilding: all that ever landed goes into new tables, below tables/" in shown
    after = {name: lane.table(name) for name in names}
    for rows in (before["rejected"], after["rejected"]):
        for row in rows:
            del row["first_seen"]
    assert after == before
    rebuilt = json.loads(s3.get_object(Bucket=estate.bucket, Key=estate.progress_key)["Body"].read())
    assert rebuilt["figures"] == progress["figures"]
    assert rebuilt["generation"] != progress["generation"] == ""
    assert "nothing new" in lane.batch()


@pytest.mark.parametrize("table", ["pin", "geo", "user", "rejected"])
def test_an_export_holds_what_the_table_holds_in_the_same_order(lane, table):
    rows = lane.table(table)
    assert rows
    assert lane.export(table) == rows


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
