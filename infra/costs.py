"""What the estate costs per month on AWS: what it has, times the list prices of us-east-1 (prices.csv)."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra import markdown
from local.setup import ROOT
from pipeline.errors import UserError

SIZES = ROOT / "terraform" / "modules" / "estate" / "sizes.json"
PRICES = Path(__file__).with_name("prices.csv")
HOURS = 730  # per month, as AWS counts

# What each estate has; tests/terraform/test_costs.py compares it with Terraform's plan.
BROKERS = 3
ENDPOINTS = 13
STREAMS = 3
STREAM_DAYS = 3  # of retention; the first is free
PARTITIONS = 9
SECRETS = 2
ALARMS = 14
CLIENT_GB = 20
# What Terraform does not list.
AIRFLOW_ENDPOINTS = 4  # MWAA makes them: database and web server, each in two zones
METRICS = 32 + 15 + 7 + 1  # Container Insights, API methods, detailed monitoring of EC2, throttled API calls

# The usage per month that is assumed. A GB is 10^9 bytes.
EVENTS = 10_000_000  # to Kafka, and as many to the streams
BATCH = 500  # events per request
GB = EVENTS * 737 / 1e9
STREAMED_GB = EVENTS * 1024 / 1e9  # Kinesis rounds each record up to whole KB
OBJECTS = PARTITIONS * HOURS * 60  # one per minute
SPARK_HOURS = 30 * 20 / 60  # of a vCPU with 4 GB of memory


@dataclass(frozen=True)
class Price:
    """USD per unit, from `source` (a URL) of `date`. `estimate` says why it is not AWS's own figure, or is empty."""

    usd: float
    unit: str
    source: str
    date: str
    estimate: str

    def __str__(self) -> str:
        return f"{self.usd:.7g}{'?' if self.estimate else ''}"

    def link(self) -> str:
        """The source in Markdown, by the last part of its URL."""
        return f"[{self.source.split('/')[-1]}]({self.source})"


@dataclass(frozen=True)
class Charge:
    """A line of the bill; the quantity is in the price's unit."""

    what: str
    quantity: float
    price: Price

    @property
    def usd(self) -> float:
        """USD per month."""
        return self.quantity * self.price.usd

    def cells(self) -> list[str]:
        """The line as text: what, quantity, unit, USD per unit, USD per month."""
        return [self.what, f"{self.quantity:,.5g}", self.price.unit, str(self.price), f"{self.usd:,.2f}"]


@cache
def prices() -> dict[str, Price]:
    """The prices of prices.csv, by name."""
    with PRICES.open(encoding="utf-8", newline="") as file:
        return {row.pop("name"): Price(float(row.pop("usd")), **row) for row in csv.DictReader(file)}


def charge(what: str, quantity: float, price: str) -> Charge:
    """A charge by the name of its price. Raises UserError for a name that prices.csv lacks."""
    if price not in prices():
        raise UserError(f"no price of {price}: add it to infra/{PRICES.name}, with its source")
    return Charge(what, quantity, prices()[price])


def sizes() -> dict[str, dict[str, Any]]:
    """The estate's sizes, by name, as Terraform reads them."""
    found: dict[str, dict[str, Any]] = json.loads(SIZES.read_text(encoding="utf-8"))
    return found


def fixed(size: dict[str, Any]) -> list[Charge]:
    """What a size is charged for whether it is used or not, before anything scales out."""
    zones, tasks = size["endpoint_zones"], size["rest_proxy_min_tasks"]
    vcpu, memory = size["rest_proxy_cpu"] / 1024, size["rest_proxy_memory"] / 1024
    multi_az = " multi-az" if size["database_multi_az"] else ""
    database = size["database_class"] + multi_az
    return [
        charge(f"Kafka brokers: {BROKERS} {size['broker_type']}", BROKERS * HOURS, size["broker_type"]),
        charge("Kafka volumes", BROKERS * size["broker_storage_gib"], "msk-storage"),
        charge("Connectors, 1 MCU for dead letters", (size["connect_mcu"] + 1) * HOURS, "msk-connect"),
        charge(f"REST proxy: {tasks} x {vcpu:g} vCPU", tasks * vcpu * HOURS, "fargate-vcpu"),
        charge(f"REST proxy: {tasks} x {memory:g} GB", tasks * memory * HOURS, "fargate-memory"),
        charge("Load balancer", HOURS, "load-balancer"),
        charge(f"Endpoints: {ENDPOINTS} services, zones: {zones}", ENDPOINTS * zones * HOURS, "endpoint"),
        charge("Endpoints that Airflow makes", AIRFLOW_ENDPOINTS * HOURS, "endpoint-of-airflow"),
        charge(f"Airflow: {size['airflow_class']}", HOURS, size["airflow_class"]),
        charge("Streams, on demand", STREAMS * HOURS, "kinesis-stream"),
        charge(f"Database: {database}", HOURS, database),
        charge("Database storage", size["database_storage_gib"], f"rds-gp3{multi_az}"),
        charge(f"Kafka client: {size['kafka_client_type']}", HOURS, size["kafka_client_type"]),
        charge("Kafka client's disk", CLIENT_GB, "ebs-gp3"),
        charge("KMS key", 1, "kms-key"),
        charge("Secrets: API key, database password", SECRETS, "secret"),
        charge("Alarms", ALARMS, "alarm"),
        charge("Custom metrics", METRICS, "metric"),
    ]


