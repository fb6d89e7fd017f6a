"""Our proxy's own promises, each on a process of its own: shutdown, bounded memory, a Kafka that is not there."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/vnd.kafka.json.v2+json"}
MEBIBYTE = 1024 * 1024


@dataclass
class Proxy:
    """A running proxy."""

    port: int
    process: subprocess.Popen
    log: Path

    def call(self, method, path, body=None):
        """Status, content and headers of an answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, JSON, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers

    def post(self, topic, values):
        return self.call("POST", f"/topics/{topic}", body_of(values))

    def open_request(self, topic, body):
        """A connection on which a POST has begun: its handler runs, its body is still to come."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        head = f"POST /topics/{topic} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
        connection.sendall(f"{head}Content-Type: {JSON['Content-Type']}\r\n\r\n".encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        return connection

    def stop(self):
        """End with SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def largest_memory(self):
        """The most bytes that this process ever had in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@pytest.fixture
def start_proxy(bootstrap_servers, tmp_path):
    """Start a proxy on a free port; what still runs after the test is killed."""
    started = []

    def start(*options, servers=bootstrap_servers):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = tmp_path / f"proxy-{port}.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_REST_")}
        command = [sys.executable, "-m", "rest_proxy", "--port", str(port), "--bootstrap-servers", servers, *options]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=inherited, stdout=out, stderr=out)
        proxy = Proxy(port, process, log)
        started.append(proxy)
        deadline = time.monotonic() + PATIENCE
        while not listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return proxy

    yield start
    for proxy in started:
        if proxy.process.poll() is None:
            proxy.process.kill()
        proxy.process.wait()


@pytest.fixture
def stored(bootstrap_servers):
    """What a topic holds: {(partition, offset): value}."""

    def read(topic):
        consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "t", "enable.auto.commit": False})
        try:
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            ends = [consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in partitions]
            consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
            found = {}
            deadline = time.monotonic() + PATIENCE
            while len(found) < sum(ends):
                assert time.monotonic() < deadline, f"{len(found)} records of {ends} in a minute"
                for message in consumer.consume(1000, timeout=1):
                    assert message.error() is None, message.error()
                    found[message.partition(), message.offset()] = json.loads(message.value())
            return found
        finally:
            consumer.close()

    return read


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def body_of(values):
    return json.dumps({"records": [{"value": value} for value in values]}).encode()


def answer_of(connection):
    """Status and content of the answer to the request of `open_request`."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, json.loads(answer.read())


def places(content):
    return [(offset["partition"], offset["offset"]) for offset in content["offsets"] if offset["error_code"] is None]


def test_health_names_the_number_of_brokers(start_proxy):
    status, content, _ = start_proxy().call("GET", "/health")
    assert (status, content) == (200, {"status": "ok", "brokers": 1})


def test_an_unknown_topic_is_answered_without_waiting_for_it(start_proxy):
    proxy = start_proxy()
    proxy.call("GET", "/health")
    began = time.monotonic()
    status, content, _ = proxy.post("none", [1])
    assert time.monotonic() - began < 15  # a record may wait 20 s for its delivery
    assert (status, content) == (404, {"error_code": 40401, "message": "Topic not found."})


