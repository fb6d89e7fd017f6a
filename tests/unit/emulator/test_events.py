"""The dry run: what would be sent, and nothing else."""

import hashlib
import io
import os
import sys

from emulator.events import events
from pipeline.settings import load

PIN_LINE = b'{"index": 7,  "title":"\xc3\x9c \\u00fc","save_location":"Local save in /data/art"}'


def test_each_event_is_a_line_with_its_topic_and_its_key(write_tables, capsysbinary):
    folder = write_tables(pin=PIN_LINE + b"\n", geo=b'{"ind":7}\r\n{"ind":8}\n', user=b'{"first_name":"Ann"}')
    events(load(data=folder, user_id="0a1b"))
    assert capsysbinary.readouterr().out == (
        b'{"topic":"0a1b.pin","key":"7","value":' + PIN_LINE + b"}\n"
        b'{"topic":"0a1b.geo","key":"7","value":{"ind":7}}\n'
        b'{"topic":"0a1b.user","key":null,"value":{"first_name":"Ann"}}\n'
        b'{"topic":"0a1b.geo","key":"8","value":{"ind":8}}\n'
    )


def test_with_the_stream_lane_each_line_has_its_stream_and_its_partition_key(write_tables, capsysbinary):
    folder = write_tables(pin=PIN_LINE + b"\n", geo=b'{"ind":7}\n', user=b'{"first_name":"Ann"}')
    events(load(data=folder, user_id="0a1b", lane="stream"))
    digest = hashlib.sha256(b'{"first_name":"Ann"}').hexdigest().encode()
    assert capsysbinary.readouterr().out == (
        b'{"stream":"0a1b-pin","key":"7","value":' + PIN_LINE + b"}\n"
        b'{"stream":"0a1b-geo","key":"7","value":{"ind":7}}\n'
        b'{"stream":"0a1b-user","key":"' + digest + b'","value":{"first_name":"Ann"}}\n'
    )


def test_it_leaves_nothing_behind(write_tables, capsysbinary, tmp_path):
    folder = write_tables()
    events(load(data=folder, limit=1))
    assert list(tmp_path.iterdir()) == [folder]


def test_random_order_draws_without_pausing_and_ends_with_a_reader_that_has_read_enough(write_tables, monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe))
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        events(load(data=write_tables(pin=11_001), order="random"))  # without a limit: it would never end
        assert sys.stderr.closed  # so that Python says nothing at its exit
