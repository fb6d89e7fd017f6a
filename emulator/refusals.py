"""Rows that were not sent, since they cannot be or since nothing takes them: each is named, and the rest goes out."""

from collections.abc import Callable
from pathlib import Path

from pipeline.errors import UserError

Refuse = Callable[[str], None]  # takes a line that names a row and says what is wrong with it

SHOWN = 5  # rows that a person reads of at once; all are in the file


def end_at_once(line: str) -> None:
    """Let the first such row end the run."""
    raise UserError(line)


class Refusals:
    """The rows of one run that were not sent, a line for each in a file, which is made when there is one."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self.number = 0
        self._path = path
        self._tell = tell
        self._first = ""

    def add(self, line: str) -> None:
        """Take note of a row."""
        if self.number == 0:
            self._first = line
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w" if self.number == 0 else "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{line}\n")
        self.number += 1
        if self.number <= SHOWN:
            self._tell(f"not sent: {line}")

    def check(self) -> None:
        """Raises UserError when a row was not sent."""
        if self.number == 1:
            raise UserError(f"one row was not sent, the others were: {self._first}")
        if self.number:
            raise UserError(
                f"{self.number:,} rows were not sent, the others were; {self._path} names each, the first is "
                f"{self._first}"
            )
