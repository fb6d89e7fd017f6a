import inspect
from pathlib import Path

import pytest

from jobs.kinesis import KinesisDataSource, KinesisError
from jobs.kinesis.options import DEFAULTS, parse

MOMENT = '{"at_timestamp": "2026-11-24T10:00:00Z"}'


def test_defaults():
    options = parse({"streamName": "pins"})
    assert {name: getattr(options, name) for name in options.__dataclass_fields__} == {
        "stream_name": "pins",
        "stream_arn": None,
        "region": None,
        "endpoint": None,
        "access_key": None,
        "secret_key": None,
        "initial_position": "LATEST",
        "starting_positions": None,
        "ending_position": None,
        "max_records_per_fetch": 10_000,
        "max_records_per_trigger": 100_000,
        "max_bytes_per_trigger": 67_108_864,
        "max_fetch_duration": 10.0,
        "shard_fetch_interval": 10.0,
        "fail_on_data_loss": True,
    }


def test_names_ignore_case():
    options = parse({"STREAMNAME": "pins", "maxrecordspertrigger": "5"})
    assert (options.stream_name, options.max_records_per_trigger) == ("pins", 5)


def test_a_stream_by_its_arn():
    options = parse({"streamARN": "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/pins"})
    assert (options.stream_name, options.region) == ("pins", "cn-north-1")
    assert options.stream == {"StreamARN": "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/pins"}
    assert parse({"streamName": "pins"}).stream == {"StreamName": "pins"}


@pytest.mark.parametrize(
    ("option", "text", "field", "value"),
    [
        ("initialPosition", "latest", "initial_position", "LATEST"),
        ("initialPosition", "TRIM_HORIZON", "initial_position", "TRIM_HORIZON"),
        ("initialPosition", "earliest", "initial_position", "TRIM_HORIZON"),
        ("initialPosition", MOMENT, "initial_position", 1_795_514_400.0),
        ("initialPosition", '{"at_timestamp": "2026-11-24T11:00:00.5+01:00"}', "initial_position", 1_795_514_400.5),
        ("initialPosition", '{"at_timestamp": "2026-11-24"}', "initial_position", 1_795_478_400.0),
        ("endingPosition", MOMENT, "ending_position", 1_795_514_400.0),
        ("maxRecordsPerFetch", "10000", "max_records_per_fetch", 10_000),
        ("maxRecordsPerTrigger", " 7 ", "max_records_per_trigger", 7),
        ("maxBytesPerTrigger", "512", "max_bytes_per_trigger", 512),
        ("maxBytesPerTrigger", "3KB", "max_bytes_per_trigger", 3072),
        ("maxBytesPerTrigger", "1 gb", "max_bytes_per_trigger", 1_073_741_824),
        ("maxFetchDuration", "1.5m", "max_fetch_duration", 90.0),
        ("maxFetchDuration", "250ms", "max_fetch_duration", 0.25),
        ("shardFetchInterval", "2h", "shard_fetch_interval", 7200.0),
        ("shardFetchInterval", "0s", "shard_fetch_interval", 0.0),
        ("failOnDataLoss", "FALSE", "fail_on_data_loss", False),
        ("region", "eu-west-1", "region", "eu-west-1"),
    ],
)
def test_values(option, text, field, value):
    assert getattr(parse({"streamName": "pins", option: text}), field) == value


