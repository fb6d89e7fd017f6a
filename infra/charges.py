"""What the estate is charged for in a month: fixed by its size (the estate's sizes.json), and by use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.prices import Price, Prices

HOURS = 730  # in a month, as AWS reckons

# How many of each the estate has. tests/unit/infra/test_costs.py compares them with Terraform.
BROKERS = 3
ENDPOINTS = 13
AIRFLOW_ENDPOINTS = 4  # made by MWAA itself: database and web server, each in two zones
STREAMS = 3
STREAM_DAYS = 3  # that a record can be read again; the first is free
PARTITIONS = 9
SECRETS = 2
ALARMS = 14
CLIENT_GB = 20
METRICS = {"ECS": 32, "API": 15, "Kafka client": 7, "own": 1}  # those that are charged

# What is assumed of a month's use. A GB is 10^9 bytes here.
EVENTS = 10_000_000  # to Kafka, and as many to the streams
BATCH = 500
GB = EVENTS * 737 / 1e9
STREAMED_GB = EVENTS * 1024 / 1e9  # Kinesis counts each record in whole KB
OBJECTS = PARTITIONS * HOURS * 60  # one a minute, as when events come all the time
SPARK_HOURS = 30 * 20 / 60


@dataclass(frozen=True)
class Line:
    """One thing that is charged. `how` says where the quantity comes from, which is in the price's unit."""

    what: str
    how: str
    quantity: float
    price: Price

    @property
    def usd(self) -> float:
        """USD a month."""
        return self.quantity * self.price.price


def monthly(lines: Iterable[Line]) -> float:
    """USD a month of them all."""
    return sum(line.usd for line in lines)


def fixed(size: dict[str, Any], prices: Prices) -> list[Line]:
    """What is charged whether it is used or not, while nothing has scaled out."""
    broker, airflow, client = size["broker_type"], size["airflow_class"], size["kafka_client_type"]
    disk, mcu, zones = size["broker_storage_gib"], size["connect_mcu"], size["endpoint_zones"]
    tasks, vcpu, memory = size["rest_proxy_min_tasks"], size["rest_proxy_cpu"] / 1024, size["rest_proxy_memory"] / 1024
    multi_az = " multi-az" if size["database_multi_az"] else ""
    database, rows = size["database_class"] + multi_az, size["database_storage_gib"]
    metrics = ", ".join(f"{name} {number}" for name, number in METRICS.items())
    return [
        Line("Kafka's brokers", f"{BROKERS} of {broker}", BROKERS * HOURS, prices[broker]),
        Line("Kafka's volumes", f"{BROKERS} of {disk} GB", BROKERS * disk, prices["msk-storage"]),
        Line("Connectors", f"{mcu} MCU, and 1 for dead letters", (mcu + 1) * HOURS, prices["msk-connect"]),
        Line("REST proxy, CPU", f"{tasks} of {vcpu:g} vCPU", tasks * vcpu * HOURS, prices["fargate-vcpu"]),
        Line("REST proxy, memory", f"{tasks} of {memory:g} GB", tasks * memory * HOURS, prices["fargate-memory"]),
        Line("Load balancer", "one, before the REST proxy", HOURS, prices["load-balancer"]),
        Line("Endpoints", f"{ENDPOINTS} services, zones: {zones}", ENDPOINTS * zones * HOURS, prices["endpoint"]),
        Line(
            "Endpoints of Airflow", "2 of its own, zones: 2", AIRFLOW_ENDPOINTS * HOURS, prices["endpoint-of-airflow"]
        ),
        Line("Airflow", airflow, HOURS, prices[airflow]),
        Line("Streams", f"{STREAMS} on demand", STREAMS * HOURS, prices["kinesis-stream"]),
        Line("Database", database, HOURS, prices[database]),
        Line("Database's storage", f"{rows} GB{multi_az}", rows, prices[f"rds-gp3{multi_az}"]),
        Line("Kafka client", client, HOURS, prices[client]),
        Line("Kafka client's disk", f"{CLIENT_GB} GB", CLIENT_GB, prices["ebs-gp3"]),
        Line("Key", "one for everything", 1, prices["kms-key"]),
        Line("Secrets", "API key, database's password", SECRETS, prices["secret"]),
        Line("Alarms", f"{ALARMS} of one metric", ALARMS, prices["alarm"]),
        Line("Metrics", metrics, sum(METRICS.values()), prices["metric"]),
    ]


def by_use(prices: Prices) -> list[Line]:
    """What is charged for the use assumed above, in any size."""
    events = f"{EVENTS // 10**6} million events"
    retained = STREAMED_GB / 30 * (STREAM_DAYS - 1)
    return [
        Line("API", f"2 x {events}, {BATCH} a request", 2 * EVENTS / BATCH / 1e6, prices["api-requests"]),
        Line("Load balancer", f"{events} of 737 B, 1 GB a unit", GB, prices["load-balancer-capacity"]),
        Line("Endpoints", "10 GB of images, logs and calls", 10, prices["endpoint-data"]),
        Line("Streams, in", f"{events}, 1 KB counted for each", STREAMED_GB, prices["kinesis-in"]),
        Line("Streams, out", f"{events}, read once", GB, prices["kinesis-out"]),
        Line("Streams, retention", f"{STREAM_DAYS} days, the first free", retained, prices["kinesis-retention"]),
        Line("S3, storage", "a month's events, as much in tables", 2 * GB, prices["s3-storage"]),
        Line("S3, writing", f"{PARTITIONS} partitions, an object a minute", OBJECTS / 1000, prices["s3-put"]),
        Line("S3, reading", "each object once", OBJECTS / 1000, prices["s3-get"]),
        Line("Spark, CPU", "a batch of 20 vCPU-minutes a day", SPARK_HOURS, prices["emr-vcpu"]),
        Line("Spark, memory", "4 GB for each vCPU", 4 * SPARK_HOURS, prices["emr-memory"]),
        Line("Airflow's database", "5 GB", 5, prices["airflow-database"]),
        Line("Images", "10 GB", 10, prices["ecr-storage"]),
        Line("Logs, written", "5 GB", 5, prices["logs-in"]),
        Line("Logs, kept", "5 GB for 30 days", 5, prices["logs-stored"]),
        Line("Key, calls", "100,000", 10, prices["kms-calls"]),
    ]
