"""The door of the Kafka lane against a real server with scripted answers; nothing sleeps but on the test's clock."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from emulator import api as module
from emulator.backoff import Backoff, RetryPolicy
from emulator.door import Placement
from emulator.kafka_rest import KafkaRest
from emulator.source import Row
from pipeline.errors import UserError
from tests.unit.emulator.answers import Pauses, late, reset, status, truncated

REST = KafkaRest(None, "", None, None, None)  # to make records with


def rows(*keys):
    """A record a key; its value says which it is."""
    return [REST.as_record(Row(key, b'"%s %d"' % (str(key).encode(), n), n)) for n, key in enumerate(keys)]


def body(content):
    return status(200, content)


def failing(api, *places):
    """Stores all records but those in these places, which it gives an error, as Kafka REST does."""

    async def answer(request, records):
        topic = request.match_info["target"]
        offsets = []
        for n, record in enumerate(records):
            if n in places:
                offsets.append({"partition": None, "offset": None, "error_code": 50003, "error": "no leader"})
            else:
                offsets.append({"partition": 0, "offset": len(api.stored[topic]), "error_code": None, "error": None})
                api.stored[topic].append((record.get("key"), record["value"]))
        return web.json_response({"offsets": offsets})

    return answer


class Door:
    """A KafkaRest whose pauses are noted, and pass in no time."""

    def __init__(self, url, session, patience=120.0):
        self.told, pauses = [], Pauses()
        self.pauses, policy = pauses.slept, RetryPolicy(patience=patience)
        self.rest = KafkaRest(
            session, url, "the-key", lambda: Backoff(policy, pauses.sleep, pauses.clock), self.told.append
        )


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def door(api, session):
    return Door(api.url, session)


async def refused(door, *keys):
    with pytest.raises(UserError) as error:
        await door.rest.produce("t", rows(*keys))
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_a_batch_is_one_request_and_its_placements_come_in_order(api, door):
    api.script = [
        body(b'{"offsets":[{"partition":2,"offset":7},{"partition":0,"offset":9},{"partition":2,"offset":8}]}')
    ]
    placements = await door.rest.produce("0a1b.pin", rows("a", "b", "a"))
    assert placements == [Placement(2, 7), Placement(0, 9), Placement(2, 8)]
    assert api.sent == [("0a1b.pin", ["a", "b", "a"])]
    assert api.headers[0]["Content-Type"] == "application/vnd.kafka.json.v2+json"
    assert api.headers[0]["x-api-key"] == "the-key"
    assert door.pauses == []


async def test_values_arrive_as_they_were_and_a_row_without_a_key_has_none(api, door):
    value = '{"index": "x",  "title":"Ü 😍"}'.encode()
    assert REST.as_record(Row('5"', value, 0)).body == b'{"key":"5\\"","value":' + value + b"}"
    assert REST.as_record(Row(None, value, 0)).body == b'{"value":' + value + b"}"
    await door.rest.produce("t", [REST.as_record(Row(None, value, 0))])
    assert api.stored["t"] == [(None, {"index": "x", "title": "Ü 😍"})]


@pytest.mark.parametrize(
    "answers",
    [
        [status(429)] * 2,
        [status(408)],
        [status(500), status(502), status(503), status(504)],
        [reset, reset],
        [truncated],
        [late],
        [status(503), reset, status(429), late],
    ],
    ids=["429", "408", "5xx", "reset", "truncated", "timeout", "all"],
)
async def test_what_may_pass_is_tried_again_until_it_has(api, door, monkeypatch, answers):
    if late in answers:  # a busy machine is late with other answers as well
        monkeypatch.setattr(module, "TIMEOUT", aiohttp.ClientTimeout(total=1))
    api.script = list(answers)
    assert await door.rest.produce("t", rows("a", "b")) == [Placement(0, 0), Placement(0, 1)]
    assert api.sent == [("t", ["a", "b"])] * (len(answers) + 1)
    assert door.rest.retries == len(door.pauses) == len(answers)


async def test_nobody_listening_is_tried_again_until_patience_is_at_its_end(session):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        door = Door(f"http://127.0.0.1:{taken.getsockname()[1]}", session, patience=60)
        message = await refused(door, "a")
    assert message.startswith("gave up after 60 s without success: http://127.0.0.1:")
    assert "does not answer" in message
    assert 45 < sum(door.pauses) <= 60


@pytest.mark.parametrize("code", [429, 503])
async def test_the_pause_that_the_server_asks_for_is_kept(api, door, code):
    api.script = [status(code, **{"Retry-After": "17"})]
    await door.rest.produce("t", rows("a"))
    assert door.pauses == [17]


async def test_only_the_failed_records_and_later_ones_of_their_keys_are_sent_again(api, door):
    api.script = [failing(api, 1, 5)]
    placements = await door.rest.produce("t", rows("a", "b", "c", "b", None, None, None, "a"))
    assert api.sent[1:] == [("t", ["b", "b", None])]
    # Stored at first: a 0, c 2, b 3, none 4, none 6, a 7; then again: b 1, b 3, none 5.
    assert [value for _, value in api.stored["t"]] == [
        *("a 0", "c 2", "b 3", "None 4", "None 6", "a 7"),
        *("b 1", "b 3", "None 5"),
    ]
    assert [offset for _, offset in placements] == [0, 6, 1, 7, 3, 8, 4, 5]


async def test_records_of_one_key_end_in_their_order_however_often_some_fail(api, door):
    api.script = [failing(api, 0, 2), failing(api, 1), failing(api, 0)]
    await door.rest.produce("t", rows("a", "a", "a", "b"))
    # By attempt; whatever is stored again, the last of each come in their order.
    assert [value for _, value in api.stored["t"]] == ["a 1", "b 3", "a 0", "a 2", "a 2", "a 1", "a 2"]


async def test_a_record_that_always_fails_ends_in_its_reason(api, door):
    api.script = [failing(api, 1)] + [failing(api, 0)] * 100
    message = await refused(door, "a", "b", "c")
    assert message == "gave up after 120 s without success: t: 1 records not stored: no leader"


async def test_progress_gives_patience_back(api, session):
    door = Door(api.url, session, patience=1)  # for three or four failures in a row at the most
    api.script = [failing(api, *range(1, left)) for left in range(12, 1, -1)]
    assert len(await door.rest.produce("t", rows(*"abcdefghijkl"))) == 12
    assert door.rest.retries == 11


def at_most(api, number):
    """413 for more records than that in a request."""

    async def answer(request, records):
        if len(records) > number:
            api.script.insert(0, answer)
            return web.Response(status=413)
        api.script.insert(0, answer)
        return await failing(api)(request, records)

    return answer


async def test_a_request_that_is_too_large_is_halved_until_it_fits_and_stays_in_order(api, door):
    api.script = [at_most(api, 2)]
    placements = await door.rest.produce("t", rows(*"abcdefg"))
    assert [len(keys) for _, keys in api.sent] == [7, 4, 2, 2, 2, 1]
    assert api.keys("t") == list("abcdefg")
    assert placements == [Placement(0, n) for n in range(7)]
    assert door.pauses == []


async def test_what_failed_of_one_half_goes_before_the_other_half(api, door):
    api.script = [status(413), failing(api, 0)]
    await door.rest.produce("t", rows("a", "a", "a", "a"))
    assert [value for _, value in api.stored["t"]] == ["a 1", "a 0", "a 1", "a 2", "a 3"]


async def test_a_row_that_is_too_large_by_itself_is_named(api, door):
    async def answer(request, records):
        api.script.insert(0, answer)
        return await (status(413) if "big" in [r["key"] for r in records] else failing(api))(request, records)

    api.script = [answer]
    message = await refused(door, "a", "big", "c")
    # {"key":"big","value":"big 1"} has 29 bytes
    assert message == "t: the row with key big (29 bytes) is too large"


def refusing(api, error, *keys):
    """Stores all records but those of these keys, which Kafka will never take."""

    async def answer(request, records):
        offsets = []
        for record in records:
            if record.get("key") in keys:
                offsets.append({"partition": None, "offset": None, "error_code": 50002, "error": error})
            else:
                stored = api.stored[request.match_info["target"]]
                offsets.append({"partition": 0, "offset": len(stored), "error_code": None, "error": None})
                stored.append((record.get("key"), record["value"]))
        return web.json_response({"offsets": offsets})

    return answer


async def test_a_record_that_kafka_never_takes_is_set_aside_and_the_rest_is_stored(api, door):
    api.script = [refusing(api, "Broker: Message size too large", "big")]
    aside = []

    placements = await door.rest.produce("t", rows("a", "big", "c"), lambda record, line: aside.append(line))

    assert placements == [Placement(0, 0), Placement(0, 1)]
    assert aside == ["t: the row with key big (29 bytes) is refused by Kafka: Broker: Message size too large"]
    assert (len(api.sent), door.pauses) == (1, [])


async def test_a_row_that_the_api_finds_too_large_is_set_aside_and_the_rest_is_stored(api, door):
    async def answer(request, records):
        api.script.insert(0, answer)
        return await (status(413) if "big" in [r["key"] for r in records] else failing(api))(request, records)

    api.script = [answer]
    aside = []
    await door.rest.produce("t", rows("a", "big", "c"), lambda record, line: aside.append(line))
    assert [key for key, _ in api.stored["t"]] == ["a", "c"]
    assert aside == ["t: the row with key big (29 bytes) is too large"]


async def test_what_kafka_refuses_of_every_record_ends_the_run_at_once(api, door):
    api.script = [refusing(api, "Broker: Topic authorization failed", "a", "b")]
    assert await refused(door, "a", "b") == "Kafka refuses the records for t: Broker: Topic authorization failed"
    assert (len(api.sent), door.pauses) == (1, [])


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (status(401, b'{"message":"Unauthorized"}'), ["the API refuses the key (401: Unauthorized)", "API_KEY"]),
        (status(403, b'{"message":"Forbidden"}'), ["the API refuses the key (403: Forbidden)", "API_KEY"]),
        (
            status(404, b'{"error_code":40401,"message":"Topic t not found."}'),
            ["topic t does not exist", "`make infra`"],
        ),
        (
            status(404, b"<html>\nNot\n Found</html>"),
            ["nothing takes records at http://", "(404: <html> Not Found</html>)"],
        ),
        (status(400, b'{"error_code":400,"message":"Bad\\nrequest"}'), ["refuses records for t (400: Bad request)"]),
        (status(422, b""), ["refuses records for t (422: no reason given)"]),
        (status(415, b"[]"), ["refuses records for t (415: [])"]),
        (body(b'{"offsets":[]}'), ["without an offset for each record", "no Kafka REST proxy"]),
        (body(b"<html>hello</html>"), ["no Kafka REST proxy"]),
        (body(b"[1]"), ["no Kafka REST proxy"]),
    ],
)
async def test_what_will_not_pass_is_told_at_once(api, door, answer, parts):
    api.script = [answer]
    message = await refused(door, "a")
    assert all(part in message for part in parts), message
    assert (len(api.sent), door.pauses) == (1, [])


@pytest.mark.parametrize("url", ["no address", "ftp://127.0.0.1:1", "http://"])
async def test_an_address_that_is_none_is_told_at_once(session, url):
    door = Door(url, session)
    assert (
        await refused(door, "a") == f"{url.rstrip('/')} is no address to POST to: it looks like http://host:port/path"
    )
    assert door.pauses == []


@pytest.mark.parametrize("password", ["hush-hush", "pa@hush-hush", "hush-hush@", "hush-hush/#?@x"])
async def test_an_address_is_shown_without_its_password(session, password):
    message = await refused(Door(f"http://me:{password}@127.0.0.1:1", session, patience=0.1), "a")
    assert "hush-hush" not in message
    assert "http://***@127.0.0.1:1" in message


async def test_a_server_that_speaks_no_http_is_told(session):
    async def greet(reader, writer):
        writer.write(b"5.5.5-10.11.6-MariaDB\x00\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        message = await refused(Door(url, session, patience=5), "a")
    assert url in message


async def test_a_redirect_that_turns_in_circles_is_told(api, session):
    async def answer(request, records):
        api.script.insert(0, answer)
        return web.Response(status=307, headers={"Location": str(request.url)})

    api.script = [answer]
    message = await refused(Door(api.url, session, patience=5), "a")
    assert api.url in message


async def test_a_person_hears_of_a_trouble_once_and_not_of_a_short_one(api, door):
    api.script = [status(503, b'{"message":"busy"}')] * 3
    await door.rest.produce("t", rows("a"))
    assert door.told == []
    for _ in range(2):
        api.script = [status(503, b'{"message":"busy"}')] * 8
        await door.rest.produce("t", rows("a"))
    assert door.told == [f"trying again: {api.url} answers 503: busy"]


def test_a_record_is_weighed_with_its_key():
    assert REST.weigh(REST.as_record(Row("5", b"{}", 0))) == len('{"key":"5","value":{}}')