POSITIONS = 'must be latest, trim_horizon, earliest or {"at_timestamp": "2026-11-24T10:00:00Z"}'


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"streamName": ""}, "give either streamName or streamARN"),
        ({"streamARN": "x"}, "give either streamName or streamARN"),
        ({"streamName": "a,b"}, "streamName='a,b': one stream a source; make one query, or a union, of several"),
        (
            {"streamName": "", "streamARN": "arn:aws:s3:::pins"},
            "streamARN='arn:aws:s3:::pins': must be an ARN such as arn:aws:kinesis:eu-west-1:123456789012:stream/pins",
        ),
        ({"awsAccessKey": "k"}, "give awsAccessKey and awsSecretKey both, or neither to use the usual credentials"),
        ({"awsSecretKey": "s"}, "give awsAccessKey and awsSecretKey both, or neither to use the usual credentials"),
        ({"initialPosition": "now"}, f"initialPosition='now': {POSITIONS}"),
        ({"startingPositions": "latest"}, "startingPositions='latest': must be an offset of this source, as JSON"),
        ({"startingPositions": "[]"}, "startingPositions='[]': must be an offset of this source, as JSON"),
        ({"initialPosition": ""}, f"initialPosition='': {POSITIONS}"),
        ({"initialPosition": '"latest"'}, f"initialPosition='\"latest\"': {POSITIONS}"),
        ({"initialPosition": '{"at_timestamp": 5}'}, f"initialPosition='{{\"at_timestamp\": 5}}': {POSITIONS}"),
        ({"initialPosition": '{"at": "x"}'}, f'initialPosition=\'{{"at": "x"}}\': {POSITIONS}'),
        (
            {"endingPosition": "latest"},
            'endingPosition=\'latest\': must be {"at_timestamp": "2026-11-24T10:00:00Z"}',
        ),
        ({"maxRecordsPerFetch": "10001"}, "maxRecordsPerFetch='10001': must be a whole number from 1 to 10,000"),
        ({"maxRecordsPerFetch": "0"}, "maxRecordsPerFetch='0': must be a whole number from 1 to 10,000"),
        ({"maxRecordsPerTrigger": "-1"}, "maxRecordsPerTrigger='-1': must be a whole number from 1 to 2,147,483,647"),
        ({"maxRecordsPerTrigger": "1e3"}, "maxRecordsPerTrigger='1e3': must be a whole number from 1 to 2,147,483,647"),
        ({"maxBytesPerTrigger": "0"}, "maxBytesPerTrigger='0': must be a size such as 64mb"),
        ({"maxBytesPerTrigger": "64m"}, "maxBytesPerTrigger='64m': must be a size such as 64mb"),
        ({"maxFetchDuration": "soon"}, "maxFetchDuration='soon': must be a duration such as 10s or 500ms"),
        ({"maxFetchDuration": "-1s"}, "maxFetchDuration='-1s': must be a duration such as 10s or 500ms"),
        ({"shardFetchInterval": "1d"}, "shardFetchInterval='1d': must be a duration such as 10s or 500ms"),
        ({"failOnDataLoss": "no"}, "failOnDataLoss='no': must be true or false"),
        ({"failOnDataLoss": "a\nb"}, "failOnDataLoss='a\\nb': must be true or false"),
    ],
)
def test_a_bad_value_is_told_in_a_line(given, message):
    with pytest.raises(KinesisError) as raised:
        parse({"streamName": "pins"} | given)
    assert str(raised.value) == message


def test_an_option_that_there_is_not_is_told_with_those_there_are():
    with pytest.raises(KinesisError) as raised:
        KinesisDataSource({"streamName": "pins", "maxFetchRate": "1", "consumerMode": "efo"}).schema()
    assert str(raised.value) == (
        "no such option: consumerMode, maxFetchRate; there are streamName, streamARN, region, endpoint, awsAccessKey, "
        "awsSecretKey, initialPosition, startingPositions, endingPosition, maxRecordsPerFetch, maxRecordsPerTrigger, "
        "maxBytesPerTrigger, maxFetchDuration, shardFetchInterval, failOnDataLoss"
    )


def test_every_option_is_in_the_readme_with_its_default():
    readme = (Path(inspect.getfile(KinesisDataSource)).parent / "README.md").read_text()
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    told = {cells[1].strip().strip("`"): cells[2].strip().strip("`") for cells in rows}
    assert {name: told.get(name) for name in DEFAULTS} == {name: value or "" for name, value in DEFAULTS.items()}


def test_the_secret_key_is_not_shown():
    assert "hunter2" not in repr(parse({"streamName": "pins", "awsAccessKey": "k", "awsSecretKey": "hunter2"}))
