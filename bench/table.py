"""How figures are shown: a Markdown table that can go into the README as it is."""

from typing import NamedTuple


class Row(NamedTuple):
    """One line: what was measured, the figure, and how it stands to the baseline or the target."""

    what: str
    figure: str
    beside: str = ""


def show(title: str, rows: list[Row]) -> None:
    print(f"\n### {title}\n\n| what | measured | beside the baseline |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.beside} |")
    print(flush=True)
