"""`python -m emulator events`: what would be sent, as JSON lines, without an estate."""

import sys

import orjson

from emulator.destination import topics
from emulator.orders import Event, rounds
from emulator.sources import open_source
from pipeline.settings import Settings


def events(settings: Settings) -> None:
    """Print each event as `{"topic": ..., "key": ..., "value": {...}}`, in the order that it would be sent in."""
    source = open_source(settings)
    names = topics(settings, estate=None)
    try:
        for round_ in rounds(settings.order, source, {}, settings.limit):
            sys.stdout.buffer.write(b"".join(_line(names[event.entity.name], event) for event in round_.events))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()  # whoever reads has read enough; Python would complain at its exit


def _line(topic: str, event: Event) -> bytes:
    start = orjson.dumps({"topic": topic, "key": event.row.key})
    return start[:-1] + b',"value":' + event.row.value + b"}\n"
