"""A replay's checkpoint: kept over a kill, of one source, and for one emulator at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.checkpoint import Checkpoint, Standing
from emulator.orders import Mark
from pipeline.errors import UserError

STANDING = Standing({"pin": Mark(7, 12), "geo": Mark(3, "c"), "user": Mark()}, {"u.pin": {0: 8, 11: 1}})
LATER = Standing({"pin": Mark(9, 14)}, {"u.pin": {0: 10}})


class Source:
    def __init__(self, name="mysql://db", identity="as it was"):
        self.name, self.identity = name, identity


def test_a_replay_finds_what_the_one_before_left(tmp_path):
    folder = tmp_path / "not" / "there"
    first = Checkpoint(folder, Source())
    first.lock()
    assert first.load() == Standing()
    first.save(STANDING)
    loaded = Checkpoint(folder, Source()).load()
    assert loaded == STANDING
    assert isinstance(loaded.marks["pin"], Mark)


def test_nothing_is_left_of_a_finished_replay(tmp_path):
    checkpoint = Checkpoint(tmp_path, Source())
    checkpoint.save(STANDING)
    checkpoint.delete()
    assert checkpoint.load() == Standing()
    checkpoint.delete()  # nothing to delete is no fault


def test_a_source_that_changed_meanwhile_is_replayed_from_its_first_row(tmp_path):
    Checkpoint(tmp_path, Source()).save(STANDING)
    assert Checkpoint(tmp_path, Source(identity="longer by a row")).load() == Standing()


def test_another_source_has_a_checkpoint_of_its_own(tmp_path):
    one, other = Checkpoint(tmp_path, Source("one")), Checkpoint(tmp_path, Source("other"))
    one.save(STANDING)
    other.save(LATER)
    other.delete()
    assert one.load() == STANDING


KILLED_IN = """
import os, signal, sys
from pathlib import Path
from emulator import checkpoint
from emulator.orders import Mark

class Source:
    name, identity = "mysql://db", "as it was"

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{moment} = kill
checkpoint.Checkpoint(Path(sys.argv[1]), Source()).save(
    checkpoint.Standing({{"pin": Mark(9, 14)}}, {{"u.pin": {{0: 10}}}})
)
"""


@pytest.mark.parametrize("moment", ["checkpoint.json.dump", "checkpoint.os.fsync", "checkpoint.Path.replace"])
def test_a_kill_while_saving_leaves_the_checkpoint_before_it_whole(tmp_path, moment):
    checkpoint = Checkpoint(tmp_path, Source())
    checkpoint.save(STANDING)
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_IN.format(moment=moment), tmp_path],
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert killed.returncode == -9
    assert checkpoint.load() == STANDING
    checkpoint.save(LATER)  # what the kill left does not stand in the way
    assert checkpoint.load() == LATER


def test_the_file_is_on_disk_before_it_takes_the_other_ones_place(tmp_path, monkeypatch):
    checkpoint, steps = Checkpoint(tmp_path, Source()), []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (steps.append("fsync"), fsync(file)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (steps.append("replace"), replace(path, to)))
    checkpoint.save(STANDING)
    assert steps == ["fsync", "replace"]
    assert json.loads(checkpoint.path.read_text())["source"] == "as it was"


def test_a_second_emulator_may_not_replay_the_same_source(tmp_path):
    first, second = Checkpoint(tmp_path, Source()), Checkpoint(tmp_path, Source())
    first.lock()
    with pytest.raises(UserError, match="another emulator replays this source: wait for it"):
        second.lock()
    Checkpoint(tmp_path, Source("other")).lock()
    first._lock.close()  # as the end of its process does
    second.lock()
