"""What the estate costs a month: a table for a terminal, and `python -m infra.costs`, which writes docs/costs.md."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from infra import markdown
from infra.charges import AIRFLOW_ENDPOINTS, BROKERS, ENDPOINTS, HOURS, STREAMS, Line, by_use, fixed, monthly
from infra.prices import Price, Prices, load_prices
from local.setup import ROOT
from pipeline.errors import UserError, exit_code_of

SIZES = ROOT / "terraform" / "modules" / "estate" / "sizes.json"
TEMPLATE = Path(__file__).with_name("costs.md.template")
PAGE = ROOT / "docs" / "costs.md"


def load_sizes() -> dict[str, dict[str, Any]]:
    """The sizes that Terraform knows, by name."""
    sizes: dict[str, dict[str, Any]] = json.loads(SIZES.read_text(encoding="utf-8"))
    return sizes


def total(name: str) -> float:
    """USD a month of a size, used as assumed. Raises UserError when there is no such size."""
    prices = load_prices()
    return monthly([*fixed(_size(name), prices), *by_use(prices)])


def table(name: str) -> str:
    """The costs of a size, for a terminal. Raises UserError when there is no such size."""
    prices = load_prices()
    return "\n".join(
        [
            _row(name, "", "quantity", "unit", "USD each", "USD a month"),
            *_section("fixed, used or not", fixed(_size(name), prices)),
            *_section("by use, assumed", by_use(prices)),
            _row("together", "", "", "", "", f"{total(name):,.2f}"),
            "",
            f"List prices for us-east-1, tax not included; ?: not from AWS's own. Sources: {PAGE.relative_to(ROOT)}",
        ]
    )


def _size(name: str) -> dict[str, Any]:
    sizes = load_sizes()
    if name not in sizes:
        raise UserError(f"{name!r} is no size of the estate: choose one of {', '.join(sizes)}")
    return sizes[name]


def _section(title: str, lines: list[Line]) -> Iterable[str]:
    for line in lines:
        quantity, usd = f"{line.quantity:,.5g}", f"{line.usd:,.2f}"
        yield _row(f"  {line.what}", line.how, quantity, line.price.unit, str(line.price), usd)
    yield _row(title, "", "", "", "", f"{monthly(lines):,.2f}")


def _row(what: str, how: str, quantity: str, unit: str, each: str, usd: str) -> str:
    return f"{what:<22} {how:<42} {quantity:>8} {unit:<16} {each:>9} {usd:>11}"


def page() -> str:
    """docs/costs.md: every size side by side, the assumptions, the prices with their sources, and what follows."""
    prices, sizes = load_prices(), load_sizes()
    always = {name: fixed(size, prices) for name, size in sizes.items()}
    used = by_use(prices)
    sums = [monthly(lines) for lines in always.values()]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        totals=markdown.table(
            ["", *(f"{name}, USD" for name in sizes)],
            [
                ["fixed, a month, used or not", *(f"{usd:,.2f}" for usd in sums)],
                ["by use, a month, as assumed below", *(f"{monthly(used):,.2f}" for _ in sums)],
                ["**together, a month**", *(f"**{usd + monthly(used):,.2f}**" for usd in sums)],
                ["an hour, unused", *(f"{usd / HOURS:,.2f}" for usd in sums)],
            ],
        ),
        fixed=markdown.table(
            ["what", *(heading for name in sizes for heading in (name, "USD"))],
            (
                [row[0].what, *(cell for line in row for cell in (_reckoned(line), f"{line.usd:,.2f}"))]
                for row in zip(*always.values(), strict=True)
            ),
        ),
        by_use=markdown.table(
            ["what", "assumed", "USD"], ([line.what, _reckoned(line), f"{line.usd:,.2f}"] for line in used)
        ),
        prices=markdown.table(
            ["price", "USD", "unit", "source", "of"],
            ([name, str(price), price.unit, _link(price), price.date] for name, price in prices.items()),
        ),
        endpoint_gb=str(prices["endpoint-data"]),
        nat_gb=str(prices["nat-gateway-data"]),
        **{name: f"{usd:,.2f}" for name, usd in _compared(prices).items()},
    )


def _compared(prices: Prices) -> dict[str, float]:
    """USD a month of what the page compares with."""
    usd = {name: price.price for name, price in prices.items()}
    return {
        "endpoints_a_zone": ENDPOINTS * HOURS * usd["endpoint"],
        "nat": HOURS * usd["nat-gateway"],
        "nat_everywhere": 3 * HOURS * usd["nat-gateway"],
        "secret": usd["secret"],
        "airflow_endpoints": AIRFLOW_ENDPOINTS * HOURS * usd["endpoint-of-airflow"],
        "t3_brokers": BROKERS * HOURS * usd["kafka.t3.small"],
        "brokers": BROKERS * HOURS * usd["kafka.m7g.large"],
        "shards": STREAMS * HOURS * usd["kinesis-shard"],
        "streams": STREAMS * HOURS * usd["kinesis-stream"],
        "stream_job": HOURS * (4 * usd["emr-vcpu"] + 16 * usd["emr-memory"]),
        "waf": usd["waf-acl"] + 2 * usd["waf-rule"],
        "waf_requests": usd["waf-requests"],
    }


def _reckoned(line: Line) -> str:
    return f"{line.how}: {line.quantity:,.5g} x {line.price}"


def _link(price: Price) -> str:
    title, url = price.source.rsplit(", ", 1)
    return f"[{title}]({url})"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
