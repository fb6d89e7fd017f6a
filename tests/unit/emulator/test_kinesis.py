"""Reading a stream to its end, with the real SDK against a server that speaks Kinesis' protocol."""

import botocore.session
import pytest

from emulator.door import Busy
from emulator.kinesis import Kinesis
from emulator.kinesis_errors import PERMANENT, TRANSIENT, busy
from pipeline.errors import UserError
from tests.unit.emulator.answers import Pauses


@pytest.fixture
def reader(kinesis, new_estate):
    return Kinesis(new_estate(aws_endpoint_url=kinesis.url), Pauses().sleep)


def calls(kinesis, operation):
    return [arguments for called, arguments in kinesis.calls if called == operation]


def test_an_empty_stream_holds_no_key(kinesis, reader):
    assert reader.keys("s") == {}
    assert len(calls(kinesis, "GetRecords")) == 1


def test_every_shard_is_read_to_its_end_whether_closed_or_open(kinesis, reader):
    kinesis.page = 2
    kinesis.shards["s"] = {
        "closed": [("1", b"{}"), ("2", b"{}"), ("1", b"{}")],
        "empty": [],
        "open": [("1", b"{}"), ("é", b"{}"), ("3", b"{}"), ("4", b"{}"), ("5", b"{}")],
        "closed empty": [],
    }
    kinesis.closed = {"closed", "closed empty"}
    kinesis.shards["other"] = {"shard": [("9", b"{}")]}
    assert reader.keys("s") == {"1": 3, "2": 1, "é": 1, "3": 1, "4": 1, "5": 1}
    assert len(calls(kinesis, "ListShards")) == 2  # two shards a page
    assert [arguments["ShardId"] for arguments in calls(kinesis, "GetShardIterator")] == list(kinesis.shards["s"])


def test_an_answer_without_records_is_not_taken_for_the_end(kinesis, reader):
    kinesis.shards["s"] = {"shard": [("1", b"{}")]}

    def nothing_yet(arguments):
        iterator = arguments["ShardIterator"]
        return 200, {"Records": [], "MillisBehindLatest": 86_000, "NextShardIterator": iterator}

    kinesis.script = [None, None, nothing_yet]
    assert reader.keys("s") == {"1": 1}


@pytest.mark.parametrize(
    "answer",
    [lambda arguments: (400, {"__type": "ProvisionedThroughputExceededException", "message": "slow"}), "reset"],
    ids=["throttled", "reset"],
)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["ListShards", "GetShardIterator", "GetRecords"])
def test_a_call_that_may_pass_is_made_again(kinesis, reader, answer, place):
    kinesis.shards["s"] = {"shard": [("1", b"{}")]}
    kinesis.script = [None] * place + [answer]
    assert reader.keys("s") == {"1": 1}
    assert len(kinesis.calls) == 4


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ResourceNotFoundException", "stream s does not exist: make it with `make infra`"),
        (
            "AccessDeniedException",
            "Kinesis denies access to s (no): have kinesis:ListShards, kinesis:GetShardIterator and "
            "kinesis:GetRecords on it allowed to these AWS credentials, or use others",
        ),
    ],
)
def test_a_refusal_is_told_in_one_line(kinesis, reader, kind, told):
    kinesis.script = [lambda arguments: (400, {"__type": kind, "message": "no"})]
    with pytest.raises(UserError) as error:
        reader.keys("s")
    assert str(error.value) == told


def test_every_error_that_kinesis_documents_is_transient_or_permanent():
    model = botocore.session.get_session().get_service_model("kinesis")
    documented = {
        error.name for call in ("PutRecord", "PutRecords") for error in model.operation_model(call).error_shapes
    }
    assert documented <= TRANSIENT | PERMANENT
    assert not TRANSIENT & PERMANENT


@pytest.mark.parametrize("code", sorted(TRANSIENT))
def test_what_may_pass_is_busy(code):
    assert isinstance(busy(code, "", 400, "s", denied=""), Busy)


@pytest.mark.parametrize("code", sorted(PERMANENT))
def test_what_will_not_pass_ends_the_run(code):
    with pytest.raises(UserError):
        busy(code, "", 500, "s", denied="allow it")
