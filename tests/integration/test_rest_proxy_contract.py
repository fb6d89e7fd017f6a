"""What a Kafka REST v2 proxy promises to producers, over HTTP and checked with a consumer of Kafka.

Runs against the stack's own proxy, or against any other (Confluent's): KAFKA_REST_URL=http://HOST:PORT with
KAFKA_BOOTSTRAP_SERVERS=HOST:PORT of the cluster behind it. Nothing here is a matter of our proxy alone.
"""

import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from local.services import KAFKA, REST_PROXY
from tests.waiting import PATIENCE

JSON = "application/vnd.kafka.json.v2+json"
BINARY = "application/vnd.kafka.binary.v2+json"
ANSWER = "application/vnd.kafka.v2+json"


@pytest.fixture(scope="session")
def rest_proxy_url(request):
    url = os.environ.get("KAFKA_REST_URL")
    return url.rstrip("/") if url else request.getfixturevalue("running").stack.address(REST_PROXY)


@pytest.fixture(scope="session")
def bootstrap_servers(request):
    if os.environ.get("KAFKA_REST_URL"):
        return os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    return request.getfixturevalue("running").stack.address(KAFKA)


@pytest.fixture(scope="session")
def admin(bootstrap_servers):
    return AdminClient({"bootstrap.servers": bootstrap_servers})


@pytest.fixture
def call(rest_proxy_url):
    """Call the proxy; returns status and content."""

    def call(method, path, body=None, content_type=JSON):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Accept": ANSWER} | ({} if data is None else {"Content-Type": content_type})
        request = urllib.request.Request(rest_proxy_url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                assert answer.headers["Content-Type"].startswith(ANSWER)
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    return call


@pytest.fixture
def make_topic(admin, call):
    """Make a topic that the proxy has seen; returns its name. It is deleted after the test."""
    names = []

    def make(partitions=1, **config):
        name = f"contract.{uuid.uuid4()}"
        topic = NewTopic(name, partitions, 1, config={key.replace("_", "."): value for key, value in config.items()})
        admin.create_topics([topic])[name].result()
        names.append(name)
        deadline = time.monotonic() + PATIENCE
        while call("GET", f"/topics/{name}")[0] != 200:
            assert time.monotonic() < deadline, "the proxy does not see a new topic"
            time.sleep(0.2)
        return name

    yield make
    for future in admin.delete_topics(names).values() if names else ():
        future.result()


@pytest.fixture
def stored(bootstrap_servers, admin):
    """All that a topic holds: {(partition, offset): (key, value)}, in the order of the log."""

    def read(topic):
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": f"contract-{uuid.uuid4()}",
                "enable.auto.commit": False,
                "enable.partition.eof": False,
            }
        )
        try:
            partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
            ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in partitions}
            consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
            found = {}
            deadline = time.monotonic() + PATIENCE
            while len(found) < sum(ends.values()):
                assert time.monotonic() < deadline, f"{len(found)} records of {ends} in a minute"
                for message in consumer.consume(1000, timeout=1):
                    assert message.error() is None, message.error()
                    found[message.partition(), message.offset()] = (message.key(), message.value())
            return found
        finally:
            consumer.close()

    return read


def text(data):
    return base64.b64encode(data).decode()


def places(answer):
    """Where an answer says that its records are, each stored without an error."""
    status, content = answer
    assert status == 200, content
    assert {(offset["error_code"], offset["error"]) for offset in content["offsets"]} == {(None, None)}
    return [(offset["partition"], offset["offset"]) for offset in content["offsets"]]


def error(answer):
    """Status and error code of an answer that is an error."""
    status, content = answer
    assert isinstance(content["message"], str)
    return status, content["error_code"]


@pytest.mark.parametrize(
    "value",
    [
        '{"index":1,"title":"a","nested":{"list":[1,[2,{"deep":[]}],{}],"none":null,"yes":true,"no":false}}',
        '{"zebra":1,"apple":2,"Mango":3,"1":4,"0":5}',
        '"é ß 漢字 😀 👩‍👩‍👧 𝄞"',
        '{"😀":"𐍈"}',
        '"a \\"quoted\\" \\\\ and\\nlines\\tand tabs"',
        "12345678901234567",
        "-9223372036854775808",
        "9007199254740993",
        "[1.5,0.1,-2.75,0]",
        '""',
        "[]",
        "{}",
        "false",
        "0",
    ],
)
def test_a_json_value_is_consumed_byte_for_byte(call, make_topic, stored, value):
    topic = make_topic()
    body = '{"records":[{"value":' + value + '},{"key":' + value + ',"value":1}]}'
    assert places(call("POST", f"/topics/{topic}", body.encode())) == [(0, 0), (0, 1)]
    raw = value.encode()
    assert stored(topic) == {(0, 0): (None, raw), (0, 1): (raw, b"1")}


