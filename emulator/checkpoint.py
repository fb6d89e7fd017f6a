"""How far a replay has come, in a file that survives a kill and never claims more than was acknowledged."""

import fcntl
import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from emulator.orders import Mark
from emulator.source import Source
from pipeline.errors import UserError


@dataclass
class Standing:
    """Of a replay: per table (entity name) a mark, per topic and partition the offset behind the last acknowledged."""

    marks: dict[str, Mark] = field(default_factory=dict)
    offsets: dict[str, dict[int, int]] = field(default_factory=dict)


class Checkpoint:
    """The standing of one source's replay, as a JSON file; one process at a time uses it."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.path = folder / f"replay-{sha256(source.name.encode()).hexdigest()[:12]}.json"
        self._identity = source.identity
        self._lock: TextIO | None = None

    def lock(self) -> None:
        """Raises UserError when another emulator replays the same source. The lock ends with the process."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"another emulator replays this source: wait for it ({self._lock.name})") from None

    def load(self) -> Standing:
        """The unfinished replay's standing; none when there is no such replay or the source is another by now."""
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Standing()
        if stored["source"] != self._identity:
            return Standing()
        return Standing(
            {table: Mark(*mark) for table, mark in stored["marks"].items()},
            {topic: {int(n): offset for n, offset in of.items()} for topic, of in stored["offsets"].items()},
        )

    def save(self, standing: Standing) -> None:
        """Replace the file, so that a kill at any moment leaves either the old or the new one, whole."""
        unfinished = self.path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump({"source": self._identity, "marks": standing.marks, "offsets": standing.offsets}, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def delete(self) -> None:
        """The replay is finished: the next one begins at the first row."""
        self.path.unlink(missing_ok=True)
