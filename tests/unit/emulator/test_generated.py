"""Generated rows as a source: the same at each opening, read on from any position."""

import json

import pytest

from emulator.generated import GeneratedSource
from pipeline.entities import ENTITIES, GEO, PIN, USER
from pipeline.errors import UserError


@pytest.fixture
def source(tmp_path):
    return GeneratedSource(tmp_path, seed=7, rows=5)


def test_each_table_has_its_rows_in_the_order_of_their_keys(source):
    for entity in ENTITIES:
        rows = list(source.rows(entity))
        assert [(row.key, row.position) for row in rows] == [("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 4)]
        assert [json.loads(row.value)[entity.key] for row in rows] == [0, 1, 2, 3, 4]
        assert list(json.loads(rows[0].value)) == list(entity.columns)
        assert source.count(entity) == 5


def test_reading_goes_on_behind_a_position(source):
    assert [row.key for row in source.rows(GEO, 2)] == ["3", "4"]
    assert list(source.rows(GEO, 4)) == []


def test_tables_are_read_in_turns(source):
    pins, places = source.rows(PIN), source.rows(GEO)
    assert [next(rows).key for rows in (pins, places, pins, places, pins)] == ["0", "0", "1", "1", "2"]


def test_a_row_is_found_by_its_number(source):
    assert [source.row_at(USER, offset).key for offset in (0, 4)] == ["0", "4"]
    assert source.row_at(USER, 5) is None


def test_the_same_seed_is_the_same_source(source, tmp_path):
    again = GeneratedSource(tmp_path, seed=7, rows=5)
    assert (again.identity, list(again.rows(PIN))) == (source.identity, list(source.rows(PIN)))
    other = GeneratedSource(tmp_path, seed=8, rows=5)
    assert other.identity != source.identity
    assert list(other.rows(PIN)) != list(source.rows(PIN))


def test_a_file_that_is_broken_is_told_in_a_line(tmp_path):
    path = tmp_path / "generated-seed7-rows5.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(
        UserError, match=rf"^sqlite:///{path}: file is not a database; it is made again when it is gone$"
    ):
        list(GeneratedSource(tmp_path, seed=7, rows=5).rows(PIN))
