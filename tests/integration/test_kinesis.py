"""Kinesis through LocalStack: calls go on as they came, and what only LocalStack can do still works."""

import http.client
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.services import KINESIS
from tests.integration.stream.kinesis import Stream
from tests.integration.stream.moto import client

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture
def kinesis(running):
    return running.estate.client("kinesis")


def test_what_localstack_is_asked_is_in_our_kinesis(running, kinesis):
    through = Stream(kinesis, "through").create(2)
    through.put([("é", b"\x00\xff"), ("b", b"")])
    straight = Stream(client("kinesis", running.stack.address(KINESIS)), "through")
    assert straight.read() == through.read()
    assert sorted((one.key, one.data) for one in straight.read()) == [("b", b""), ("é", b"\x00\xff")]


def test_a_refusal_comes_back_in_the_words_of_kinesis(kinesis):
    with pytest.raises(ClientError) as refused:
        kinesis.describe_stream_summary(StreamName="nowhere")
    assert refused.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Stream nowhere under account 000000000000 not found.",
    }
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match="Invalid ShardIterator"):
        kinesis.get_records(ShardIterator="x")


def test_what_is_encoded_as_cbor_is_answered_so(running):
    connection = http.client.HTTPConnection(urlsplit(running.estate.aws_endpoint_url).netloc)
    headers = {
        "Authorization": SIGNED,
        "Content-Type": "application/x-amz-cbor-1.1",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
    }
    connection.request("POST", "/", b"\xa0", headers)  # an empty map
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-amz-cbor-1.1")
    assert running.estate.streams["pin"].encode() in body


def test_a_subscriber_is_given_what_comes(kinesis):
    stream = Stream(kinesis, "subscribed").create(1)
    arn = kinesis.describe_stream_summary(StreamName="subscribed")["StreamDescriptionSummary"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="one")["Consumer"]["ConsumerARN"]
    stream.put([("k", b"first")])
    events = kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "TRIM_HORIZON"}
    )["EventStream"]
    for event in events:
        if records := event["SubscribeToShardEvent"]["Records"]:
            break
    events.close()
    assert [record["Data"] for record in records] == [b"first"]