def by_use() -> list[Charge]:
    """What the assumed usage is charged, in any size."""
    return [
        charge("API, to Kafka and to the streams", 2 * EVENTS / BATCH / 1e6, "api-requests"),
        charge("Load balancer, 1 GB per unit", GB, "load-balancer-capacity"),
        charge("Endpoints: images, logs, calls", 10, "endpoint-data"),
        charge("Streams, in", STREAMED_GB, "kinesis-in"),
        charge("Streams, out", GB, "kinesis-out"),
        charge("Streams, retention", STREAMED_GB / 30 * (STREAM_DAYS - 1), "kinesis-retention"),
        charge("S3: a month's events, as much in tables", 2 * GB, "s3-storage"),
        charge("S3: an object per partition and minute", OBJECTS / 1000, "s3-put"),
        charge("S3: each object read once", OBJECTS / 1000, "s3-get"),
        charge("Spark: 20 vCPU-minutes per day", SPARK_HOURS, "emr-vcpu"),
        charge("Spark: 4 GB per vCPU", 4 * SPARK_HOURS, "emr-memory"),
        charge("Airflow's database", 5, "airflow-database"),
        charge("Images", 10, "ecr-storage"),
        charge("Logs, ingested", 5, "logs-in"),
        charge("Logs, stored for 30 days", 5, "logs-stored"),
        charge("KMS calls", 10, "kms-calls"),
    ]


def options() -> list[Charge]:
    """What other settings of the estate cost."""
    return [
        charge("`stream_shards = 1`, in place of streams on demand", STREAMS * HOURS, "kinesis-shard"),
        charge("`endpoint_zones`: one more zone", ENDPOINTS * HOURS, "endpoint"),
        charge('`airflow_engine = "databricks"`: NAT gateway', HOURS, "nat-gateway"),
        charge('`airflow_engine = "databricks"`: each GB through it', 1, "nat-gateway-data"),
        charge('`airflow_engine = "databricks"`: secret', 1, "secret"),
        charge("`waf = true`: firewall", 1, "waf-acl"),
        charge("`waf = true`: two rule groups", 2, "waf-rule"),
        charge("`waf = true`: each million requests", 1, "waf-requests"),
        charge("Stream job that runs all month: 4 vCPU", 4 * HOURS, "emr-vcpu"),
        charge("Stream job that runs all month: 16 GB", 16 * HOURS, "emr-memory"),
    ]


def monthly(charges: Iterable[Charge]) -> float:
    """Their sum in USD per month."""
    return sum(charge.usd for charge in charges)


def total(size: str) -> float:
    """USD per month of a size with the assumed usage."""
    return monthly([*fixed(sizes()[size]), *by_use()])


def bill(size: str) -> str:
    """The charges of a size and their sum, for a terminal."""
    lines = [[size, "quantity", "unit", "USD each", "USD per month"]]
    for title, charges in (("fixed, used or not", fixed(sizes()[size])), ("by use, assumed", by_use())):
        lines += [[f"  {what}", *rest] for what, *rest in (charge.cells() for charge in charges)]
        lines += [[title, "", "", "", f"{monthly(charges):,.2f}"]]
    lines += [["together", "", "", "", f"{total(size):,.2f}"]]
    return "\n".join(
        f"{what:<44} {number:>8} {unit:<16} {each:>9} {usd:>13}" for what, number, unit, each, usd in lines
    )


def tables() -> str:
    """The generated part of docs/costs.md: the bill of each size, the options, and each price with its source."""
    bills = "\n".join(f"```text\n{bill(size)}\n```\n" for size in sizes())
    other = markdown.table(["setting", "quantity", "unit", "USD each", "USD per month"], map(Charge.cells, options()))
    sources = markdown.table(
        ["price", "USD", "unit", "source", "of", "estimate"],
        ([name, str(price), price.unit, price.link(), price.date, price.estimate] for name, price in prices().items()),
    )
    return f"\n## Per month\n\n{bills}\n## Options\n\n{other}\n\n## Prices\n\n{sources}\n\n"
