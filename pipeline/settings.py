"""The one settings object: read from the environment, then from `.env`, validated with a clear message.

`make` passes its command-line variables on through the environment, so `make emulate ROWS=100` sets `rows`.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline import dotenv
from pipeline.environment import go_offline
from pipeline.errors import UserError

Lane = Literal["batch", "stream"]
Place = Annotated[Path, AfterValidator(Path.expanduser)]  # `~` is the person's home
Port = Annotated[int, Field(ge=0, le=65535)]


class _DotEnv(EnvSettingsSource):
    """`.env` as `pipeline.dotenv` reads it."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in dotenv.read().items() if value}


class Settings(BaseSettings):
    """Every setting, with its meaning; the environment variable is the name in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _DotEnv(settings_cls)

    # Which pipeline
    user_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,30}[a-z0-9]$")] = Field(
        "0a1b2c3d4e5f",
        description="prefix of every name in the estate: 4 to 32 of a-z, 0-9 and -, as in <user_id>.pin",
    )
    lane: Lane = Field("batch", description="batch: through Kafka and S3; stream: through Kinesis")
    env: Literal["local", "aws"] = Field("local", description="where the estate is: local (offline) or aws")
    aws_region: str = Field("us-east-1", description="AWS region of the estate")
    size: Literal["small", "production"] = Field("small", description="how large the estate is: small or production")
    state_bucket: str | None = Field(None, description="bucket that keeps Terraform's state of ENV=aws")
    confirm: str | None = Field(
        None, description="the user id again, to change or destroy an estate on AWS without being asked"
    )
    runtime: Literal["host", "docker"] = Field(
        "host",
        description="host: the offline servers, the emulator and the jobs are processes of this machine; "
        "docker: containers",
    )
    images: str | None = Field(
        None, description="what `make images` builds or `make push` pushes, with a blank between two; unset: all"
    )
    state: Place = Field(Path(".state"), description="folder that holds everything that running creates")

    # Emulator: what to send
    data: Place | None = Field(
        None,
        description="folder with pinterest_data, geolocation_data and user_data as .jsonl or .csv, sent as they are",
    )
    source: str | None = Field(
        None,
        description="SQLAlchemy URL of a database with the three tables, e.g. mysql+pymysql://user:pw@host/db",
    )
    rows: int = Field(11154, ge=1, description="generated rows a table, when neither DATA nor SOURCE is given")
    seed: int = Field(100, description="seed of the generated rows")
    order: Literal["replay", "random"] = Field(
        "replay",
        description="replay: each row once, resumable; random: random rows with pauses, as the course's emulator",
    )
    limit: int | None = Field(None, ge=1, description="send at most this many rows of each table")

    # Emulator: how to send
    rate: float | None = Field(None, gt=0, description="events a second, all three tables together; unset: no limit")
    batch_size: int = Field(500, ge=1, le=10000, description="records a request")
    concurrency: int = Field(4, ge=1, le=64, description="requests under way at once")
    api_url: str | None = Field(
        None,
        description="where to send to instead of the estate's invoke URL: unsigned, and without the estate's key",
    )
    api_key: str | None = Field(
        None,
        description="key for the API, in place of the estate's, which lies in Secrets Manager",
        repr=False,
    )
    direct: bool = Field(
        False, description="LANE=stream: put records into Kinesis with the AWS SDK instead of through the API"
    )
    wait: bool = Field(True, description="LANE=batch: return only when everything acknowledged lies in S3")

    # Jobs
    engine: Literal["duckdb", "spark", "emr", "databricks"] = Field(
        "duckdb",
        description="what runs `make batch`: on this machine DuckDB or Spark, or EMR Serverless or Databricks",
    )
    rebuild: bool = Field(
        False, description="`make batch` makes the tables anew from all that ever landed, then puts them in place"
    )
    max_rejected_share: float = Field(
        0.05, ge=0, le=1, description="quality: share of a topic's newly loaded records that may be rejected, 0 to 1"
    )
    max_age_hours: float = Field(
        36, gt=0, description="quality: hours since the newest record of each topic landed, at most"
    )
    databricks_job: str | None = Field(
        None, description="job of the Databricks bundle that ENGINE=databricks runs; unset: <user_id>-batch"
    )
    estate: Annotated[str, StringConstraints(pattern=r"^s3://[^/]+/.+$")] | None = Field(
        None, description="object with the estate's outputs, for jobs that run elsewhere; unset: a file in STATE"
    )
    service_credential: str | None = Field(
        None, description="on Databricks, the credential of Unity Catalog by which jobs reach the bucket and streams"
    )
    spark: bool = Field(
        True, description="`make demo` lets Spark make the same tables anew, and compares; no: it leaves that out"
    )
    spark_memory: Annotated[str, StringConstraints(pattern=r"^[0-9]+[mg]$")] = Field(
        "2g", description="memory of the local Spark driver, e.g. 2g"
    )
    once: bool = Field(
        False, description="`make stream` loads what is there and ends, instead of going on until Ctrl-C"
    )
    trigger: float = Field(
        0.5, ge=0, le=3600, description="seconds from the start of one micro-batch of `make stream` to the next"
    )
    fail_on_data_loss: bool = Field(
        True, description="`make stream` stops when a stream has dropped records before they were read; no: it goes on"
    )
    before: bool = Field(
        False, description="`make parity` compares each lane's tables also with those that it had before a rebuild"
    )
    table: Literal["pin", "geo", "user", "rejected"] | None = Field(None, description="table that `make export` writes")
    out: Place | None = Field(None, description="JSON-lines file that `make export` writes")

    # Offline stack: 0 finds a free port
    kinesis_limits: bool = Field(
        False,
        description="from its next start on the offline Kinesis throttles as AWS does: 1 MB and 1,000 records a second "
        "into a shard, 2 MB and 5 reads out of it",
    )
    kinesis_port: Port = Field(0, description="port of the offline Kinesis; 0: any free one")
    localstack_port: Port = Field(0, description="port of LocalStack; 0: any free one")
    control_plane_port: Port = Field(0, description="port of the offline AWS control plane; 0: any free one")
    kafka_port: Port = Field(0, description="port of the Kafka broker; 0: any free one")
    connect_port: Port = Field(0, description="port of the Kafka Connect worker; 0: any free one")
    rest_proxy_port: Port = Field(0, description="port of the Kafka REST proxy; 0: any free one")


def load(**overrides: Any) -> Settings:
    """Read the settings; `overrides` (a command's own options) come before the environment.

    Offline, this process is then rid of what a person has set for other programs. Raises UserError that names each bad
    setting, its value and what is allowed.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        problems = [f"{_variable(e['loc'])}={e['input']!r}: {e['msg']}" for e in error.errors()]
        raise UserError("; ".join(problems) + " (see .env.sample)") from None
    if settings.env == "local" and settings.estate is None:
        go_offline(ours={name.upper() for name in Settings.model_fields})
    return settings


def from_command_line(prog: str, description: str, names: Sequence[str], argv: Sequence[str] | None = None) -> Settings:
    """Read the settings, letting options such as `--batch-size` override the named ones.

    Raises UserError as `load` does; argparse exits with 2 on an unknown option.
    """
    parser = argparse.ArgumentParser(prog=prog, description=description)
    add_options(parser, names)
    return load(**given_options(parser.parse_args(argv), names))


def add_options(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Add one option a named setting; help text and default are the setting's own."""
    for name in names:
        field = Settings.model_fields[name]
        shown = "" if field.default is None else f" (default: {field.default})"
        flag: dict[str, Any] = {"nargs": "?", "const": "yes"} if field.annotation is bool else {}
        parser.add_argument(
            f"--{name.replace('_', '-')}", metavar=name.upper(), help=f"{field.description}{shown}", **flag
        )


def given_options(args: argparse.Namespace, names: Sequence[str]) -> dict[str, str]:
    """The named settings that the command line sets, as text, for `load`."""
    return {name: value for name in names if (value := getattr(args, name)) is not None}


def _variable(loc: tuple[int | str, ...]) -> str:
    return str(loc[0]).upper() if loc else "settings"