def test_json_with_blanks_and_escapes_is_stored_compact_and_as_utf_8(call, make_topic, stored):
    topic = make_topic()
    body = rb"""{ "records" : [ { "key" : "\u00e9", "value" : { "a" : [ 1 , 2 ] , "b" : "\ud83d\ude00" } } ] }"""
    assert places(call("POST", f"/topics/{topic}", body)) == [(0, 0)]
    assert stored(topic) == {(0, 0): (b'"\xc3\xa9"', b'{"a":[1,2],"b":"\xf0\x9f\x98\x80"}')}


def test_a_null_value_is_a_tombstone_and_a_null_key_is_no_key(call, make_topic, stored):
    topic = make_topic()
    records = [{"key": "k", "value": None}, {"key": None, "value": "v"}, {"key": None, "value": None}]
    assert places(call("POST", f"/topics/{topic}", {"records": records})) == [(0, 0), (0, 1), (0, 2)]
    assert stored(topic) == {(0, 0): (b'"k"', None), (0, 1): (None, b'"v"'), (0, 2): (None, None)}


def test_binary_records_are_consumed_byte_for_byte(call, make_topic, stored):
    topic = make_topic()
    every_byte = bytes(range(256))
    records = [
        {"value": text(every_byte)},
        {"key": text(b"\x00\xff"), "value": text(b"\xc3\x28 is not UTF-8")},
        {"key": text(b"k"), "value": None},
        {"key": "S2Fma2E=", "value": ""},
    ]
    assert places(call("POST", f"/topics/{topic}", {"records": records}, BINARY)) == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert stored(topic) == {
        (0, 0): (None, every_byte),
        (0, 1): (b"\x00\xff", b"\xc3\x28 is not UTF-8"),
        (0, 2): (b"k", None),
        (0, 3): (b"Kafka", b""),
    }


def test_offsets_are_the_real_ones_in_the_order_of_the_request(call, make_topic, stored):
    topic = make_topic(3)
    acknowledged = {}
    for batch in range(5):
        values = [batch * 1000 + n for n in range(100)]
        # 7 of 10 records to one partition or another; the others wherever the proxy likes
        records = [{"value": v} | ({"partition": v % 10 % 3} if v % 10 < 7 else {}) for v in values]
        found = places(call("POST", f"/topics/{topic}", {"records": records}))
        assert [p for (p, _), v in zip(found, values, strict=True) if v % 10 < 7] == [
            v % 10 % 3 for v in values if v % 10 < 7
        ]
        acknowledged |= dict(zip(found, values, strict=True))
    assert len(acknowledged) == 500
    assert {place: int(value) for place, (_, value) in stored(topic).items()} == acknowledged


# Murmur2 of these keys is from the tests of Kafka itself (UtilsTest.testMurmur2); its positive part modulo 5 is counted
# off by hand: the last decimal digit of 2^31 - 973932308 = 1173551340, and so on.
PARTITION_OF_5 = {
    b"21": 0,  # -973932308, 1173551340
    b"foobar": 1,  # -790332482, 1357151166
    b"a-little-bit-long-string": 2,  # -985981536, 1161502112
    b"a-little-bit-longer-string": 4,  # -1486304829, 661178819
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": 2,  # -58897971, 2088585677
    b"abc": 2,  # 479470107
}


def test_a_key_chooses_the_partition_that_javas_default_partitioner_chooses(call, make_topic):
    topic = make_topic(5)
    records = [{"key": text(key), "value": "AA=="} for key in PARTITION_OF_5]
    found = places(call("POST", f"/topics/{topic}", {"records": records}, BINARY))
    assert dict(zip(PARTITION_OF_5, [partition for partition, _ in found], strict=True)) == PARTITION_OF_5


def test_a_json_key_chooses_the_partition_by_the_bytes_that_are_stored(call, make_topic):
    topic = make_topic(5)
    keys = [f"user-{n}" for n in range(40)]
    as_json = {"records": [{"key": key, "value": 1} for key in keys]}
    as_binary = {"records": [{"key": text(f'"{key}"'.encode()), "value": "AA=="} for key in keys]}
    first = [partition for partition, _ in places(call("POST", f"/topics/{topic}", as_json))]
    assert first == [partition for partition, _ in places(call("POST", f"/topics/{topic}", as_binary, BINARY))]
    assert set(first) == {0, 1, 2, 3, 4}


