"""The emulator of the stream lane as a person runs it, against small servers in the API's and Kinesis' place."""

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from emulator import kinesis as reading
from emulator.__main__ import main
from emulator.journal import acknowledged
from pipeline.errors import exit_code_of
from tests.unit.emulator.answers import status

LOADS = "everything acknowledged lies in Kinesis: `make stream` loads it into the tables"


@pytest.fixture
def estate(api, kinesis, new_estate):
    """An offline estate of this API and this Kinesis, where `make infra` leaves it."""
    estate = new_estate(invoke_url=api.url, aws_endpoint_url=kinesis.url, api_authorization="NONE")
    Path(".state").mkdir()
    Path(".state/estate.json").write_text(estate.model_dump_json())
    return estate


@pytest.fixture
def emulate(monkeypatch, capsys):
    """Run the emulator in this process; returns its exit code, what it printed and what it complained."""
    monkeypatch.setenv("USER_ID", "0a1b")
    monkeypatch.setenv("LANE", "stream")
    monkeypatch.setenv("API_KEY", "the-key")
    monkeypatch.setattr(reading, "PAUSE", 0)

    def run(*arguments, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(sys, "argv", ["emulator", *arguments])
        code = exit_code_of(main)
        gc.collect()  # a lock ends with its process: here, with the last frame that an error kept
        return code, *capsys.readouterr()

    return run


def left_behind(lane):
    """The marks of replays that are not finished."""
    folder = {"batch": "0a1b-offline", "stream": "0a1b-offline-stream"}[lane]
    paths = Path(f".state/emulator/{folder}").glob("replay-*.json")
    return [orjson.loads(path.read_bytes())["marks"] for path in paths]


def numbers(rows):
    return [str(n) for n in range(rows)]


def signalled(api, number):
    """Answers as ever, and signals this process meanwhile."""

    async def answer(request, records):
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.1)  # until it has been heard
        return await api.handle(request)

    return answer


def test_every_row_goes_through_the_api_into_its_tables_stream(estate, api, kinesis, emulate, write_tables):
    code, printed, complained = emulate(DATA=write_tables(pin=5, geo=3, user=1), BATCH_SIZE=2, CONCURRENCY=1)
    assert (code, complained) == (0, "")
    sent, loads = printed.splitlines()
    assert sent.startswith("sent 9 rows in ")
    assert sent.endswith(" 0 retries")
    assert loads == LOADS
    assert [api.keys(f"0a1b-{entity}") for entity in ("pin", "geo", "user")] == [numbers(5), numbers(3), numbers(1)]
    assert {path for _, path, _ in api.requests if "pin" in path} == {
        "/streams/0a1b-pin/records",
        "/streams/0a1b-pin/record",
    }
    assert {headers["x-api-key"] for headers in api.headers} == {"the-key"}
    assert kinesis.calls == []
    assert left_behind("stream") == []
    assert acknowledged(Path(".state/emulator/0a1b-offline-stream"), "0a1b-pin") == dict.fromkeys(numbers(5), 1)


@pytest.mark.parametrize("arguments", [("--lane", "stream", "--direct"), ("send", "--direct", "yes")])
def test_directly_every_row_goes_past_the_api(estate, api, kinesis, emulate, write_tables, arguments):
    code, printed, complained = emulate(*arguments, DATA=write_tables(pin=5, geo=3, user=1), BATCH_SIZE=2)
    assert (code, complained) == (0, "")
    assert printed.startswith("sent 9 rows in ")
    assert printed.endswith(f" 0 retries\n{LOADS}\n")
    assert sorted(kinesis.keys("0a1b-pin")) == numbers(5)
    assert sorted(kinesis.keys("0a1b-geo")) == numbers(3)
    assert kinesis.shards["0a1b-user"]["shard-0"] == [("0", b'{"ind":0}')]
    assert api.sent == []


def test_another_url_gets_the_rows_without_an_estate_and_its_key_alone(api, emulate, write_tables):
    code, printed, complained = emulate(DATA=write_tables(), API_URL=api.url, API_KEY="")
    assert (code, complained) == (0, "")
    assert printed.startswith("sent 3 rows in ")
    assert printed.count("\n") == 1
    assert api.keys("0a1b-pin") == ["0"]
    assert "x-api-key" not in api.headers[0]


def test_a_stop_ends_behind_what_is_under_way_and_the_same_command_goes_on(estate, api, emulate, write_tables):
    folder = write_tables(pin=40, geo=40, user=40)
    api.script = [None] * 6 + [signalled(api, signal.SIGINT)]
    code, printed, complained = emulate(DATA=folder, BATCH_SIZE=4, CONCURRENCY=1)
    assert (code, complained) == (130, "stopping: waiting for what is under way\ninterrupted\n")
    assert LOADS not in printed
    assert left_behind("stream") == [{"pin": [12, 12], "geo": [8, 8], "user": [8, 8]}]
    code, printed, _ = emulate()
    assert code == 0
    assert printed.startswith("resuming: 12 pin, 8 geo, 8 user rows were acknowledged before")
    assert [api.keys(f"0a1b-{entity}") for entity in ("pin", "geo", "user")] == [numbers(40)] * 3


