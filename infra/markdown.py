"""Markdown tables for generated docs."""

from collections.abc import Iterable


def table(headings: list[str], rows: Iterable[list[str]]) -> str:
    """A table without a newline at its end. Columns with USD in their heading are aligned to the right."""
    lines = [headings, ["---:" if "USD" in heading else "---" for heading in headings], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
