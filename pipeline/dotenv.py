"""The one reader of `.env`: of the settings object, of make, and of what runs on the standard library alone.

A line is NAME=value, with `export` before it or not. A value may be in single or double quotes, which keep blanks and
`#`; without quotes it ends before a blank and `#`, and blanks around it do not count. Nothing in a value is replaced:
`$` is a dollar. Of two lines of one name the last counts.
"""

import os
import re
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a file, by make
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.errors import UserError, exit_code_of

FILE = Path(".env")  # in the folder that commands are run in
LINE = re.compile(
    r"""\s* (?:export\s+)? (?P<name>[A-Za-z_][A-Za-z0-9_]*) \s*=\s*
    (?: '(?P<single>[^']*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<plain>[^'"\s#](?:[^#]|(?<!\s)\#)*?)? )
    \s* (?:(?<=\s)\#.*|(?<==)\#.*)?""",
    re.VERBOSE,
)
YES = ("yes", "y", "true", "t", "on", "1")  # as pydantic reads it, and NO
NO = ("no", "n", "false", "f", "off", "0")


def read() -> dict[str, str]:
    """All settings of the file, by name in capitals; none when there is no file. Raises UserError for a bad line."""
    try:
        text = FILE.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{FILE} cannot be read: {error}") from None
    settings = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None:
            raise UserError(f"{FILE}:{number} is not NAME=value, with its quotes closed (see .env.sample)")
        settings[found["name"].upper()] = _value(found)
    return settings


def _value(found: re.Match[str]) -> str:
    if found["double"] is not None:
        return re.sub(r'\\(["\\])', r"\1", found["double"])
    return found["single"] if found["single"] is not None else (found["plain"] or "")


def setting(name: str, default: str = "") -> str:
    """A setting as text: from the environment, else from `.env`."""
    return os.environ.get(name) or read().get(name) or default


def folder(name: str, default: str) -> Path:
    """A setting that names a folder; `~` is the person's home."""
    return Path(setting(name, default)).expanduser()


def switch(name: str, default: bool) -> bool:
    """A setting that is yes or no. Raises UserError when it is neither."""
    text = setting(name)
    try:
        return yes_or_no(text) if text else default
    except ValueError as error:
        raise UserError(f"{name}={error} (see .env.sample)") from None


def yes_or_no(text: str) -> bool:
    """Whether the text means yes, in any of the words that the settings object takes. Raises ValueError for others."""
    said = text.lower()
    if said not in YES + NO:
        raise ValueError(f"{text!r} is neither yes nor no")
    return said in YES


def main() -> None:
    """Print the named settings, a word each, `-` for one that is not set: what make decides by."""
    print(*(setting(name) or "-" for name in sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