def test_a_replay_does_not_go_on_where_the_other_lane_stands(estate, api, emulate, write_tables):
    folder, refuse = write_tables(pin=6, geo=6, user=6), status(403, b'{"message":"no"}')
    api.script = [None, None, None, refuse]
    assert emulate(DATA=folder, BATCH_SIZE=2, CONCURRENCY=1)[0] == 1
    api.script = [None, refuse]
    code, printed, _ = emulate(LANE="batch", WAIT="no")
    assert (code, printed) == (1, "")  # from its first row
    assert left_behind("stream") == [{"pin": [2, 2], "geo": [2, 2], "user": [2, 2]}]
    assert left_behind("batch") == [{"pin": [2, 2], "geo": [0, None], "user": [0, None]}]
    code, printed, _ = emulate(LANE="stream")
    assert code == 0
    assert printed.startswith("resuming: 2 pin, 2 geo, 2 user rows")
    assert api.keys("0a1b-pin") == numbers(6)
    assert left_behind("batch") == [{"pin": [2, 2], "geo": [0, None], "user": [0, None]}]


def test_a_request_has_no_more_bytes_than_kinesis_takes(estate, kinesis, emulate, write_tables):
    row = b'{"index":1,"title":"' + b"a" * 1_048_553 + b'"}'
    assert len(row) + len("1") == 1_048_576  # with its key, so that five fill the 5 MiB
    assert emulate("--direct", DATA=write_tables(pin=(row + b"\n") * 7), CONCURRENCY=1)[0] == 0
    pins = [arguments["Records"] for _, arguments in kinesis.calls if arguments["StreamName"] == "0a1b-pin"]
    assert [len(records) for records in pins] == [5, 2]


MISTAKES = [
    ({"LANE": "batch", "DIRECT": "yes"}, "DIRECT=yes: only LANE=stream has a way past the API"),
    ({"DIRECT": "yes", "API_URL": "http://127.0.0.1:1"}, "both DIRECT and API_URL are set: give the one to take"),
    ({"BATCH_SIZE": "1000"}, "BATCH_SIZE=1000: Kinesis takes at most 500 records a request"),
    ({"BATCH_SIZE": "501", "DIRECT": "yes"}, "BATCH_SIZE=501: Kinesis takes at most 500 records a request"),
    ({"DIRECT": "yes"}, "no estate at .state/estate.json: make one with `make infra`"),
    ({}, "no estate at .state/estate.json: make one with `make infra`"),
]


@pytest.mark.parametrize(("settings", "message"), MISTAKES)
def test_a_mistake_is_told_in_one_line(emulate, write_tables, settings, message):
    assert emulate(DATA=write_tables(), **settings) == (1, "", f"error: {message}\n")


def test_the_batch_lane_may_have_larger_batches(api, emulate, write_tables):
    settings = {"LANE": "batch", "BATCH_SIZE": "1000", "API_URL": api.url, "WAIT": "no", "CONCURRENCY": "1"}
    assert emulate(DATA=write_tables(pin=501), **settings)[0] == 0
    assert [len(keys) for topic, keys in api.sent if topic == "0a1b.pin"] == [501]


@pytest.mark.parametrize("size", ["500", "1"])
def test_a_batch_may_have_as_many_records_as_kinesis_takes(estate, kinesis, emulate, write_tables, size):
    assert emulate("--direct", DATA=write_tables(pin=501), BATCH_SIZE=size, CONCURRENCY=1)[0] == 0
    assert kinesis.keys("0a1b-pin") == numbers(501)
    assert max(len(arguments.get("Records", "1")) for _, arguments in kinesis.calls) == int(size)


def test_verify_finds_in_kinesis_what_was_acknowledged_and_tells_what_is_not(estate, kinesis, emulate, write_tables):
    write_tables(pin=5, geo=3, user=b'{"first_name":"Ann"}\n{"first_name":"Ann"}\n{"first_name":"Bo"}')
    assert emulate("--direct", DATA="tables", CONCURRENCY=1)[0] == 0
    kinesis.page = 2
    kinesis.shards["0a1b-geo"]["shard-1"] = [("1", b"{}")]
    shown = (
        "0a1b-pin: 5 acknowledged, 5 in the stream, 0 missing, 0 extra (sent again, or by others)\n"
        "0a1b-geo: 3 acknowledged, 4 in the stream, 0 missing, 1 extra (sent again, or by others)\n"
        "0a1b-user: 3 acknowledged, 3 in the stream, 0 missing, 0 extra (sent again, or by others)\n"
    )
    assert emulate("verify") == (0, shown, "")
    kinesis.shards["0a1b-pin"]["shard-0"][1] = ("0", b"{}")
    code, printed, complained = emulate("verify")
    assert code == 1
    assert printed.splitlines()[0] == (
        "0a1b-pin: 5 acknowledged, 5 in the stream, 1 missing, 1 extra (sent again, or by others)"
    )
    assert complained == (
        "error: 1 acknowledged records are not in Kinesis, unless they were there for longer than it keeps records\n"
    )


def test_verify_says_when_nothing_was_acknowledged(estate, emulate):
    code, _, complained = emulate("verify")
    assert (code, complained) == (
        1,
        "error: nothing was acknowledged yet as far as .state/emulator/0a1b-offline-stream tells: "
        "send something with `make emulate LANE=stream`\n",
    )


def test_a_stream_that_is_not_there_ends_the_run_with_what_was_acknowledged(estate, api, emulate, write_tables):
    async def answer(request, records):
        return web.json_response({"__type": "ResourceNotFoundException", "message": "no"}, status=400)

    api.script = [None, answer]
    code, _, complained = emulate(DATA=write_tables(pin=2, geo=2, user=2), CONCURRENCY=1, BATCH_SIZE=2)
    assert (code, complained) == (
        1,
        "error: stream 0a1b-geo does not exist: make it with `make infra`; "
        "2 rows were acknowledged; the same command goes on behind them\n",
    )
