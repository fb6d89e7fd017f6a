"""Events a second by each way into Kafka and into Kinesis, and records a second out of Kafka through the sink."""

import asyncio
import http.client
import time
from itertools import islice
from urllib.parse import urlsplit

import aiohttp
import orjson
import uvloop
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bench.sizes import Sizes
from bench.table import Row
from emulator.generator import generate
from emulator.kafka import Kafka
from emulator.landing import wait_until_landed
from local.connectors import ConnectWorker
from local.services import CONNECT, REST_PROXY
from local.stack import Stack
from pipeline.entities import PIN
from pipeline.estate import Estate
from pipeline.settings import Settings

BATCH = 500
CONNECTIONS = 4
JSON = "application/vnd.kafka.json.v2+json"


def measure(settings: Settings, stack: Stack, estate: Estate, sizes: Sizes) -> list[Row]:
    """All ways carry the same generated pins, of about 750 bytes."""
    pins = [
        dict(zip(PIN.columns, row, strict=True))
        for block in islice(generate(settings.seed, 20_000), 20)
        for row in block.pin
    ]
    topic = "bench.ways"
    admin = AdminClient({"bootstrap.servers": estate.bootstrap_servers})
    admin.create_topics([NewTopic(topic, 2, 1)])[topic].result()
    course = _course_way(f"{estate.invoke_url}/topics/{topic}", estate.api_key(), pins, sizes.seconds)
    gateway = _batches(f"{estate.invoke_url}/topics/{topic}", estate.api_key(), pins, sizes.seconds)
    proxy = _batches(f"{stack.address(REST_PROXY)}/topics/{topic}", None, pins, sizes.seconds)
    direct = _producer(estate, topic, pins, sizes.seconds)
    admin.delete_topics([topic])[topic].result()
    sink = _sink(stack, estate, pins, sizes.sink_records)
    empty, full = _into_kinesis(estate, pins, sizes.shard_records)
    return [
        Row("the course's way: one row a POST, a new connection each", f"{course:,.0f} events/s", "baseline"),
        Row(
            f"{BATCH} rows a POST through API Gateway",
            f"{gateway:,.0f} events/s",
            f"{gateway / course:,.0f}x the course's way (target: 200x)",
        ),
        Row(
            f"{BATCH} rows a POST straight to the REST proxy",
            f"{proxy:,.0f} events/s",
            f"producer ÷ proxy = {direct / proxy:.2f} (target: at most 1.5)",
        ),
        Row("confluent-kafka producer straight to Kafka", f"{direct:,.0f} events/s", "baseline"),
        Row("S3 sink, Kafka to S3", f"{sink:,.0f} records/s", "target: 25,000"),
        Row(
            f"{BATCH} rows a PUT through API Gateway into an empty shard of Kinesis",
            f"{empty:,.0f} events/s",
            "target: 2,000",
        ),
        Row(
            f"the same when it holds {sizes.shard_records:,}",
            f"{full:,.0f} events/s",
            f"{full / empty:.2f}x the empty one (target: 2,000, and no slower)",
        ),
    ]


def _course_way(url: str, api_key: str, pins: list[dict], seconds: float) -> float:
    """As the course's emulator does: json of one row, no session. Its sleeps of up to a second are left out."""
    parts = urlsplit(url)
    headers = {"Content-Type": JSON, "x-api-key": api_key}
    sent, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < seconds:
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        body = orjson.dumps({"records": [{"value": pins[sent % len(pins)]}]})
        connection.request("POST", parts.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, answer.status
        sent += 1
    return sent / took


def _batches(url: str, api_key: str | None, pins: list[dict], seconds: float) -> float:
    """As our emulator does: keyed records, batched, a few connections that stay open."""
    headers = {"Content-Type": JSON} | ({"x-api-key": api_key} if api_key else {})

    async def sender(session: aiohttp.ClientSession, until: float) -> int:
        sent = 0
        while time.perf_counter() < until:
            start = sent % (len(pins) - BATCH)
            records = [{"key": str(pin["index"]), "value": pin} for pin in pins[start : start + BATCH]]
            async with session.post(url, data=orjson.dumps({"records": records}), headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
            sent += BATCH
        return sent

    async def run() -> float:
        async with aiohttp.ClientSession() as session:
            started = time.perf_counter()
            sent = await asyncio.gather(*(sender(session, started + seconds) for _ in range(CONNECTIONS)))
            return sum(sent) / (time.perf_counter() - started)

    return uvloop.run(run())


def _into_kinesis(estate: Estate, pins: list[dict], records: int) -> tuple[float, float]:
    """Of so many records into one shard, as our emulator sends them: the rate of the first tenth and of the last."""
    kinesis, stream = estate.client("kinesis"), "bench-ways"
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    url = f"{estate.invoke_url}/streams/{stream}/records"
    headers = {"Content-Type": "application/json", "x-api-key": estate.api_key()}
    starts = iter(range(0, records, BATCH))
    put: list[float] = []  # when each batch was

    async def sender(session: aiohttp.ClientSession) -> None:
        for start in starts:
            rows = (pins[(start + number) % len(pins)] for number in range(BATCH))
            body = orjson.dumps({"records": [{"data": pin, "partition-key": str(pin["index"])} for pin in rows]})
            async with session.put(url, data=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                assert orjson.loads(await answer.read())["FailedRecordCount"] == 0
            put.append(time.perf_counter())

    async def run() -> float:
        async with aiohttp.ClientSession() as session:
            started = time.perf_counter()
            await asyncio.gather(*(sender(session) for _ in range(CONNECTIONS)))
            return started

    started = uvloop.run(run())
    tenth = records // BATCH // 10
    kinesis.delete_stream(StreamName=stream)
    return tenth * BATCH / (put[tenth - 1] - started), tenth * BATCH / (put[-1] - put[-1 - tenth])


def _producer(estate: Estate, topic: str, pins: list[dict], seconds: float) -> float:
    """One producer with the proxy's promises: acks=all, idempotent, a report on each record."""
    producer = Producer(
        {"bootstrap.servers": estate.bootstrap_servers, "acks": "all", "enable.idempotence": True, "linger.ms": 5}
    )
    stored = 0

    def report(error: object, _: object) -> None:
        nonlocal stored
        assert error is None
        stored += 1

    sent, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        pin = pins[sent % len(pins)]
        try:
            producer.produce(topic, orjson.dumps(pin), str(pin["index"]), on_delivery=report)
        except BufferError:
            producer.poll(0.05)
            continue
        sent += 1
        if sent % BATCH == 0:
            producer.poll(0)
    producer.flush()
    return stored / (time.perf_counter() - started)


def _sink(stack: Stack, estate: Estate, pins: list[dict], records: int) -> float:
    """Fill a topic while the connector is paused, then time from its resumption until S3 has all."""
    worker = ConnectWorker(stack.address(CONNECT))
    topic = estate.topics["pin"]
    connector = estate.connector_of(topic)
    worker.pause(connector)
    producer = Producer({"bootstrap.servers": estate.bootstrap_servers, "linger.ms": 20})
    for n in range(records):
        pin = pins[n % len(pins)]
        while True:
            try:
                producer.produce(topic, orjson.dumps(pin), str(n))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    started = time.perf_counter()
    worker.resume(connector)
    wait_until_landed(estate, {topic: Kafka(estate).ends(topic)})
    return records / (time.perf_counter() - started)
