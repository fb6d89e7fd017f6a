"""The estate as Terraform made it: `make infra` writes its outputs to estate.json, everything else reads them.

This is the only place that knows where a topic, a table or a checkpoint is.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import UserError
from pipeline.landed_name import LandedName, landed_name
from pipeline.settings import Lane, Settings

if TYPE_CHECKING:  # else when a client is made: they take a third of a second
    import boto3
    from botocore.config import Config


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
    dead_letter_topic_config: dict[str, str] = {}
    topics_dir: str
    streams: dict[str, str] = {}  # entity name -> Kinesis stream
    invoke_url: str
    api_authorization: Literal["AWS_IAM", "NONE"] = "NONE"  # AWS_IAM: it takes signed requests only
    api_key_secret: str  # name of the secret in Secrets Manager
    bootstrap_servers: str
    aws_endpoint_url: str | None = None
    connectors: dict[str, dict[str, str]]  # connector name -> its configuration
    repositories: dict[str, str] = {}  # image name -> URL of its repository in ECR
    spark_application_id: str | None = None  # EMR Serverless
    spark_role_arn: str | None = None
    spark_entry_point: str | None = None
    spark_parameters: str | None = None  # as spark-submit takes them
    spark_log_uri: str | None = None
    estate_uri: str | None = None  # object with these outputs
    service_credential: str | None = None  # of Unity Catalog, where jobs run on Databricks

    def topic_prefix(self, topic: str) -> str:
        """Key prefix under which the S3 sink lands a topic."""
        return f"{self.topics_dir}/{topic}/"

    def landed(self, key: str) -> LandedName | None:
        """What the key of a landed object says, None when the S3 sink did not name it."""
        return landed_name(self.topics_dir, key)

    def table_prefix(self, table: str, lane: Lane = "batch", generation: str = "") -> str:
        """Key prefix of a Delta table. Each lane has tables of its own, for one driver alone may write a table; a
        rebuild makes a generation of them (`jobs.rebuild`)."""
        name = table if lane == "batch" else f"{self.user_id}_{table}_table"
        return f"tables/{generation}/{name}" if generation else f"tables/{name}"

    def connector_of(self, topic: str) -> str:
        """The connector that lands a topic."""
        return next(name for name, config in self.connectors.items() if topic in config["topics"].split(","))

    @property
    def progress_key(self) -> str:
        """Key of the object that says how far the batch has come."""
        return "progress/batch.json"

    @property
    def report_key(self) -> str:
        """Key of the published report."""
        return "report/index.html"

    def analysis_key(self, name: str) -> str:
        """Key of a published analysis, a CSV file."""
        return f"report/analyses/{name}.csv"

    @property
    def stream_lane_key(self) -> str:
        """Key of the object that says where the stream lane's tables are."""
        return "progress/stream.json"

    def stream_progress_key(self, entity: str, generation: str = "") -> str:
        """Key of the object that says how far an entity's stream has been brought into its table."""
        return f"progress/stream/{generation}/{entity}.json" if generation else f"progress/stream/{entity}.json"

    def checkpoint_prefix(self, *names: str) -> str:
        """Key prefix of a checkpoint of the stream lane."""
        return "/".join(["checkpoints/stream", *filter(None, names)])

    def uri(self, prefix: str) -> str:
        """The prefix as Spark reads it: through Hadoop's S3A offline, on a platform through its own."""
        return f"{'s3a' if self.aws_endpoint_url else 's3'}://{self.bucket}/{prefix}"

    def client(self, service: str, config: "Config | None" = None) -> Any:
        """A boto3 client for the account, or for LocalStack when the estate is offline."""
        client = self._session.client(service, endpoint_url=self.aws_endpoint_url, config=config)
        if service == "s3":
            from botocore.handlers import set_list_objects_encoding_type_url

            # LocalStack 4.7.0 lists wrongly when names are asked for URL-encoded; ours need it nowhere.
            for operation in ("ListObjects", "ListObjectsV2"):
                client.meta.events.unregister(
                    f"before-parameter-build.s3.{operation}", set_list_objects_encoding_type_url
                )
        return client

    def credentials(self) -> Any:
        """botocore credentials for the account, which renew themselves where they can; None when there are none."""
        return self._session.get_credentials()

    @cached_property
    def _session(self) -> "boto3.Session":
        if self.aws_endpoint_url is None:
            return _session_on_aws(self.region, self.service_credential)
        import boto3

        # LocalStack takes any: no secret
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.Session(region_name=self.region, **keys)

    def api_key(self) -> str:
        """The API's key, from Secrets Manager."""
        secret = self.client("secretsmanager").get_secret_value(SecretId=self.api_key_secret)
        return str(secret["SecretString"])


def estate_file(settings: Settings) -> Path:
    """Where `make infra` leaves the outputs: an estate on AWS has a folder of its own beside the offline one."""
    return (settings.state / "aws" if settings.env == "aws" else settings.state) / "estate.json"


def report_file(settings: Settings) -> Path:
    """The report on this machine, beside the estate's outputs."""
    return estate_file(settings).parent / "report" / "index.html"


def analyses_folder(settings: Settings) -> Path:
    """Where the results lie, for people and for the report."""
    return estate_file(settings).parent / "analyses"


def save_estate(settings: Settings, outputs: dict[str, Any]) -> None:
    """Leave the outputs of Terraform where every other part reads them."""
    path = estate_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(outputs, indent=2) + "\n")
    temporary.replace(path)


def load_estate(settings: Settings) -> Estate:
    """Read the estate. Raises UserError when there is none or it is not readable."""
    where = settings.estate or str(estate_file(settings))
    try:
        estate = Estate.model_validate(json.loads(_outputs(settings)))
    except FileNotFoundError:
        raise UserError(f"no estate at {where}: make one with `make infra`") from None
    except (ValidationError, ValueError) as error:
        raise UserError(f"{where} is not an estate's outputs ({error}): make it anew with `make infra`") from None
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"{where} cannot be read: {error}") from None
    return estate.model_copy(update={"service_credential": settings.service_credential})


def _outputs(settings: Settings) -> bytes:
    if settings.estate is None:
        return estate_file(settings).read_bytes()
    bucket, key = settings.estate.removeprefix("s3://").split("/", 1)
    s3 = _session_on_aws(settings.aws_region, settings.service_credential).client("s3")
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def _session_on_aws(region: str, service_credential: str | None) -> "boto3.Session":
    """With the credentials that boto3 finds by itself, or with those that Databricks gives for a service credential."""
    import boto3

    if service_credential is None:
        return boto3.Session(region_name=region)
    from databricks.sdk.runtime import dbutils  # there alone

    provider = dbutils.credentials.getServiceCredentialsProvider(service_credential)
    return boto3.Session(botocore_session=provider, region_name=region)
