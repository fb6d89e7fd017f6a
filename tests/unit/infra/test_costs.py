"""What the estate costs: reckoned by hand, with every price sourced, and with the quantities that Terraform has."""

import re
from pathlib import Path

import pytest

from infra import charges
from infra.charges import by_use, fixed, monthly
from infra.costs import PAGE, load_sizes, page, table, total
from infra.prices import Price, Prices, load_prices
from pipeline.errors import UserError

MODULES = Path(__file__).parents[3] / "terraform" / "modules"
TINY = {
    "endpoint_zones": 2,
    "broker_type": "kafka.tiny",
    "broker_storage_gib": 10,
    "connect_mcu": 1,
    "rest_proxy_cpu": 256,
    "rest_proxy_memory": 512,
    "rest_proxy_min_tasks": 1,
    "kafka_client_type": "t3.tiny",
    "database_class": "db.tiny",
    "database_storage_gib": 5,
    "database_multi_az": False,
    "airflow_class": "mw1.tiny",
}


def prices(**usd):
    """Everything free but what is named, with _ for - and for the dot."""
    names = [*load_prices(), "kafka.tiny", "t3.tiny", "db.tiny", "mw1.tiny"]
    return Prices({name: Price(usd.pop(re.sub(r"\W", "_", name), 0), "", "", "", True) for name in names})


def usd_of(lines):
    return {line.what: round(line.usd, 2) for line in lines}


def text(path):
    return (MODULES / path).read_text()


def resources(kind):
    """How many blocks of a kind all modules have."""
    return sum(file.read_text().count(f'resource "{kind}" ') for file in MODULES.glob("*/*.tf"))


# --- Sums ------------------------------------------------------------------------------------------------------------


def test_a_tiny_size_costs_what_one_reckons_by_hand():
    tiny = prices(kafka_tiny=1, msk_storage=2, msk_connect=0.5, fargate_vcpu=4, fargate_memory=2, endpoint=0.1)
    lines = fixed(TINY, tiny)
    assert {what: usd for what, usd in usd_of(lines).items() if usd} == {
        "Kafka's brokers": 2190,  # 3 x 730
        "Kafka's volumes": 60,  # 3 x 10 GB at 2
        "Connectors": 730,  # 2 MCU x 730 at 0.5
        "REST proxy, CPU": 730,  # a quarter x 730 at 4
        "REST proxy, memory": 730,  # a half x 730 at 2
        "Endpoints": 1898,  # 13 in 2 zones x 730 at 0.1
    }
    assert monthly(lines) == 6338


def test_use_costs_what_one_reckons_by_hand():
    used = by_use(prices(api_requests=100, s3_put=1, emr_vcpu=1, kinesis_in=1))
    assert {what: usd for what, usd in usd_of(used).items() if usd} == {
        "API": 4,  # 20 million events, 500 a request: 40,000, at 100 a million
        "S3, writing": 394.2,  # 9 partitions x 43,800 minutes, at 1 a thousand
        "Spark, CPU": 10,  # 30 x 20 minutes, at 1 an hour
        "Streams, in": 10.24,  # 10 million KB
    }


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("small", {"Kafka's brokers": 446.76, "Connectors": 160.60, "Endpoints": 94.90, "Airflow": 211.70}),
        ("production", {"Kafka's volumes": 75, "Connectors": 240.90, "Endpoints": 284.70, "Database's storage": 23}),
    ],
)
def test_the_large_lines_of_a_size(size, expected):
    costs = usd_of(fixed(load_sizes()[size], load_prices()))
    assert {what: costs[what] for what in expected} == expected


# --- What people read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", load_sizes())
def test_a_table_fits_a_terminal_and_says_where_its_prices_are_from(size):
    lines = table(size).splitlines()
    assert max(map(len, lines)) <= 120
    assert "List prices for us-east-1" in lines[-1]
    assert "docs/costs.md" in lines[-1]
    assert next(line for line in lines if line.startswith("together")).endswith(f" {total(size):,.2f}")


@pytest.mark.parametrize("ask", [table, total])
def test_an_unknown_size_is_refused_with_the_known_ones(ask):
    with pytest.raises(UserError, match="'huge' is no size of the estate: choose one of small, production"):
        ask("huge")


def test_the_total_is_fixed_and_by_use():
    production = fixed(load_sizes()["production"], load_prices())
    assert total("production") == pytest.approx(monthly(production) + monthly(by_use(load_prices())))


def test_a_price_that_is_missing_is_named():
    with pytest.raises(UserError, match=r"no price of kafka\.tiny: add it to infra/prices\.json"):
        fixed(TINY, load_prices())


