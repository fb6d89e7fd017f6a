"""The source's options, named as in Databricks' `kinesis` source as far as that has them. Names ignore case."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jobs.kinesis.errors import KinesisError
from jobs.kinesis.positions import LATEST, TRIM_HORIZON, Positions, Start, decode

UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
ARN = re.compile(r"arn:[^:]+:kinesis:(?P<region>[^:]+):[^:]*:stream/(?P<name>[^/]+)")
SIZES = {"": 1, "b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}


@dataclass(frozen=True)
class Options:
    """What a query asked for. Durations are in seconds, sizes in bytes, moments in seconds since the epoch."""

    stream_name: str
    stream_arn: str | None
    region: str | None
    endpoint: str | None
    access_key: str | None
    secret_key: str | None = field(repr=False)
    initial_position: Start
    starting_positions: Positions | None
    ending_position: float | None
    max_records_per_fetch: int
    max_records_per_trigger: int
    max_bytes_per_trigger: int
    max_fetch_duration: float
    shard_fetch_interval: float
    fail_on_data_loss: bool

    @property
    def stream(self) -> dict[str, str]:
        """The stream as Kinesis' API takes it."""
        return {"StreamARN": self.stream_arn} if self.stream_arn else {"StreamName": self.stream_name}


DEFAULTS = {
    "streamName": None,
    "streamARN": None,
    "region": None,
    "endpoint": None,
    "awsAccessKey": None,
    "awsSecretKey": None,
    "initialPosition": "latest",
    "startingPositions": None,
    "endingPosition": None,
    "maxRecordsPerFetch": "10000",
    "maxRecordsPerTrigger": "100000",
    "maxBytesPerTrigger": "64mb",
    "maxFetchDuration": "10s",
    "shardFetchInterval": "10s",
    "failOnDataLoss": "true",
}


def parse(given: Mapping[str, str]) -> Options:
    """Read the options. Raises KinesisError that names a bad one, its value and what is allowed."""
    known = {name.lower(): name for name in DEFAULTS}
    unknown = sorted(name for name in given if name.lower() not in known)
    if unknown:
        raise KinesisError(f"no such option: {', '.join(unknown)}; there are {', '.join(DEFAULTS)}")
    values = DEFAULTS | {known[name.lower()]: value for name, value in given.items()}
    name, arn = values["streamName"], values["streamARN"]
    if bool(name) == bool(arn):
        raise KinesisError("give either streamName or streamARN")
    found = ARN.fullmatch(arn or "")
    if arn and not found:
        raise _bad("streamARN", arn, "an ARN such as arn:aws:kinesis:eu-west-1:123456789012:stream/pins")
    if name and "," in name:
        raise KinesisError(f"streamName={name!r}: one stream a source; make one query, or a union, of several")
    if (values["awsAccessKey"] is None) != (values["awsSecretKey"] is None):
        raise KinesisError("give awsAccessKey and awsSecretKey both, or neither to use the usual credentials")
    return Options(
        stream_name=found["name"] if found else str(name),
        stream_arn=arn or None,
        region=values["region"] or (found["region"] if found else None),
        endpoint=values["endpoint"],
        access_key=values["awsAccessKey"],
        secret_key=values["awsSecretKey"],
        initial_position=_initial(values["initialPosition"] or ""),
        starting_positions=_positions(values["startingPositions"]),
        ending_position=None if values["endingPosition"] is None else _moment("endingPosition", values),
        max_records_per_fetch=_number("maxRecordsPerFetch", values, 10_000),
        max_records_per_trigger=_number("maxRecordsPerTrigger", values),
        max_bytes_per_trigger=_size("maxBytesPerTrigger", values),
        max_fetch_duration=_duration("maxFetchDuration", values),
        shard_fetch_interval=_duration("shardFetchInterval", values),
        fail_on_data_loss=_switch("failOnDataLoss", values),
    )


def _initial(text: str) -> Start:
    named = {"latest": LATEST, "trim_horizon": TRIM_HORIZON, "earliest": TRIM_HORIZON}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    return _moment("initialPosition", {"initialPosition": text})


def _positions(text: str | None) -> Positions | None:
    try:
        return None if text is None else decode(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _bad("startingPositions", text, "an offset of this source, as JSON") from None


def _moment(name: str, values: Mapping[str, str | None]) -> float:
    """`{"at_timestamp": "2026-11-24T10:00:00Z"}` in seconds since the epoch."""
    text = values[name] or ""
    try:
        moment = datetime.fromisoformat(json.loads(text)["at_timestamp"])
    except (ValueError, KeyError, TypeError):
        choices = "latest, trim_horizon, earliest or " if name == "initialPosition" else ""
        raise _bad(name, text, choices + '{"at_timestamp": "2026-11-24T10:00:00Z"}') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(name: str, values: Mapping[str, str | None], most: int = 2**31 - 1) -> int:
    text = (values[name] or "").strip()
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise _bad(name, text, f"a whole number from 1 to {most:,}")
    return int(text)


def _size(name: str, values: Mapping[str, str | None]) -> int:
    found = re.fullmatch(r"([1-9][0-9]*) ?([kmg]?b?)", (values[name] or "").strip().lower())
    if not found or found[2] not in SIZES:
        raise _bad(name, values[name], "a size such as 64mb")
    return int(found[1]) * SIZES[found[2]]


def _duration(name: str, values: Mapping[str, str | None]) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|m|h|)", (values[name] or "").strip().lower())
    if not found:
        raise _bad(name, values[name], "a duration such as 10s or 500ms")
    return float(found[1]) * UNITS[found[2]]


def _switch(name: str, values: Mapping[str, str | None]) -> bool:
    text = (values[name] or "").strip().lower()
    if text not in ("true", "false"):
        raise _bad(name, text, "true or false")
    return text == "true"


def _bad(name: str, value: str | None, allowed: str) -> KinesisError:
    return KinesisError(f"{name}={value!r}: must be {allowed}")
