"""What AWS charges a unit of everything that the estate has: list prices for us-east-1, each with its source."""

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UserError

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Price:
    """USD a unit. `sure`: read from AWS's own list or code, or computed from that list by a tool."""

    price: float
    unit: str
    source: str  # title, URL
    date: str  # YYYY-MM-DD of the source
    sure: bool

    def __str__(self) -> str:
        return f"{self.price:.7g}{'' if self.sure else '?'}"


class Prices(dict[str, Price]):
    """Prices by name. Raises UserError for a name that has none."""

    def __missing__(self, name: str) -> Price:
        raise UserError(f"no price of {name}: add it to infra/{FILE.name}, with its source")


def load_prices() -> Prices:
    return Prices({name: Price(**price) for name, price in json.loads(FILE.read_text(encoding="utf-8")).items()})
