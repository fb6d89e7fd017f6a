"""`make report`: opens the report of STATE, of ENV=aws or RUNTIME=docker, in the browser. On the standard library."""

import sys
import webbrowser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.dotenv import folder, setting
from pipeline.errors import UserError, exit_code_of


def main() -> None:
    """Raises UserError when there is no report."""
    state = folder("STATE", ".state").resolve()
    if setting("ENV") == "aws":
        state = state / "aws"
    elif setting("RUNTIME") == "docker":
        state = state / "docker"
    report = state / "report" / "index.html"
    if not report.exists():
        raise UserError(f"no report at {report}: `make batch` writes one")
    print(report)
    webbrowser.open_new_tab(report.as_uri())


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
