"""The estate as Terraform made it: `make infra` writes its outputs to $STATE/estate.json, everything else reads them.

This is the only place that knows where a topic, a table or a checkpoint is.
"""

import json
from pathlib import Path
from typing import Any

import boto3
from botocore.handlers import set_list_objects_encoding_type_url
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import UserError
from pipeline.settings import Settings


class Estate(BaseModel):
    """Outputs of the Terraform root module. `aws_endpoint_url` is set offline only (LocalStack)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_id: str
    region: str
    bucket: str
    topics: dict[str, str]  # entity name -> topic
    dead_letter_topic: str
    topic_partitions: int
    topic_config: dict[str, str]
    topics_dir: str
    invoke_url: str
    api_key_secret: str  # name of the secret in Secrets Manager
    bootstrap_servers: str
    aws_endpoint_url: str | None = None
    connectors: dict[str, dict[str, str]]  # connector name -> its configuration

    def topic_prefix(self, topic: str) -> str:
        """Key prefix under which the S3 sink lands a topic."""
        return f"{self.topics_dir}/{topic}/"

    def table_prefix(self, table: str) -> str:
        """Key prefix of a Delta table."""
        return f"tables/{table}"

    @property
    def progress_key(self) -> str:
        """Key of the object that says how far the batch has come."""
        return "progress/batch.json"

    def uri(self, prefix: str) -> str:
        """The prefix as Spark reads it."""
        return f"s3a://{self.bucket}/{prefix}"

    def client(self, service: str) -> Any:
        """A boto3 client for the account, or for LocalStack when the estate is offline."""
        if self.aws_endpoint_url is None:
            return boto3.client(service, region_name=self.region)
        client = boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.aws_endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any; no secret
        )
        if service == "s3":
            # LocalStack 4.7.0 ends a listing silently after 1,000 keys when names are asked for URL-encoded.
            for operation in ("ListObjects", "ListObjectsV2"):
                client.meta.events.unregister(
                    f"before-parameter-build.s3.{operation}", set_list_objects_encoding_type_url
                )
        return client

    def api_key(self) -> str:
        """The API's key, from Secrets Manager."""
        secret = self.client("secretsmanager").get_secret_value(SecretId=self.api_key_secret)
        return str(secret["SecretString"])


def estate_file(settings: Settings) -> Path:
    """Where `make infra` leaves the outputs."""
    return settings.state / "estate.json"


def load_estate(settings: Settings) -> Estate:
    """Read the estate. Raises UserError when there is none or it is not readable."""
    path = estate_file(settings)
    try:
        return Estate.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"no estate at {path}: make one with `make infra`") from None
    except (ValidationError, json.JSONDecodeError) as error:
        raise UserError(f"{path} is not an estate's outputs ({error}): make it anew with `make infra`") from None
