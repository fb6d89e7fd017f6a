"""Kinesis as a process of its own: what Terraform and the pipeline say to it, from a stream's making to its end.

What is done with records and shards has unit tests; here it is that boto3 understands the answers, and what moto adds.
"""

import concurrent.futures
import http.client
import json
import socket
import urllib.request
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.integration.stream.kinesis import Stream
from tests.integration.stream.moto import Moto

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Moto(tmp_path_factory.mktemp("kinesis")) as running:
        yield running


@pytest.fixture(scope="module")
def kinesis(server):
    return server.client("kinesis", retries={"total_max_attempts": 1})


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def summary(kinesis, name):
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]


def test_what_terraform_makes_of_a_stream_is_read_back(kinesis):
    kinesis.create_stream(StreamName="whole", ShardCount=3)
    arn = summary(kinesis, "whole")["StreamARN"]
    assert arn == "arn:aws:kinesis:us-east-1:000000000000:stream/whole"
    kinesis.add_tags_to_stream(StreamName="whole", Tags={"a": "1", "b": "2"})
    kinesis.increase_stream_retention_period(StreamName="whole", RetentionPeriodHours=48)
    kinesis.start_stream_encryption(StreamName="whole", EncryptionType="KMS", KeyId="alias/own")
    kinesis.enable_enhanced_monitoring(StreamName="whole", ShardLevelMetrics=["IncomingBytes"])

    told = summary(kinesis, "whole")
    assert (told["StreamStatus"], told["OpenShardCount"], told["RetentionPeriodHours"]) == ("ACTIVE", 3, 48)
    assert (told["EncryptionType"], told["KeyId"]) == ("KMS", "alias/own")
    assert told["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["IncomingBytes"]}]
    assert told["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert kinesis.list_tags_for_stream(StreamName="whole")["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    described = kinesis.describe_stream(StreamName="whole")["StreamDescription"]
    assert [shard["ShardId"][-1] for shard in described["Shards"]] == ["0", "1", "2"]

    kinesis.delete_stream(StreamName="whole")
    assert code_of(kinesis.describe_stream_summary, StreamName="whole") == "ResourceNotFoundException"
    assert code_of(kinesis.put_record, StreamName="whole", Data=b"", PartitionKey="k") == "ResourceNotFoundException"


def test_a_stream_on_demand_begins_with_four_shards_and_is_not_scaled_by_hand(kinesis):
    kinesis.create_stream(StreamName="demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert summary(kinesis, "demand")["OpenShardCount"] == 4
    scale = {"StreamName": "demand", "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"}
    assert code_of(kinesis.update_shard_count, **scale) == "ValidationException"


def test_a_name_that_aws_refuses_is_refused(kinesis):
    kinesis.create_stream(StreamName="twice", ShardCount=1)
    assert code_of(kinesis.create_stream, StreamName="twice", ShardCount=1) == "ResourceInUseException"
    assert code_of(kinesis.create_stream, StreamName="no/name", ShardCount=1) == "ValidationException"
    assert code_of(kinesis.create_stream, StreamName="x" * 129, ShardCount=1) == "ValidationException"


def test_what_is_put_is_read_whatever_becomes_of_the_shards(kinesis):
    stream = Stream(kinesis, "resharded").create(1)
    sent = [(str(number), b"%d" % number) for number in range(3000)]
    for part, shards in enumerate((3, 1, 2)):
        stream.put(sent[1000 * part : 1000 * (part + 1)])
        stream.reshard(shards)
    found = stream.read()
    assert sorted((one.key, one.data) for one in found) == sorted(sent)
    assert summary(kinesis, "resharded")["OpenShardCount"] == 2


def test_a_stream_that_was_made_anew_begins_with_another_number(kinesis):
    stream = Stream(kinesis, "anew").create()
    first = stream.shards()[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    kinesis.delete_stream(StreamName="anew")
    assert int(stream.create().shards()[0]["SequenceNumberRange"]["StartingSequenceNumber"]) > int(first)


def test_a_stream_after_a_new_start_of_the_server_begins_with_another_number(kinesis, tmp_path):
    first = Stream(kinesis, "restarted").create().shards()[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    with Moto(tmp_path) as other:
        second = Stream(other.client("kinesis"), "restarted").create().shards()[0]["SequenceNumberRange"]
    assert int(second["StartingSequenceNumber"]) > int(first)


def test_regions_are_apart(server, kinesis):
    kinesis.create_stream(StreamName="here", ShardCount=1)
    elsewhere = server.client("kinesis", region_name="eu-west-1")
    assert "here" not in elsewhere.list_streams()["StreamNames"]
    assert code_of(elsewhere.list_shards, StreamName="here") == "ResourceNotFoundException"


def test_with_its_switch_shards_are_throttled(tmp_path):
    with Moto(tmp_path, limits=True) as limited:
        kinesis = limited.client("kinesis", retries={"total_max_attempts": 1})
        Stream(kinesis, "limited").create(1)
        records = [{"PartitionKey": "k", "Data": b"x" * 4000}] * 500
        told = kinesis.put_records(StreamName="limited", Records=records)
    failed = told["FailedRecordCount"]
    assert 230 <= failed <= 245  # 1 MiB holds 262
    assert {one["ErrorCode"] for one in told["Records"][-failed:]} == {"ProvisionedThroughputExceededException"}


def test_it_is_healthy_and_listens_on_loopback_only(server):
    with (
        urllib.request.urlopen(f"{server.url}/health") as first,
        urllib.request.urlopen(f"{server.url}/health") as second,
    ):
        assert first.read() == second.read() != b""  # which start of it this is
    port = int(server.url.rpartition(":")[2])
    listening = [c.laddr.ip for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port]
    assert listening == ["127.0.0.1"]


def test_what_is_no_call_of_kinesis_is_refused_and_the_connection_goes_on(server):
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))

    def post(body: bytes, operation: str, kind: str = "application/x-amz-json-1.1", signed: str = SIGNED) -> Any:
        headers = {"X-Amz-Target": f"Kinesis_20131202.{operation}", "Content-Type": kind, "Authorization": signed}
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("__type", "")

    connection.connect()
    local = connection.sock.getsockname()
    assert post(b"{}", "ListStreams", signed="") == (400, "MissingAuthenticationTokenException")
    assert post(b"{", "PutRecord") == (400, "SerializationException")
    assert post(b"[]", "PutRecord") == (400, "SerializationException")
    assert post(b"{}", "PutEverything") == (400, "UnknownOperationException")
    assert post(b"{}", "PutRecord") == (400, "ValidationException")
    assert post(b"\xa0", "PutRecord", "application/x-amz-cbor-1.1") == (400, "SerializationException")
    assert post(b'{"StreamName":"none"}', "UpdateStreamWarmThroughput") == (400, "ValidationException")
    warm = b'{"StreamName":"none","WarmThroughputMiBps":1}'
    assert post(warm, "UpdateStreamWarmThroughput") == (501, "NotImplementedException")
    assert post(b"{}", "ListStreams") == (200, "")
    assert connection.sock.getsockname() == local
    connection.close()


def test_a_slow_client_holds_up_no_other(server, kinesis):
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Length: 2\r\n\r\n{")
        assert "StreamNames" in kinesis.list_streams()


def test_of_many_at_once_each_record_has_its_own_number(server):
    Stream(server.client("kinesis"), "many").create(1)
    client = server.client("kinesis", max_pool_connections=16)

    def put(_: int) -> list[str]:
        told = client.put_records(StreamName="many", Records=[{"PartitionKey": "k", "Data": b"x"}] * 100)
        return [one["SequenceNumber"] for one in told["Records"]]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        numbers = [number for told in pool.map(put, range(64)) for number in told]
    assert len(set(numbers)) == 6400
    assert [str(one.sequence_number) for one in Stream(client, "many").read()] == sorted(numbers)
