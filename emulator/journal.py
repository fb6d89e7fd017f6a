"""The keys of all that was ever acknowledged, for `verify`: one JSON line a batch."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson


def journal_path(folder: Path) -> Path:
    return folder / "acknowledged.jsonl"


class Journal:
    """An append-only file. A batch is one write, so a killed emulator leaves at most one line that is not whole."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(journal_path(folder), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")  # what follows is a line of its own again

    def append(self, topic: str, keys: Iterable[str | None]) -> None:
        os.write(self._file, orjson.dumps({"topic": topic, "keys": list(keys)}) + b"\n")

    def sync(self) -> None:
        """Return when what was appended is on disk."""
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def acknowledged(folder: Path, topic: str) -> Counter[str | None]:
    """How often each key was acknowledged in a topic; a line that is not whole counts nothing."""
    keys: Counter[str | None] = Counter()
    path = journal_path(folder)
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                try:
                    batch = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue
                if batch["topic"] == topic:
                    keys.update(batch["keys"])
    return keys
