"""The journal of what was acknowledged, whole lines and torn ones."""

import pytest

from emulator.journal import Journal, acknowledged, journal_path


@pytest.fixture
def append(tmp_path):
    """Append batches of a topic in a process's own journal."""

    def append(topic, *batches):
        journal = Journal(tmp_path / "new" / "folder")
        for keys in batches:
            journal.append(topic, keys)
        journal.sync()
        journal.close()
        return tmp_path / "new" / "folder"

    return append


def test_keys_are_counted_by_topic_over_all_runs(append):
    append("u.pin", ["1", "2", None], ["1"])
    folder = append("u.geo", ["1"])
    append("u.pin", ["1"])
    assert acknowledged(folder, "u.pin") == {"1": 3, "2": 1, None: 1}
    assert acknowledged(folder, "u.geo") == {"1": 1}
    assert acknowledged(folder, "u.user") == {}


def test_nothing_was_acknowledged_without_a_journal(tmp_path):
    assert acknowledged(tmp_path, "u.pin") == {}


# {"topic":"u.pin","keys":["3","4"]} and its newline are 35 bytes.
@pytest.mark.parametrize("torn", [1, 2, 5, 20, 34])
def test_a_line_that_a_kill_tore_counts_nothing_and_harms_no_line_after_it(append, torn):
    folder = append("u.pin", ["1"], ["3", "4"])
    path = journal_path(folder)
    path.write_bytes(path.read_bytes()[:-torn])
    append("u.pin", ["3", "4"])
    whole = torn == 1  # nothing but the newline is lacking
    assert acknowledged(folder, "u.pin") == {"1": 1, "3": 1 + whole, "4": 1 + whole}


def test_a_torn_line_is_passed_over_while_it_is_still_the_last(append):
    folder = append("u.pin", ["1"], ["3", "4"])
    path = journal_path(folder)
    path.write_bytes(path.read_bytes()[:-4])
    assert acknowledged(folder, "u.pin") == {"1": 1}