def test_a_partition_that_a_record_names_comes_before_its_key(call, make_topic, stored):
    topic = make_topic(3)
    records = [{"key": "same", "value": n, "partition": p} for n, p in enumerate([2, 0, 1, 2])]
    found = places(call("POST", f"/topics/{topic}", {"records": records}))
    assert found == [(2, 0), (0, 0), (1, 0), (2, 1)]
    key = b'"same"'
    assert stored(topic) == {(0, 0): (key, b"1"), (1, 0): (key, b"2"), (2, 0): (key, b"0"), (2, 1): (key, b"3")}


def test_a_partition_in_the_path_takes_all_records(call, make_topic, stored):
    topic = make_topic(3)
    records = [{"key": f"k{n}", "value": n} for n in range(9)]
    assert places(call("POST", f"/topics/{topic}/partitions/1", {"records": records})) == [(1, n) for n in range(9)]
    assert [value for _, value in stored(topic).values()] == [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8"]


def test_records_of_a_key_keep_their_order_over_a_batch_of_2000(call, make_topic, stored):
    topic = make_topic(3)
    records = [{"key": n % 7, "value": n} for n in range(2000)]
    places(call("POST", f"/topics/{topic}", {"records": records}))
    everything = sorted(stored(topic).items())
    for key in range(7):
        values = [int(value) for _, (k, value) in everything if k == str(key).encode()]
        assert values == list(range(key, 2000, 7))
    assert len(everything) == 2000


def test_a_record_over_the_brokers_maximum_is_refused_alone(call, make_topic, stored):
    topic = make_topic(max_message_bytes="1048588")  # Kafka's default
    records = [{"value": "before"}, {"value": "x" * 1_500_000}, {"value": "after"}]
    status, content = call("POST", f"/topics/{topic}", {"records": records})
    assert status == 200
    before, large, after = content["offsets"]
    assert (large["partition"], large["offset"], large["error_code"]) == (None, None, 50002)
    assert large["error"]
    assert [(o["partition"], o["offset"], o["error_code"]) for o in (before, after)] == [(0, 0, None), (0, 1, None)]
    assert stored(topic) == {(0, 0): (None, b'"before"'), (0, 1): (None, b'"after"')}


@pytest.mark.parametrize("path", ["/topics/contract.none", "/topics/contract.none/partitions/0"])
def test_an_unknown_topic_is_40401_and_is_not_made(call, admin, path):
    for method, body in [("GET", None), ("POST", {"records": [{"value": 1}]})]:
        assert error(call(method, path, body)) == (404, 40401)
    assert "contract.none" not in admin.list_topics(timeout=10).topics


def test_an_unknown_partition_is_40402(call, make_topic):
    path = f"/topics/{make_topic(3)}/partitions/3"
    assert error(call("GET", path)) == (404, 40402)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"records": [{"value": 1}]}', "text/plain", (415, 415)),
        (b"records", JSON, (400, 400)),
        (b'{"records": [{"value": 1}', JSON, (400, 400)),
        (b'{"records": []}', JSON, (422, 422)),
        (b'{"records": null}', JSON, (422, 422)),
        (b"{}", JSON, (422, 422)),
        (b'{"records": [{"value": 1, "partition": -1}]}', JSON, (422, 422)),
        (b'{"records": []}', BINARY, (422, 422)),
    ],
)
def test_a_bad_request_is_named_and_stores_nothing(call, make_topic, stored, body, content_type, expected):
    topic = make_topic()
    assert error(call("POST", f"/topics/{topic}", body, content_type)) == expected
    assert stored(topic) == {}


def test_topics_are_listed(call, make_topic):
    names = {make_topic(), make_topic()}
    status, content = call("GET", "/topics")
    assert status == 200
    assert names <= set(content)
    assert len(set(content)) == len(content)


def test_a_topic_shows_its_partitions(call, make_topic, admin):
    topic = make_topic(3)
    known = admin.list_topics(topic, timeout=10).topics[topic].partitions
    partitions = [
        {
            "partition": number,
            "leader": known[number].leader,
            "replicas": [{"broker": known[number].leader, "leader": True, "in_sync": True}],
        }
        for number in (0, 1, 2)
    ]
    assert call("GET", f"/topics/{topic}/partitions") == (200, partitions)
    assert call("GET", f"/topics/{topic}/partitions/2") == (200, partitions[2])
    status, content = call("GET", f"/topics/{topic}")
    assert (status, content["name"], content["partitions"]) == (200, topic, partitions)
