"""`make status`: each part with its address, each topic, stream and prefix with its counts."""

import json
import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from local.connectors import ConnectWorker
from local.services import CONNECT, SERVICES
from local.stack import servers
from pipeline.errors import UserError
from pipeline.estate import Estate, estate_file, load_estate
from pipeline.settings import Settings

MINUTE = 60.0  # seconds


def report(settings: Settings) -> None:
    """Print the state of every part. Raises UserError when one does not answer."""
    stack = servers(settings)
    down = []
    for service in SERVICES:
        up = stack.is_up(service)
        _line(service.name, "up" if up else "down", stack.address(service))
        down += [] if up else [service.name]
    if down:
        raise UserError(
            f"not answering: {', '.join(down)}; start with `make up`, logs are in {settings.state / 'logs'}"
        )
    if not estate_file(settings).exists():
        raise UserError("the servers run, but there is no estate yet: make one with `make infra`")
    estate = load_estate(settings)
    worker = ConnectWorker(stack.address(CONNECT))
    failed = []
    for name in estate.connectors:
        runs = worker.runs(name)
        _line(f"connector {name}", "up" if runs else "down", "" if runs else worker.trouble(name))
        failed += [] if runs else [name]
    _line("api", "", estate.invoke_url)
    for topic, records in topic_counts(estate).items():
        _line(f"topic {topic}", f"{records:,} records", "")
    generation = _stored(estate, estate.stream_lane_key).get("generation", "")
    for entity, stream in estate.streams.items():
        _line(f"stream {stream}", f"{open_shards(estate, stream):,} open shards", streamed(estate, entity, generation))
    for prefix, (objects, size) in prefix_counts(estate).items():
        _line(f"s3 {prefix}", f"{objects:,} objects", f"{size / 1e6:,.1f} MB")
    for topic, missing in missing_counts(estate).items():
        _line(f"topic {topic}", f"{missing:,} missing", "gone from Kafka before they landed")
    if failed:
        raise UserError(f"connectors that do not run: {', '.join(failed)}; `make infra` configures them anew")


def topic_counts(estate: Estate) -> dict[str, int]:
    """Records that each topic holds now. Raises UserError when the broker or a topic is not there."""
    consumer = Consumer({"bootstrap.servers": estate.bootstrap_servers, "group.id": "status"})
    counts = {}
    try:
        known = consumer.list_topics(timeout=5).topics
        for topic in [*estate.topics.values(), estate.dead_letter_topic]:
            if topic not in known:
                raise UserError(f"topic {topic} is not there: make it with `make infra`")
            ends = [
                consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=5) for p in known[topic].partitions
            ]
            counts[topic] = sum(high - low for low, high in ends)
    except KafkaException as error:
        raise UserError(f"the broker at {estate.bootstrap_servers} does not answer: {error}") from None
    finally:
        consumer.close()
    return counts


def open_shards(estate: Estate, stream: str) -> int:
    """Its shards that take records now. Raises UserError when the stream is not there."""
    kinesis = estate.client("kinesis")
    try:
        told = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException:
        raise UserError(f"stream {stream} is not there: make it with `make infra`") from None
    return int(told["OpenShardCount"])


def streamed(estate: Estate, entity: str, generation: str) -> str:
    """What `make stream` has brought of a stream into its table, by what it noted there (`jobs.stream_progress`)."""
    progress = _stored(estate, estate.stream_progress_key(entity, generation))
    batches = progress.get("batches")
    if not batches:
        return "nothing loaded yet"
    now, last = time.time(), batches[-1]["committed"]
    lately = sum(batch["records"] for batch in batches if batch["committed"] > now - MINUTE) / MINUTE
    age = oldest_unread(estate, estate.streams[entity], progress["positions"] or {}, now)
    return (
        f"{progress['figures']['records_in']:,} loaded, {lately:,.0f}/s in the last minute, last commit "
        f"{now - last:,.0f} s ago by {progress['engine']}, iterator age {age:,.0f} s"
    )


def oldest_unread(estate: Estate, stream: str, positions: dict[str, Any], now: float) -> float:
    """How long ago, in seconds, the oldest record arrived that lies behind the positions; 0 where there is none."""
    kinesis = estate.client("kinesis")
    ages = [0.0]
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        position = positions.get(shard["ShardId"], {})
        if position.get("closed"):
            continue
        after = {"ShardIteratorType": "TRIM_HORIZON"}
        if "after" in position:
            after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": position["after"]}
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], **after)["ShardIterator"]
        found = kinesis.get_records(ShardIterator=iterator, Limit=1)["Records"]
        ages += [now - record["ApproximateArrivalTimestamp"].timestamp() for record in found]
    return max(ages)


def prefix_counts(estate: Estate) -> dict[str, tuple[int, int]]:
    """Objects and bytes below each landed topic and below the tables."""
    counts = {}
    for topic in [*estate.topics.values(), estate.dead_letter_topic]:
        prefix = estate.topic_prefix(topic)
        sizes = [item["Size"] for item in _objects(estate, prefix) if estate.landed(item["Key"])]
        counts[prefix] = (len(sizes), sum(sizes))
    tables = [item["Size"] for item in _objects(estate, estate.table_prefix(""))]
    return counts | {estate.table_prefix(""): (len(tables), sum(tables))}


def missing_counts(estate: Estate) -> dict[str, int]:
    """Records of each topic that Kafka had dropped before they landed; topics that lack none are left out."""
    counts = {}
    for topic in [*estate.topics.values(), estate.dead_letter_topic]:
        names = [estate.landed(item["Key"]) for item in _objects(estate, estate.topic_prefix(topic))]
        counts[topic] = sum(name.missing for name in names if name)
    return {topic: missing for topic, missing in counts.items() if missing}


def _stored(estate: Estate, key: str) -> dict[str, Any]:
    """An object of JSON; nothing when there is none."""
    s3 = estate.client("s3")
    try:
        found: dict[str, Any] = json.loads(s3.get_object(Bucket=estate.bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return {}
    return found


def _objects(estate: Estate, prefix: str) -> Iterator[dict[str, Any]]:
    pages = estate.client("s3").get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix=prefix)
    return (item for page in pages for item in page.get("Contents", []))


def _line(what: str, state: str, detail: str) -> None:
    print(f"{what:<44} {state:<16} {detail}".rstrip())
