"""Errors a person can act on."""

import signal
import sys
from collections.abc import Callable


class UserError(Exception):
    """One line that says what is wrong, where, and what to do; shown without a traceback."""


def exit_code_of(main: Callable[[], None]) -> int:
    """Run a command's main function: 0 when it returns, 1 after a UserError, 130 after Ctrl-C or SIGTERM."""
    # Also where it is the first process of a container, which by itself would not hear of it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0
