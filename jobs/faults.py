"""What S3, Delta, DuckDB and Spark say when they fail, as the one line that a person reads."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import UserError

# Module → its errors, looked up among what the run has imported: one engine does not bring the other along.
ERRORS = {
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "deltalake.exceptions": ("DeltaError",),
    "duckdb": ("Error",),
}
TREE = re.compile(r"\x1b\[[0-9;]*m|↳")  # how delta-rs draws an error's causes


class Fault(UserError):
    """A failure of an engine, in one line: what it means for a command, that one adds."""


@contextmanager
def told(command: str, then: str) -> Iterator[None]:
    """Raises UserError for whatever failed outside of this project: what it says, and `then`, what that means."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (Fault, OSError, *_imported())):
            raise
        raise UserError(f"{command} stopped: {in_a_line(error)}{then and f'; {then}'}") from error


def in_a_line(error: BaseException) -> str:
    """What the error says, without the advice that DuckDB adds in paragraphs of its own."""
    said = TREE.sub("", str(error)).strip().partition("\n\n")[0]
    return " ".join(said.split()) or type(error).__name__


def _imported() -> tuple[type[Exception], ...]:
    found = ((sys.modules.get(module), names) for module, names in ERRORS.items())
    return tuple(getattr(module, name) for module, names in found if module for name in names)
