"""Tables of the pages that are written from code and data."""

from collections.abc import Iterable


def table(headings: list[str], rows: Iterable[list[str]]) -> str:
    """A table, without a newline at its end; amounts in USD stand to the right."""
    lines = [headings, ["---:" if "USD" in heading else "---" for heading in headings], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