def test_the_page_is_what_the_code_writes():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m infra.costs"


@pytest.mark.parametrize(("name", "price"), load_prices().items())
def test_every_price_has_unit_source_and_date(name, price):
    assert price.price > 0
    assert price.unit
    assert re.fullmatch(r".+, https://(docs\.aws\.amazon\.com|aws\.amazon\.com|(gist\.)?github\.com)/\S+", price.source)
    assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", price.date)
    assert isinstance(price.sure, bool)


# --- What Terraform has ----------------------------------------------------------------------------------------------


def test_endpoints_and_zones_are_terraforms():
    estate = text("estate/main.tf")
    endpoints = re.search(r"\n  endpoints = \{\n(.*?)\n  \}", estate, re.DOTALL)
    assert len(set(re.findall(r'"([^"]+)"', endpoints[1]))) == charges.ENDPOINTS
    # Where a region has as many zones.
    assert f"= min({charges.BROKERS}, length(data.aws_availability_zones.this.names))" in estate
    assert "data.aws_availability_zones.this.names), 0, local.copies)" in estate
    assert "number_of_broker_nodes = length(var.subnet_ids)" in text("msk/main.tf")
    assert "slice(local.subnets, 0, 2)" in text("estate/jobs.tf")  # of Airflow
    assert 'webserver_access_mode = "PRIVATE_ONLY"' in text("airflow/main.tf")  # makes it two endpoints
    # One, and an address, for Airflow with Databricks; told apart from the sum.
    assert re.search(r'"airflow_engine" \{.*?default += "emr"', text("estate/variables.tf"), re.DOTALL)
    assert 'internet_users      = local.on_databricks ? ["airflow"] : []' in estate
    assert resources("aws_nat_gateway") == resources("aws_eip") == 1


def test_streams_topics_and_connectors_are_terraforms():
    events, connectors = text("estate/events.tf"), text("estate/connectors.tf")
    entities = re.findall(r'"(\w+)"', re.search(r"entities += \[(.*)\]", events)[1])
    partitions = re.search(r'"topic_partitions" \{.*?default += (\d+)', text("estate/variables.tf"), re.DOTALL)
    assert len(entities) == charges.STREAMS
    assert len(entities) * int(partitions[1]) == charges.PARTITIONS
    assert f"default     = {24 * charges.STREAM_DAYS} #" in text("streams/variables.tf")
    assert re.findall(r" mcu += (.*)", connectors) == ["local.size.connect_mcu", "1"]
    assert "min_worker_count = 1" in text("msk_connect/main.tf")


def test_alarms_and_metrics_are_terraforms():
    monitoring = text("monitoring/main.tf")
    alarms = re.search(r"\n  alarms = merge\((.*?)\n  \)", monitoring, re.DOTALL)[1]
    single = re.findall(r"^      [\w-]+ = \{$", alarms, re.MULTILINE)
    each = re.findall(r"for \w+ in var\.(\w+)", alarms)
    number = {"connectors": 2, "topics": 3, "streams": 3}
    assert len(single) + sum(number[name] for name in each) == charges.ALARMS
    assert monitoring.count('resource "aws_cloudwatch_log_metric_filter"') == charges.METRICS["own"]
    assert resources("aws_cloudwatch_dashboard") == 1
    assert re.search(r'"containerInsights"\s+value = "enabled"', text("kafka_rest/main.tf"))
    assert "monitoring                  = true" in text("kafka_client/main.tf")
    assert re.search(r"metrics_enabled +=\s+true", text("api/main.tf"))
    assert resources("aws_api_gateway_method") == 2  # one of them for each of Kinesis' actions
    methods = 1 + len(re.findall(r'^    records? += "Put', text("api/kinesis.tf"), re.MULTILINE))
    assert 5 * methods == charges.METRICS["API"]


def test_there_is_one_of_the_rest():
    for kind in ("aws_lb", "aws_kms_key", "aws_mwaa_environment", "aws_db_instance", "aws_instance"):
        assert resources(kind) == 1, kind
    assert text("api/access.tf").count('resource "aws_secretsmanager_secret" ') + 1 == charges.SECRETS  # RDS makes one
    assert resources("aws_secretsmanager_secret") == 2  # and that of Airflow's connection to Databricks, priced apart
    assert "manage_master_user_password         = true" in text("database/main.tf")
    assert f"volume_size = {charges.CLIENT_GB}" in text("kafka_client/main.tf")
    assert len(re.findall(r"AWSManagedRules\w+ = \d", text("api/access.tf"))) == 2  # which the page prices
    assert re.search(r'variable "waf" \{.*?default += false', text("estate/variables.tf"), re.DOTALL)
