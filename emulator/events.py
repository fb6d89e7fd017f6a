"""`python -m emulator events`: what would be sent, as JSON lines, without an estate."""

import sys

import orjson

from emulator.destination import targets
from emulator.kinesis_door import partition_key
from emulator.orders import Event, rounds
from emulator.refusals import Refusals
from emulator.sources import open_source
from pipeline.settings import Settings


def events(settings: Settings) -> None:
    """Print each event as `{"topic": ..., "key": ..., "value": {...}}`, in the order that it would be sent in.

    With LANE=stream, a `stream` stands in the topic's place, and the partition key is the key.
    """
    refusals = Refusals(settings.state / "emulator" / "refused.txt", lambda line: print(line, file=sys.stderr))
    source = open_source(settings, refusals.add)
    names = targets(settings, estate=None)
    line = _stream_line if settings.lane == "stream" else _topic_line
    try:
        for round_ in rounds(settings.order, source, {}, settings.limit):
            sys.stdout.buffer.write(b"".join(line(names[event.entity.name], event) for event in round_.events))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()  # whoever reads has read enough; Python would complain at its exit
        return
    refusals.check()


def _topic_line(topic: str, event: Event) -> bytes:
    return _line({"topic": topic, "key": event.row.key}, event)


def _stream_line(stream: str, event: Event) -> bytes:
    return _line({"stream": stream, "key": partition_key(event.row)}, event)


def _line(address: dict[str, str | None], event: Event) -> bytes:
    return orjson.dumps(address)[:-1] + b',"value":' + event.row.value + b"}\n"
