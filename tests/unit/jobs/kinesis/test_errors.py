"""What cannot get better by waiting is told at once, in a line that says what to do."""

import botocore.session
import pytest

from jobs.kinesis import KinesisError
from jobs.kinesis.errors import PERMANENT, TRANSIENT
from tests.unit.jobs.kinesis.simulator import RESET

REFUSALS = [
    (
        "ListShards",
        "AccessDeniedException",
        "stream pins: ListShards: AccessDeniedException (as the test wants it): allow ListShards, GetShardIterator, "
        "GetRecords and DescribeStreamSummary on it",
    ),
    (
        "GetShardIterator",
        "AccessDeniedException",
        "stream pins: GetShardIterator of shardId-000000000000: AccessDeniedException (as the test wants it): allow "
        "ListShards, GetShardIterator, GetRecords and DescribeStreamSummary on it",
    ),
    (
        "GetRecords",
        "KMSAccessDeniedException",
        "stream pins: GetRecords of shardId-000000000000: KMSAccessDeniedException (as the test wants it): allow "
        "kms:Decrypt on the key that encrypts it",
    ),
    (
        "GetRecords",
        "KMSDisabledException",
        "stream pins: GetRecords of shardId-000000000000: KMSDisabledException (as the test wants it): enable the key "
        "that encrypts it",
    ),
    (
        "ListShards",
        "ExpiredTokenException",
        "stream pins: ListShards: ExpiredTokenException (as the test wants it): sign in to AWS anew",
    ),
    (
        "ListShards",
        "UnrecognizedClientException",
        "stream pins: ListShards: UnrecognizedClientException (as the test wants it): check the credentials",
    ),
    (
        "GetRecords",
        "InvalidArgumentException",
        "stream pins: GetRecords of shardId-000000000000: InvalidArgumentException (as the test wants it)",
    ),
]


@pytest.mark.parametrize(("call", "code", "message"), REFUSALS, ids=[f"{call}-{code}" for call, code, _ in REFUSALS])
def test_refusals(kinesis, clock, start, call, code, message):
    kinesis.faults[call] = [(400, code)]
    with pytest.raises(KinesisError) as raised:
        start().trigger()
    assert str(raised.value) == message
    assert clock.now == 1_800_000_000.0


def test_a_stream_that_there_is_not(start):
    with pytest.raises(KinesisError) as raised:
        start(streamName="pinz").trigger()
    assert str(raised.value) == (
        "stream pinz: ListShards: ResourceNotFoundException (Stream pinz under account 000000000000 not found.): is "
        "the name right, is it in this region and account?"
    )


def test_a_stream_that_is_being_made_is_waited_for(kinesis, start):
    kinesis.put("a")
    kinesis.faults["ListShards"] = [(400, "ResourceInUseException")] * 5
    assert start().texts() == ["a"]


def test_a_stream_that_is_deleted_while_it_is_read(kinesis, start):
    query = start()
    query.trigger()
    kinesis.faults["GetRecords"] = [(400, "ResourceNotFoundException", "Stream pins under account 0 not found.")]
    with pytest.raises(KinesisError, match=r"ResourceNotFoundException .* is the name right"):
        query.trigger()


def test_messages_are_one_line(kinesis, start):
    kinesis.faults["ListShards"] = [(400, "ValidationException", "1 error:\n  too\n  long")]
    with pytest.raises(KinesisError) as raised:
        start().trigger()
    assert str(raised.value) == "stream pins: ListShards: ValidationException (1 error: too long)"


def test_a_moment_to_start_at_that_is_still_to_come(kinesis, start):
    with pytest.raises(KinesisError, match=r"InvalidArgumentException \(Timestamp cannot be in the future\)"):
        start(initialPosition='{"at_timestamp": "2027-01-15T08:00:01Z"}').trigger()


@pytest.fixture
def no_account(monkeypatch, tmp_path):
    """A machine on which nobody has set up AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)


def test_no_region(no_account, start):
    with pytest.raises(KinesisError) as raised:
        start(region="").trigger()
    assert str(raised.value) == "stream pins: in which region? Set the option region"


def test_no_credentials(no_account, kinesis, start):
    query = start()
    del query.options["awsAccessKey"], query.options["awsSecretKey"]
    query.restart()
    with pytest.raises(KinesisError) as raised:
        query.trigger()
    assert str(raised.value) == (
        "stream pins: ListShards: no AWS credentials: sign in to AWS, or set awsAccessKey and awsSecretKey"
    )


def test_a_certificate_that_is_not_trusted_is_not_waited_for(kinesis, clock, start):
    with pytest.raises(KinesisError, match="SSL validation failed"):
        start(endpoint=kinesis.url.replace("http:", "https:")).trigger()
    assert clock.now == 1_800_000_000.0


def test_a_connection_that_breaks_is_named(kinesis, start, caplog):
    kinesis.faults["ListShards"] = [RESET]
    start().trigger()
    assert caplog.messages == [
        "stream pins: ListShards: Connection was closed before we received a valid response from endpoint URL: "
        f'"{kinesis.url}/".; will try again'
    ]


def test_every_error_that_kinesis_documents_is_transient_or_permanent():
    model = botocore.session.get_session().get_service_model("kinesis")
    calls = ("ListShards", "GetShardIterator", "GetRecords", "DescribeStreamSummary")
    documented = {error.name for call in calls for error in model.operation_model(call).error_shapes}
    assert documented - TRANSIENT - PERMANENT == {"ExpiredIteratorException"}  # has its own answer: a new iterator
    assert not TRANSIENT & PERMANENT


@pytest.mark.parametrize("code", sorted(TRANSIENT))
def test_what_may_pass_is_tried_again(kinesis, start, code):
    kinesis.put("a")
    kinesis.faults["ListShards"] = [(400, code)]
    assert start().texts() == ["a"]


@pytest.mark.parametrize("code", sorted(PERMANENT))
@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_will_not_pass_is_not_waited_for(kinesis, clock, start, code, status):
    kinesis.faults["ListShards"] = [(status, code)] * 9
    with pytest.raises(KinesisError, match=code):
        start().trigger()
    assert clock.now == 1_800_000_000.0