def test_a_request_under_way_at_sigterm_is_answered_with_its_offsets(start_proxy, new_topic, stored):
    proxy = start_proxy()
    values = list(range(5000))
    body = body_of(values)
    connection = proxy.open_request(new_topic, body)
    connection.sendall(body[: len(body) // 2])
    proxy.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while listens(proxy.port):
        assert time.monotonic() < deadline, "still takes connections after SIGTERM"
        time.sleep(0.05)
    assert proxy.process.poll() is None
    connection.sendall(body[len(body) // 2 :])
    status, content = answer_of(connection)
    assert status == 200
    assert proxy.process.wait(PATIENCE) == 0
    assert dict(zip(places(content), values, strict=True)) == stored(new_topic)
    assert "stopped; 0 records without an answer from Kafka" in proxy.log.read_text()
    assert "Traceback" not in proxy.log.read_text()


def test_all_that_is_stored_around_sigterm_has_been_acknowledged(start_proxy, new_topic, stored):
    proxy = start_proxy()
    acknowledged = {}
    enough = threading.Semaphore(0)

    def send(client):
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)
        for batch in range(10_000):
            values = [f"{client}-{batch}-{n}" for n in range(500)]
            try:
                connection.request("POST", f"/topics/{new_topic}", body_of(values), JSON)
                answer = connection.getresponse()
                content = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                return  # the proxy has gone
            assert answer.status == 200
            acknowledged.update(zip(places(content), values, strict=True))
            enough.release()

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(send, client) for client in range(4)]
        for _ in range(12):
            assert enough.acquire(timeout=PATIENCE)
        assert proxy.stop() == 0
        for client in clients:
            client.result()
    assert len(acknowledged) >= 6000
    assert stored(new_topic) == acknowledged


def test_batches_of_eight_clients_are_each_stored_once(start_proxy, new_topic, bootstrap_servers, stored):
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    admin.create_partitions([NewPartitions(new_topic, 3)])[new_topic].result()
    proxy = start_proxy()
    acknowledged = {}

    def send(client):
        for batch in range(10):
            values = [f"{client}-{batch}-{n}" for n in range(500)]
            records = [{"key": value, "value": value} for value in values]
            path = f"/topics/{new_topic}"
            status, content, _ = proxy.call("POST", path, json.dumps({"records": records}).encode())
            assert status == 200
            acknowledged.update(zip(places(content), values, strict=True))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    found = stored(new_topic)
    assert found == acknowledged
    expected = [f"{client}-{batch}-{n}" for client in range(8) for batch in range(10) for n in range(500)]
    assert Counter(found.values()) == Counter(expected)
    assert {partition for partition, _ in found} == {0, 1, 2}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_memory_is_bounded_while_many_large_requests_come_at_once(start_proxy, new_topic, stored):
    proxy = start_proxy("--max-bytes-under-way", str(4 * MEBIBYTE), "--max-request-bytes", str(4 * MEBIBYTE))
    proxy.post(new_topic, ["first"])
    before = proxy.largest_memory()
    body = body_of(["x" * 100_000] * 40)  # 4 MB; together 160 MB

    def send(_):
        while True:
            status, content, headers = proxy.call("POST", f"/topics/{new_topic}", body)
            if status == 200:
                return places(content)
            assert (status, content["error_code"]) == (503, 50302)
            time.sleep(int(headers["Retry-After"]))

    with ThreadPoolExecutor(40) as pool:
        found = [place for answer in pool.map(send, range(40)) for place in answer]
    assert sorted(found) == [(0, offset) for offset in range(1, 1601)]
    assert len(stored(new_topic)) == 1601
    assert proxy.largest_memory() - before < 80 * MEBIBYTE


def test_a_request_that_finds_no_room_is_sent_away_with_a_time_to_come_back(start_proxy, new_topic):
    proxy = start_proxy("--max-bytes-under-way", "1000")
    body = body_of(["x" * 900])
    holder = proxy.open_request(new_topic, body)
    status, content, headers = proxy.post(new_topic, ["y" * 100])
    message = "Kafka takes records more slowly than they come: try again later."
    assert (status, content) == (503, {"error_code": 50302, "message": message})
    assert headers["Retry-After"] == "2"
    holder.sendall(body)
    status, content = answer_of(holder)
    assert (status, places(content)) == (200, [(0, 0)])


def test_a_sender_that_goes_away_leaves_its_room(start_proxy, new_topic):
    proxy = start_proxy("--max-bytes-under-way", "1000")
    body = body_of(["x" * 900])
    holder = proxy.open_request(new_topic, body)
    holder.sendall(body[:100])
    holder.close()
    status, content, _ = proxy.post(new_topic, ["x" * 900])
    assert (status, places(content)) == (200, [(0, 0)])
    assert proxy.stop() == 0
    assert "Traceback" not in proxy.log.read_text()


def test_a_body_over_the_limit_is_413_and_stores_nothing(start_proxy, new_topic, stored):
    proxy = start_proxy("--max-request-bytes", "1000")
    status, content, _ = proxy.post(new_topic, ["x" * 1000])
    assert (status, content["error_code"]) == (413, 413)
    assert content["message"].startswith("HTTP 413 Request Entity Too Large: Maximum request body size 1000 exceeded")
    assert proxy.post(new_topic, ["x"])[0] == 200
    assert stored(new_topic) == {(0, 0): "x"}


def test_a_record_over_the_proxys_limit_is_refused_alone(start_proxy, new_topic, stored):
    proxy = start_proxy("--max-record-bytes", "10000")
    status, content, _ = proxy.post(new_topic, ["before", "x" * 10_001, "after"])
    assert status == 200
    assert content["offsets"] == [
        {"partition": 0, "offset": 0, "error_code": None, "error": None},
        {
            "partition": None,
            "offset": None,
            "error_code": 50002,
            "error": "Message failed: Broker: Message size too large",
        },
        {"partition": 0, "offset": 1, "error_code": None, "error": None},
    ]
    assert stored(new_topic) == {(0, 0): "before", (0, 1): "after"}


def test_a_record_for_a_partition_that_is_not_there_is_refused_alone(start_proxy, new_topic, stored):
    proxy = start_proxy()
    body = b'{"records": [{"value": 1}, {"value": 2, "partition": 7}, {"value": 3, "partition": 0}]}'
    status, content, _ = proxy.call("POST", f"/topics/{new_topic}", body)
    assert status == 200
    before, lost, after = content["offsets"]
    assert (lost["partition"], lost["offset"], lost["error_code"]) == (None, None, 50002)
    assert "partition" in lost["error"].lower()
    assert [(o["partition"], o["offset"], o["error_code"]) for o in (before, after)] == [(0, 0, None), (0, 1, None)]
    assert stored(new_topic) == {(0, 0): 1, (0, 1): 3}


def test_a_topic_is_found_after_it_has_been_made(start_proxy, bootstrap_servers):
    proxy = start_proxy()
    name = "test.made.later"
    assert proxy.post(name, [1])[0] == 404
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result()
    time.sleep(1.5)  # a topic that was not there is not asked for again within a second
    assert proxy.post(name, [1])[0] == 200


def test_a_kafka_that_is_not_there_is_503_for_all_that_ask(start_proxy):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        proxy = start_proxy(servers=f"127.0.0.1:{nobody.getsockname()[1]}")
        assert proxy.call("GET", "/")[:2] == (200, {})
        asked = [("GET", "/health", None), ("GET", "/topics", None)] + [("POST", "/topics/t", body_of([1]))] * 8
        began = time.monotonic()
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda asked: proxy.call(*asked), asked))
        # One after the other they would take 40 s or more, and API Gateway gives up after 29 s.
        assert time.monotonic() - began < 29
        for status, content, headers in answers:
            assert (status, content["error_code"], headers["Retry-After"]) == (503, 50301, "2")
            assert content["message"].startswith("Kafka does not answer: ")
        assert proxy.stop() == 0
