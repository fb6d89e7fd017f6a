"""Kinesis through LocalStack: calls go on as they came, what only LocalStack can do still works, and what a mapping
template finds in a body is what API Gateway finds."""

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.services import KINESIS
from tests.integration.stream.kinesis import Stream
from tests.integration.stream.moto import client

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"
BODY = {"a": {"b-c": [{"d": "one"}, {"d": None}, {"d": 2.50}]}, "é": "ü", "e": "", "f": [], "g": {}}
# A path into BODY, and what `$input.json` gives for it.
FOUND = {
    "$.a.b-c[0].d": '"one"',
    "$.a.b-c[0]": '{"d": "one"}',
    "$.a.b-c[2].d": "2.5",
    "$.e": '""',
    "$.f": "[]",
    "$.g": "{}",
    "$.a.b-c[1].d": '""',  # null
    "$.a.b-c[3].d": '""',
    "$.a.b-c.d": '""',
    "$.a[0]": '""',
    "$.none": '""',
    "$.a.b-c[*].d": '["one", null, 2.5]',
    "$..d": '["one", null, 2.5]',
}


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


def test_a_mapping_template_finds_in_a_body_what_is_there(running, kinesis):
    stream = Stream(kinesis, "mapped").create(1)
    gateway = running.estate.client("apigateway")
    api = gateway.create_rest_api(name="mapped")["id"]
    try:
        [root] = [found["id"] for found in gateway.get_resources(restApiId=api)["items"]]
        method = {"restApiId": api, "resourceId": root, "httpMethod": "PUT"}
        records = [
            f"""{{"Data": "$util.base64Encode($input.json('{path}'))", "PartitionKey": "k"}}""" for path in FOUND
        ]
        gateway.put_method(**method, authorizationType="NONE")
        gateway.put_integration(
            **method,
            type="AWS",
            integrationHttpMethod="POST",
            uri="arn:aws:apigateway:us-east-1:kinesis:action/PutRecords",
            requestParameters={"integration.request.header.Content-Type": "'application/x-amz-json-1.1'"},
            requestTemplates={"application/json": f'{{"StreamName": "mapped", "Records": [{",".join(records)}]}}'},
        )
        gateway.put_method_response(**method, statusCode="200")
        gateway.put_integration_response(**method, statusCode="200")
        gateway.create_deployment(restApiId=api, stageName="test")

        connection = http.client.HTTPConnection(urlsplit(running.estate.aws_endpoint_url).netloc)
        # The second by the template that was compiled for the first.
        for body in (BODY, {"a": 1}):
            connection.request(
                "PUT", f"/_aws/execute-api/{api}/test/", json.dumps(body), {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()
        connection.close()
    finally:
        gateway.delete_rest_api(restApiId=api)
    found = [one.data.decode() for one in stream.read()]
    assert dict(zip(FOUND, found, strict=False)) == FOUND
    assert found[len(FOUND) :] == ['""'] * len(FOUND)


def test_the_first_500_records_through_the_api_take_no_longer_than_others(running):
    stream = running.estate.streams["pin"]
    connection = http.client.HTTPConnection(urlsplit(running.estate.invoke_url).netloc)
    record = {"data": {"index": 1}, "partition-key": "k"}
    headers = {"Content-Type": "application/json", "x-api-key": running.estate.api_key()}

    def seconds(number: int) -> float:
        began = time.perf_counter()
        path = f"{urlsplit(running.estate.invoke_url).path}/streams/{stream}/records"
        connection.request("PUT", path, json.dumps({"records": [record] * number}), headers)
        answer = connection.getresponse()
        assert len(json.loads(answer.read())["Records"]) == number
        return time.perf_counter() - began

    seconds(1)
    first = seconds(500)
    assert first < 5 * min(seconds(500) for _ in range(5))
    connection.close()
