"""Progress for a person: bars with rate and time left on a terminal, a line every few seconds elsewhere."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

SECONDS_A_LINE = 5.0
IN_ALL = "in all"


class Meter:
    """Counts what is done of each part. `totals`: part to rows, None when there is no end; `done`: what was before."""

    def __init__(self, doing: str, totals: Mapping[str, int | None], done: Mapping[str, int] | None = None) -> None:
        self._doing = doing
        self._totals = dict(totals)
        self._done = {part: (done or {}).get(part, 0) for part in totals}
        self._before = sum(self._done.values())
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def advance(self, part: str, number: int) -> None:
        """So many more rows of a part are done."""
        self._done[part] += number

    def tick(self) -> None:
        """Called a few times a second: shows a line when it is time for one."""
        if time.monotonic() - self._shown >= SECONDS_A_LINE:
            self._shown = time.monotonic()
            self.tell(self._line())

    def tell(self, text: str) -> None:
        """Show a line of text."""
        print(text, file=sys.stderr, flush=True)

    def _line(self) -> str:
        done, total = sum(self._done.values()), _sum(self._totals)
        rate = (done - self._before) / max(time.monotonic() - self._started, 0.001)
        parts = [_of(self._done[part], self._totals[part], part) for part in self._totals]
        line = f"{self._doing}: {', '.join(parts)}; {_of(done, total, IN_ALL)}, {rate:,.0f}/s"
        return line if total is None or rate == 0 else f"{line}, {(total - done) / rate:,.0f} s left"


class BarMeter(Meter):
    """The same on a terminal."""

    def __init__(self, doing: str, totals: Mapping[str, int | None], done: Mapping[str, int] | None = None) -> None:
        super().__init__(doing, totals, done)
        self._bars = Bars(
            TextColumn("{task.description:>16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        for part, total in [*totals.items(), (IN_ALL, _sum(totals))]:
            before = self._before if part == IN_ALL else self._done[part]
            name = f"{doing} {part}"
            self._tasks[part] = self._bars.add_task(name, total=total, completed=before, rate="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def advance(self, part: str, number: int) -> None:
        super().advance(part, number)
        rate = (sum(self._done.values()) - self._before) / max(time.monotonic() - self._started, 0.001)
        self._bars.advance(self._tasks[part], number)
        self._bars.update(self._tasks[IN_ALL], advance=number, rate=f"{rate:,.0f}/s")

    def tick(self) -> None:
        pass  # the bars move by themselves

    def tell(self, text: str) -> None:
        self._bars.console.print(text, highlight=False, markup=False)


def meter(doing: str, totals: Mapping[str, int | None], done: Mapping[str, int] | None = None) -> Meter:
    """The meter that fits where standard error goes."""
    return (BarMeter if sys.stderr.isatty() else Meter)(doing, totals, done)


def _sum(totals: Mapping[str, int | None]) -> int | None:
    known = [total for total in totals.values() if total is not None]
    return sum(known) if len(known) == len(totals) else None


def _of(done: int, total: int | None, what: str) -> str:
    return f"{what} {done:,}" if total is None else f"{what} {done:,} of {total:,}"
