"""How rows get into a Delta table by delta-rs: only what it does not hold, and each time with credentials of then.

The tables are folders here; what S3 adds is in the tests of the batch lane.
"""

from datetime import UTC, datetime
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from jobs.embedded import tables as module
from jobs.embedded.database import database
from jobs.embedded.tables import Table
from pipeline.estate import Estate
from tests.outputs import ON_AWS


@pytest.fixture
def cursor(tmp_path):
    with database(tmp_path / "state") as connection:
        yield connection


@pytest.fixture
def opened(monkeypatch):
    """The storage options of each time that a table was opened."""
    options = []

    class Opened(DeltaTable):
        def __init__(self, table_uri, storage_options):
            options.append(storage_options)
            super().__init__(table_uri)

    monkeypatch.setattr(module, "DeltaTable", Opened)
    return options


@pytest.fixture
def new_table(tmp_path, monkeypatch):
    """Make the Table of a name. The credentials are others each time: key 0, key 1, ..."""
    asked = iter(range(1000))

    def credentials(estate):
        keys = SimpleNamespace(access_key=f"key {next(asked)}", secret_key="secret", token="token")
        return SimpleNamespace(get_frozen_credentials=lambda: keys)

    monkeypatch.setattr(Estate, "credentials", credentials)

    def make(name):
        table = Table(Estate.model_validate(ON_AWS), name)
        table._uri = str(tmp_path / name)
        return table

    return make


def put(table, cursor, *rows):
    """Upsert users (ind, user_name, age); the number of rows that the table then has."""
    values = (
        ", ".join(f"({ind}, '{name}', {age}, timestamptz '2016-01-02')" for ind, name, age in rows)
        or "(1, '', 0, null)"
    )
    cursor.execute(
        f"create or replace temp view clean as select ind::bigint as ind, user_name, age::int as age, date_joined "
        f"from (values {values}) t(ind, user_name, age, date_joined) where {bool(rows)}"
    )
    return table.upsert(cursor, "clean")


def held(table):
    rows = table.rows("ind", "user_name", "age").read_all().to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def commits(table):
    return DeltaTable(table._uri).version()


def test_nothing_makes_no_table(new_table, cursor):
    table = new_table("user")
    assert put(table, cursor) == 0
    assert held(table) == []
    assert table._open() is None


def test_rows_are_added_once_and_changed_where_they_differ(new_table, cursor):
    table = new_table("user")
    assert put(table, cursor, (1, "Ann", 20), (2, "Bob", 30)) == 2
    assert commits(table) == 1  # made, then filled

    assert put(table, cursor, (1, "Ann", 20), (2, "Bob", 30)) == 2
    assert put(table, cursor) == 2
    assert commits(table) == 1

    assert put(table, cursor, (2, "Bob", 30), (3, "Cem", 40)) == 3
    assert put(table, cursor, (9, "Ida", 90)) == 4
    assert held(table) == [(1, "Ann", 20), (2, "Bob", 30), (3, "Cem", 40), (9, "Ida", 90)]

    assert put(table, cursor, (2, "Bo", 30), (3, "Cem", 40), (4, "Dan", 50)) == 5
    assert held(table) == [(1, "Ann", 20), (2, "Bo", 30), (3, "Cem", 40), (4, "Dan", 50), (9, "Ida", 90)]
    assert commits(table) == 4


def test_a_table_is_made_as_the_contract_declares_it(new_table, cursor):
    table = new_table("user")
    put(table, cursor, (1, "Ann", 20))
    assert [(field.name, field.type.type, field.nullable) for field in DeltaTable(table._uri).schema().fields] == [
        ("ind", "long", False),
        ("user_name", "string", True),
        ("age", "integer", True),
        ("date_joined", "timestamp", True),
    ]
    assert table.rows("date_joined").read_all().to_pylist() == [{"date_joined": datetime(2016, 1, 2, tzinfo=UTC)}]


def test_its_files_are_compressed(new_table, cursor):
    table = new_table("user")
    put(table, cursor, (1, "Ann", 20))
    [file] = DeltaTable(table._uri).file_uris()
    assert pq.ParquetFile(file).metadata.row_group(0).column(1).compression == "ZSTD"


@pytest.mark.parametrize("row", [(1, "Ann", 20), (1, "Anna", 20), (2, "Bob", 30)], ids=["same", "changed", "new"])
def test_an_upsert_opens_the_table_once(new_table, cursor, opened, row):
    table = new_table("user")
    put(table, cursor, (1, "Ann", 20))
    opened.clear()
    put(table, cursor, row)
    assert len(opened) == 1


def test_each_opening_takes_the_credentials_of_then(new_table, cursor, opened):
    table = new_table("user")
    put(table, cursor, (1, "Ann", 20))  # opened, then made
    table.rows("ind").close()
    put(table, cursor, (2, "Bob", 30))
    assert [options["access_key_id"] for options in opened] == ["key 0", "key 1", "key 2", "key 3"]
    assert {options["session_token"] for options in opened} == {"token"}


def refuse(table, cursor, *rows):
    """Add (topic, position, reason) to `rejected`."""
    values = ", ".join(f"('{topic}', '{position}', '{reason}')" for topic, position, reason in rows)
    cursor.execute(
        f"create or replace temp view named as select 'kafka' as source, topic, position, 'x' as raw, reason "
        f"from (values {values}) t(topic, position, reason)"
    )
    table.append_rejected(cursor, "named")


def test_a_refused_line_is_kept_once_a_position(new_table, cursor, opened):
    table = new_table("rejected")
    refuse(table, cursor, ("u.pin", "0/1", "not JSON"), ("u.pin", "0/1", "not JSON"), ("u.geo", "0/1", "null value"))
    refuse(table, cursor, ("u.pin", "0/1", "another"), ("u.pin", "0/2", "not JSON"))
    opened.clear()
    refuse(table, cursor, ("u.pin", "0/2", "not JSON"))
    assert len(opened) == 1
    rows = table.rows("topic", "position", "reason").read_all().to_pylist()
    assert sorted(tuple(row.values()) for row in rows) == [
        ("u.geo", "0/1", "null value"),
        ("u.pin", "0/1", "not JSON"),
        ("u.pin", "0/2", "not JSON"),
    ]
    assert commits(table) == 2
