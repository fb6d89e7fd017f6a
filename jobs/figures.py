"""What became of the records: the sum that every run and the report show."""

from collections.abc import Mapping

from pydantic import BaseModel


class Figures(BaseModel, frozen=True):
    """Records of a topic or stream: `records_in` = `clean` + `rejected` + `superseded`.

    `clean`: rows of the table; `rejected`: rows of the table `rejected`, dead letters among them; `superseded`:
    events of a key that has a later event, or that came again. `missing` is no part of that sum: records, counted by
    their offsets, that Kafka had dropped before the sink could read them.
    """

    records_in: int = 0
    clean: int = 0
    rejected: int = 0
    superseded: int = 0
    missing: int = 0

    def __str__(self) -> str:
        fates = f"{self.clean:,} clean + {self.rejected:,} rejected + {self.superseded:,} superseded"
        gone = f"; {self.missing:,} were gone before they landed" if self.missing else ""
        return f"{self.records_in:,} in = {fates}{gone}"

    @property
    def accounted(self) -> int:
        """Records whose fate is known: all of them, when the sum is right."""
        return self.clean + self.rejected + self.superseded

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value + getattr(other, name) for name, value in self})

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value - getattr(other, name) for name, value in self})


def show(by_name: Mapping[str, Figures]) -> None:
    """Print a line for each topic or stream, and the sum."""
    total = sum(by_name.values(), Figures())
    rows = [("records of", ["in", "clean", "rejected", "superseded"])]
    for name, figures in [*by_name.items(), ("all", total)]:
        numbers = (figures.records_in, figures.clean, figures.rejected, figures.superseded)
        rows.append((name, [f"{number:,}" for number in numbers]))
    width = max(len(name) for name, _ in rows)
    for name, columns in rows:
        print(f"{name:<{width}}" + "".join(f"{text:>13}" for text in columns), flush=True)
    print(total, flush=True)
