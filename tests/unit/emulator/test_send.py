"""The emulator as a person runs it, against a small server in the API's place."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from emulator.__main__ import main
from emulator.backoff import RetryPolicy
from emulator.journal import acknowledged
from pipeline.errors import exit_code_of
from tests.waiting import until

ROOT = Path(__file__).parents[3]
TOPICS = ("0a1b.pin", "0a1b.geo", "0a1b.user")
STREAMS = ("0a1b-pin", "0a1b-geo", "0a1b-user")


@pytest.fixture
def emulate(api, monkeypatch, capsys):
    """Run the emulator in this process; returns its exit code, what it printed and what it complained."""
    monkeypatch.setenv("USER_ID", "0a1b")
    monkeypatch.setenv("API_URL", api.url)
    monkeypatch.setenv("WAIT", "no")

    def run(*arguments, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(sys, "argv", ["emulator", *arguments])
        code = exit_code_of(main)
        gc.collect()  # a lock ends with its process: here, with the last frame that an error kept
        return code, *capsys.readouterr()

    return run


def left_behind():
    """The checkpoints of replays that are not finished."""
    return [orjson.loads(path.read_bytes()) for path in Path(".state/emulator").glob("*/replay-*.json")]


def journaled(topic):
    (folder,) = Path(".state/emulator").glob("0a1b-*")
    return acknowledged(folder, topic)


def numbers(rows):
    return [str(n) for n in range(rows)]


def refuse(code):
    async def answer(request, records):
        return web.Response(status=code, body=b'{"message":"no"}')

    return answer


def signalled(api, number, code=None):
    """Answers as ever, or with this status, and signals this process meanwhile."""

    async def answer(request, records):
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.1)  # until it has been heard
        return await (refuse(code)(request, records) if code else api.handle(request))

    return answer


def test_every_row_is_stored_once_and_the_next_run_begins_at_the_first_row(api, emulate, write_tables):
    folder = write_tables(pin=5, geo=b'{"ind":1,"country":"\xc3\x85land"}\n{"country":null}', user=3)
    code, printed, complained = emulate(DATA=folder, BATCH_SIZE=2, API_KEY="the-key")
    assert (code, complained) == (0, "")
    assert printed.startswith("sent 10 rows in ")
    assert printed.endswith(" 0 retries\n")
    assert sorted(api.keys("0a1b.pin")) == ["0", "1", "2", "3", "4"]
    assert sorted(api.stored["0a1b.geo"], key=str) == [("1", {"ind": 1, "country": "Åland"}), (None, {"country": None})]
    assert sorted(api.keys("0a1b.user")) == ["0", "1", "2"]
    assert {headers["x-api-key"] for headers in api.headers} == {"the-key"}
    assert left_behind() == []
    assert emulate("send")[0] == 0
    assert Counter(api.keys("0a1b.pin")) == dict.fromkeys(numbers(5), 2)
    assert journaled("0a1b.pin") == dict.fromkeys(numbers(5), 2)


def test_the_limit_is_of_each_table(api, emulate, write_tables):
    assert emulate("--limit", "2", DATA=write_tables(pin=4, geo=1, user=3))[0] == 0
    assert [len(api.stored[topic]) for topic in TOPICS] == [2, 1, 2]


def test_generated_rows_are_sent_when_no_source_is_given(api, emulate):
    assert emulate(ROWS=40, CONCURRENCY=1)[0] == 0
    assert [api.keys(topic) for topic in TOPICS] == [numbers(40)] * 3
    assert api.stored["0a1b.geo"][0][1].keys() == {"ind", "timestamp", "latitude", "longitude", "country"}


# As __main__, but saves twenty times a second, so that the test need not wait for a checkpoint.
EAGER = """
from emulator import sending
sending.SAVE_EVERY = 0.05
from emulator.__main__ import main
main()
"""


@pytest.mark.parametrize(("lane", "targets"), [("batch", TOPICS), ("stream", STREAMS)])
def test_a_replay_that_was_killed_goes_on_and_leaves_no_row_out(api, emulate, write_tables, lane, targets):
    folder, api.delay = write_tables(pin=300, geo=260, user=300), 0.1
    settings = {"DATA": folder, "BATCH_SIZE": "5", "CONCURRENCY": "3", "LANE": lane}
    environment = os.environ | {name: str(value) for name, value in settings.items()} | {"PYTHONPATH": str(ROOT)}
    with Path("log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", EAGER], env=environment, stdout=log, stderr=log)

    def mark():
        return max((found["marks"]["pin"][0] for found in left_behind()), default=0)

    until(lambda: mark() >= 60, process, Path("log"), mark)
    before = mark()
    process.kill()
    process.wait()
    at_kill = sum(map(len, api.stored.values()))
    assert at_kill < 860
    assert all(journaled(target) <= Counter(api.keys(target)) for target in targets)

    requests, api.delay = len(api.sent), 0
    code, printed, _ = emulate(**settings)
    assert code == 0
    assert printed.startswith("resuming: ")
    again = [int(key) for target, keys in api.sent[requests:] if target == targets[0] for key in keys]
    assert before <= min(again) <= max(again) == 299  # it went on behind the mark, or one saved later
    for target, rows in zip(targets, (300, 260, 300), strict=True):
        assert set(api.keys(target)) == set(numbers(rows))
        assert set(journaled(target)) == set(numbers(rows))
    assert left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_behind_what_is_under_way_and_the_same_command_goes_on(api, emulate, write_tables, number):
    folder = write_tables(pin=40, geo=40, user=40)
    api.script = [None] * 6 + [signalled(api, number)]
    code, printed, complained = emulate(DATA=folder, BATCH_SIZE=4, CONCURRENCY=1)
    assert code == 130
    assert complained == "stopping: waiting for what is under way\ninterrupted\n"
    sent, stopped = printed.splitlines()
    assert sent.startswith("sent 28 rows in ")  # 7 requests of 4: the one under way was waited for
    assert stopped.startswith("stopped: the same command goes on behind the rows acknowledged (")
    assert sum(map(len, api.stored.values())) == 28
    code, printed, _ = emulate()
    assert code == 0
    assert printed.startswith("resuming: 12 pin, 8 geo, 8 user rows were acknowledged before")
    # One lane has nothing behind what it was at: nothing comes twice.
    assert [api.keys(topic) for topic in TOPICS] == [numbers(40)] * 3
    assert left_behind() == []


def test_a_stop_does_not_wait_for_an_api_that_is_down(api, emulate, write_tables):
    api.script = [refuse(503), signalled(api, signal.SIGINT, 503)] + [refuse(503)] * 50
    started = time.monotonic()
    code, _, complained = emulate(DATA=write_tables(pin=3))
    assert (code, complained) == (130, "stopping: waiting for what is under way\ninterrupted\n")
    assert time.monotonic() - started < RetryPolicy().patience / 2
    assert left_behind()[0]["marks"]["pin"] == [0, None]


def test_an_api_that_refuses_ends_the_run_and_the_next_goes_on(api, emulate, write_tables):
    folder = write_tables(pin=6, geo=6, user=6)
    api.script = [None, None, None, None, refuse(403)]
    code, _, complained = emulate(DATA=folder, BATCH_SIZE=2, CONCURRENCY=1)
    assert code == 1
    assert complained == (
        "error: the API refuses the key (403: no): check API_KEY, or unset it to use the estate's; "
        "8 rows were acknowledged; the same command goes on behind them\n"
    )
    assert emulate()[0] == 0
    assert [api.keys(topic) for topic in TOPICS] == [numbers(6)] * 3


def test_an_estate_that_asks_for_signatures_gets_each_request_signed(api, emulate, write_tables, new_estate):
    estate = new_estate(invoke_url=api.url, aws_endpoint_url=api.url)
    Path(".state").mkdir()
    Path(".state/estate.json").write_text(estate.model_dump_json())
    folder = write_tables(pin=3, geo=3, user=3)
    assert emulate(DATA=folder, BATCH_SIZE=2, CONCURRENCY=1, API_URL="", API_KEY="the-key")[0] == 0
    assert [api.keys(topic) for topic in TOPICS] == [numbers(3)] * 3
    assert {headers["x-api-key"] for headers in api.headers} == {"the-key"}
    signatures = [headers["Authorization"] for headers in api.headers]
    assert all(signature.startswith("AWS4-HMAC-SHA256 Credential=test/") for signature in signatures)
    assert len(set(signatures)) == len(api.sent) == 6


def test_a_source_that_changed_since_is_sent_from_its_first_row(api, emulate, write_tables):
    folder = write_tables(pin=6)
    api.script = [None, refuse(403)]
    assert emulate(DATA=folder, BATCH_SIZE=2, CONCURRENCY=1)[0] == 1
    write_tables(pin=7)
    code, printed, _ = emulate()
    assert code == 0
    assert "resuming" not in printed
    assert Counter(api.keys("0a1b.pin")) == {"0": 2, "1": 2, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1}


def test_random_order_sends_the_course_rows_and_leaves_a_replays_checkpoint_alone(api, emulate, write_tables):
    folder = write_tables(pin=7600, geo=3000, user=1)
    api.script = [refuse(403)]
    assert emulate(DATA=folder)[0] == 1
    (checkpoint,) = left_behind()
    api.stored.clear()
    code, printed, _ = emulate(ORDER="random", LIMIT=2, RATE=10_000, CONCURRENCY=1)
    assert code == 0
    assert "(pinterest_data 7,600, geolocation_data 3,000, user_data 1 rows)" in printed
    # Offsets 7528, 2863, 5730, 8304, 8731, 1313: of 7,600 rows and of 3,000. And 0, the user's one row, once in 11,001.
    assert api.keys("0a1b.pin") == ["7528", "2863"]
    assert api.keys("0a1b.geo") == ["2863", "1313"]
    assert set(api.keys("0a1b.user")) == {"0"}
    assert left_behind() == [checkpoint]


MISTAKES = [
    ({"DATA": "tables", "SOURCE": "sqlite:///x"}, "both DATA and SOURCE are set: give the one to read"),
    ({"DATA": "absent"}, "no pinterest_data.jsonl or pinterest_data.csv in absent"),
    ({"SOURCE": "sqlite:///absent"}, "no SQLite file at absent"),
    ({"DATA": "tables", "API_URL": "no address"}, "no address is no address to POST to: it looks like http"),
    ({"ORDER": "sideways"}, "ORDER='sideways': "),
    ({"DATA": "tables", "API_URL": ""}, "no estate at .state/estate.json: make one with `make infra`"),
    (
        {"DATA": "tables", "WAIT": "yes"},
        "no estate at .state/estate.json: make one with `make infra`; or do not wait for its S3: WAIT=no",
    ),
]


@pytest.mark.parametrize(("settings", "message"), MISTAKES)
def test_a_mistake_is_told_in_one_line(api, emulate, write_tables, settings, message):
    write_tables()
    code, printed, complained = emulate(**settings)
    assert (code, printed) == (1, "")
    assert complained.startswith(f"error: {message}")
    assert complained.count("\n") == 1
    assert api.sent == []


def test_a_line_that_cannot_be_sent_is_named_by_the_real_command_and_the_rest_is_sent(api, emulate, write_tables):
    write_tables(pin=2, geo=b'{"ind":0}\n{"ind":1\n{"ind":2}\n', user=2)
    answer = subprocess.run(
        [sys.executable, "-m", "emulator", "--data", "tables"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    first, last = answer.stderr.splitlines()
    assert answer.returncode == 1
    assert first.startswith("not sent: tables/geolocation_data.jsonl:2 is not JSON: ")
    assert last == first.replace("not sent: ", "error: one row was not sent, the others were: ")
    assert sorted(api.keys("0a1b.geo")) == ["0", "2"]
    assert left_behind() == []


def test_rows_that_kafka_never_takes_are_named_and_not_tried_again(api, emulate, write_tables):
    async def answer(request, records):
        api.script.insert(0, answer)
        offsets = []
        for record in records:
            refused = record["key"] in ("1", "3") and request.match_info["target"] == "0a1b.pin"
            error = (
                {"error_code": 50002, "error": "Broker: Message size too large"} if refused else {"error_code": None}
            )
            offsets.append({"partition": None if refused else 0, "offset": None if refused else 0} | error)
        return web.json_response({"offsets": offsets})

    api.script = [answer]
    code, printed, complained = emulate(DATA=write_tables(pin=5, geo=1, user=1), CONCURRENCY=1)

    assert code == 1
    assert printed.startswith("sent 5 rows in ")
    *_, last = complained.splitlines()
    assert last.startswith("error: 2 rows were not sent, the others were; ")
    assert "the first is 0a1b.pin: the row with key 1 (" in last
    assert journaled("0a1b.pin") == dict.fromkeys(["0", "2", "4"], 1)
    assert left_behind() == []
