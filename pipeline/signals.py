"""What SIGINT and SIGTERM do for a while."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread


@contextmanager
def at_first_signal(handle: Callable[[], None]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM within the block call `handle`; a second one does what it did before.

    Only a program's main thread hears them: in another one, as in a notebook, they do what they did before.
    """
    if current_thread() is not main_thread():
        yield
        return

    def first(*_: object) -> None:
        restore()
        handle()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, first) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        restore()
