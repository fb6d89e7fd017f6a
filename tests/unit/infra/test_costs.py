"""What the estate costs: sums by hand, and a source for every price."""

import re

import pytest

from infra.costs import Charge, Price, bill, by_use, charge, fixed, monthly, prices, sizes, total
from pipeline.errors import UserError


def usd(charges):
    return {charge.what: round(charge.usd, 2) for charge in charges}


def test_a_charge_is_quantity_times_price():
    price = Price(0.25, "GB", "https://example.com", "2026-01-01", "")
    charges = [Charge("Disks", 100, price), Charge("Logs", 5, price)]
    assert charges[0].cells() == ["Disks", "100", "GB", "0.25", "25.00"]
    assert monthly(charges) == 26.25


def test_an_estimated_price_has_a_question_mark():
    assert str(Price(0.11, "MCU-hour", "https://example.com", "2022-10-03", "from a gist")) == "0.11?"


def test_a_price_that_is_missing_is_named():
    with pytest.raises(UserError, match=r"^no price of kafka\.tiny: add it to infra/prices\.csv, with its source$"):
        charge("Kafka brokers", 3, "kafka.tiny")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (
            "small",
            {
                "Kafka brokers: 3 kafka.m7g.large": 446.76,  # 3 x 730 h x 0.204
                "Connectors, 1 MCU for dead letters": 160.60,  # 2 x 730 h x 0.11
                "REST proxy: 1 x 0.5 vCPU": 14.78,  # 365 h x 0.04048
                "Endpoints: 13 services, zones: 1": 94.90,  # 13 x 730 h x 0.01
            },
        ),
        (
            "production",
            {
                "Kafka volumes": 75,  # 3 x 250 GB x 0.1
                "REST proxy: 2 x 2 GB": 12.98,  # 4 x 730 h x 0.004445
                "Endpoints: 13 services, zones: 3": 284.70,  # 39 x 730 h x 0.01
                "Database: db.m7g.large multi-az": 246.01,  # 730 h x 0.337
                "Database storage": 23,  # 100 GB x 0.23
            },
        ),
    ],
)
def test_the_fixed_charges_of_a_size(size, expected):
    assert expected.items() <= usd(fixed(sizes()[size])).items()


def test_the_charges_by_use():
    expected = {
        "API, to Kafka and to the streams": 0.14,  # 20 million events, 500 per request, 3.5 per million
        "S3: an object per partition and minute": 1.97,  # 9 x 43,800 at 0.005 per thousand
        "Streams, in": 0.82,  # 10 million KB at 0.08 per GB
        "Streams, retention": 0.07,  # two days of 10.24 GB per month at 0.1
    }
    assert expected.items() <= usd(by_use()).items()


@pytest.mark.parametrize(
    ("size", "always", "together"), [("small", "1,121.67", "1,130.81"), ("production", "1,915.86", "1,925.00")]
)
def test_a_bill_ends_with_its_sum_and_fits_a_terminal(size, always, together):
    lines = bill(size).splitlines()
    sums = {line[:44].strip(): line.split()[-1] for line in lines if not line.startswith(" ")}
    assert sums == {size: "month", "fixed, used or not": always, "by use, assumed": "9.14", "together": together}
    assert f"{total(size):,.2f}" == together
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(("name", "price"), prices().items())
def test_every_price_has_a_unit_a_source_and_a_date(name, price):
    assert price.usd > 0
    assert price.unit
    assert re.fullmatch(r"https://(docs\.aws\.amazon\.com|(gist\.)?github\.com)/\S+", price.source)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", price.date)
