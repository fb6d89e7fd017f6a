"""Rows of a database, on SQLite: pages by key, resume, values, and errors without the password."""

import json
import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from unittest.mock import Mock
from urllib.parse import quote
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import database
from emulator.database import DatabaseSource
from emulator.generated import generated_tables
from emulator.generator import generate
from pipeline.entities import ENTITIES, GEO, PIN, USER
from pipeline.errors import UserError


@pytest.fixture
def new_database(tmp_path):
    """Make the three tables in SQLite, user_data with these keys; returns the URL."""

    def new(keys=(), key_type="INTEGER"):
        path = tmp_path / "tables.sqlite"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        for entity in ENTITIES:
            columns = ", ".join(
                f'"{name}" {key_type if name == entity.key else "BLOB"}'  # BLOB: as it was given
                for name in entity.columns
            )
            connection.execute(f"CREATE TABLE {entity.source_table} ({columns})")
        rows = [(key, f"row {n}") for n, key in enumerate(keys)]
        connection.executemany("INSERT INTO user_data (ind, first_name) VALUES (?, ?)", rows)
        connection.commit()
        connection.close()
        return f"sqlite:///{path}"

    return new


def execute(url, statement, *values):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def names(rows):
    return [orjson.loads(row.value)["first_name"] for row in rows]


# Keys by row, and the rows in replay order. The page holds 3 rows.
KEYS = {
    "none": ([], []),
    "less than a page": ([2, 1], [1, 0]),
    "exactly a page": ([1, 2, 3], [0, 1, 2]),
    "exactly two pages": ([6, 5, 4, 3, 2, 1], [5, 4, 3, 2, 1, 0]),
    "gaps and negative ones": ([900, -5, 0, 7, 10**12, 3], [1, 2, 5, 3, 0, 4]),
    "twins over the page's end": ([1, 2, 3, 3, 4], [0, 1, 2, 3, 4]),
    "a key of a page's length": ([1, 2, 2, 2, 3], [0, 1, 2, 3, 4]),
    "a key longer than two pages": ([1] * 8 + [2], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    "all one key": ([5] * 6, [0, 1, 2, 3, 4, 5]),
    "no keys first": ([2, None, 1, None, None, None], [1, 3, 4, 5, 2, 0]),
}


@pytest.mark.parametrize("key_type", ["INTEGER", "TEXT"])
@pytest.mark.parametrize(("keys", "expected"), KEYS.values(), ids=KEYS)
def test_every_row_comes_once_in_key_order_and_any_position_is_one_to_go_on_from(
    new_database, monkeypatch, keys, expected, key_type
):
    monkeypatch.setattr(database, "PAGE", 3)
    source = DatabaseSource(new_database(keys, key_type))
    rows = list(source.rows(USER))
    if key_type == "INTEGER" or max(filter(None, keys), default=0) < 10:  # text has an order of its own
        assert names(rows) == [f"row {n}" for n in expected]
    assert sorted(names(rows)) == sorted(f"row {n}" for n in range(len(keys)))
    assert source.count(USER) == len(keys)
    for done, row in enumerate(rows, start=1):
        left, again = names(rows[done:]), names(source.rows(USER, row.position))
        assert again[len(again) - len(left) :] == left
        # Rows of one key have one position, behind the last of them: until then all of them come again.
        same_key = [seen.key for seen in rows].count(row.key)
        assert len(again) - len(left) < same_key or row.key is None


def test_keys_are_sent_as_text(new_database):
    assert [row.key for row in DatabaseSource(new_database([None, 10, 9])).rows(USER)] == [None, "9", "10"]


def test_row_at_counts_in_replay_order_and_ends_with_the_table(new_database):
    source = DatabaseSource(new_database([30, None, 10]))
    assert [source.row_at(USER, offset).key for offset in range(3)] == [None, "10", "30"]
    assert source.row_at(USER, 3) is None
    assert source.row_at(GEO, 0) is None


def test_values_of_a_drivers_own_types_are_json_as_the_contract_has_it(tmp_path):
    """SQLite has no such types by itself, MySQL has them all."""
    sqlite3.register_converter("moment", lambda raw: datetime.fromisoformat(raw.decode()))
    sqlite3.register_converter("exact", lambda raw: Decimal(raw.decode()))
    path = generated_tables(tmp_path, seed=1, rows=1)
    url = f"sqlite:///{path}"
    execute(url, "DROP TABLE geolocation_data")
    execute(url, "CREATE TABLE geolocation_data (ind, timestamp MOMENT, latitude EXACT, longitude REAL, country BLOB)")
    country = "Côte d'Ivoire 😍".encode()
    execute(
        url,
        "INSERT INTO geolocation_data VALUES (?, ?, ?, ?, ?)",
        *(5, "2020-10-20 07:10:24", "-12.50", 0.1, country),
    )
    (row,) = DatabaseSource(f"{url}?detect_types={sqlite3.PARSE_DECLTYPES}").rows(GEO)
    assert row.value.decode() == (
        '{"ind":5,"timestamp":"2020-10-20T07:10:24","latitude":-12.5,"longitude":0.1,"country":"Côte d\'Ivoire 😍"}'
    )


def test_nulls_numbers_and_text_of_any_script_go_out_as_they_are(new_database):
    url = new_database()
    execute(url, "INSERT INTO pinterest_data (`index`, title, downloaded) VALUES (?, ?, ?)", 1, '"Ü" 😍\n\u2028', 0)
    (row,) = DatabaseSource(url).rows(PIN)
    value = orjson.loads(row.value)
    assert list(value) == list(PIN.columns)
    assert (value["index"], value["title"], value["downloaded"], value["category"]) == (1, '"Ü" 😍\n\u2028', 0, None)


def test_columns_besides_the_tables_own_are_left_out(new_database):
    url = new_database([1])
    execute(url, "ALTER TABLE user_data ADD COLUMN password TEXT DEFAULT 'x'")
    (row,) = DatabaseSource(url).rows(USER)
    assert list(orjson.loads(row.value)) == ["ind", "first_name", "last_name", "age", "date_joined"]


def test_generated_rows_come_out_of_their_file_as_they_were_made(tmp_path):
    source = DatabaseSource(f"sqlite:///{generated_tables(tmp_path, 5, 1200)}")
    made = zip(*generate(5, 1200), strict=True)
    for entity, blocks in zip(ENTITIES, made, strict=True):
        rows = [dict(zip(entity.columns, row, strict=True)) for block in blocks for row in block]
        assert [orjson.loads(row.value) for row in source.rows(entity)] == rows


def test_a_generated_file_that_was_not_finished_is_made_anew(tmp_path):
    (tmp_path / "generated-seed1-rows3.unfinished").write_bytes(b"half a file")
    path = generated_tables(tmp_path, 1, 3)
    assert DatabaseSource(f"sqlite:///{path}").count(PIN) == 3
    made = path.stat().st_mtime_ns
    assert generated_tables(tmp_path, 1, 3).stat().st_mtime_ns == made  # and a finished one is used again
    assert [file.name for file in tmp_path.iterdir() if "generated" in file.name] == [path.name]


def test_a_missing_table_or_column_is_named(new_database):
    url = new_database()
    execute(url, "ALTER TABLE geolocation_data DROP COLUMN latitude")
    execute(url, "ALTER TABLE geolocation_data DROP COLUMN country")
    with pytest.raises(UserError, match=r"table geolocation_data of sqlite:.* lacks the column latitude, country$"):
        DatabaseSource(url)
    execute(url, "DROP TABLE geolocation_data")
    with pytest.raises(UserError, match=r"^sqlite:.* has no table geolocation_data$"):
        DatabaseSource(url)


def test_a_missing_sqlite_file_is_named_and_not_made(tmp_path):
    with pytest.raises(UserError, match=r"no SQLite file at absent.sqlite"):
        DatabaseSource("sqlite:///absent.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "tables.sqlite").write_text("not a database at all\n" * 100)
    with pytest.raises(UserError, match=r"^sqlite:///tables.sqlite: file is not a database$"):
        DatabaseSource("sqlite:///tables.sqlite")


def test_a_table_that_goes_away_is_told(new_database):
    url = new_database([1])
    source = DatabaseSource(url)
    execute(url, "DROP TABLE user_data")
    with pytest.raises(UserError, match=r"^sqlite:.*: no such table: user_data$"):
        list(source.rows(USER))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("app:hush-hush@host/db", "SOURCE is no SQLAlchemy URL"),
        ("mysql+pymysql://app:hush-hush@host:port/db", "SOURCE is no SQLAlchemy URL"),
        ("postgrez://app:hush-hush@host/db", "SOURCE is no SQLAlchemy URL"),
        ("mysql://app:hush-hush@host/db", "SOURCE needs the Python module MySQLdb, which is not installed"),
        # Port 1 of this machine: nobody listens.
        ("mysql+pymysql://app:hush-hush@127.0.0.1:1/db", "mysql+pymysql://app:***@127.0.0.1:1/db: "),
        ("mysql+pymysql://app@127.0.0.1:1/db?password=hush-hush", "mysql+pymysql://"),
        ("mysql+pymysql://app:pa@hush-hush@127.0.0.1:1/db", "write each @ of the password as %40"),
        ("mysql+pymysql://app:hush-hush@x@y@127.0.0.1:1/db", "write each @ of the password as %40"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(url, message):
    with pytest.raises(UserError) as error:
        DatabaseSource(url)
    assert message in str(error.value)
    assert "hush-hush" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_login_that_needs_a_module_is_told(monkeypatch):
    def connect(**_):
        raise RuntimeError("'cryptography' package is required for sha256_password or caching_sha2_password")

    monkeypatch.setattr("pymysql.connect", connect)
    with pytest.raises(UserError, match=r"^mysql\+pymysql://app:\*\*\*@host/db: 'cryptography' package is required"):
        DatabaseSource("mysql+pymysql://app:hush-hush@host/db")


def test_name_and_identity_hold_no_password_and_the_counts_are_part_of_the_identity(new_database):
    url = new_database([1])
    first = DatabaseSource(url).identity
    assert DatabaseSource(url).identity == first
    execute(url, "INSERT INTO user_data (ind) VALUES (2)")
    assert DatabaseSource(url).identity != first


@pytest.mark.parametrize(
    ("column", "value", "sent"),
    [
        ("age", Decimal("30"), "30"),
        ("age", Decimal("30.0"), "30"),
        ("age", Decimal("30.5"), "30.5"),
        ("age", Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        ("age", Decimal("NaN"), "null"),
        ("age", True, "1"),
        ("age", 2**64 - 1, "18446744073709551615"),
        ("age", 2**80, "1208925819614629174706176"),
        ("age", float("nan"), "null"),
        ("date_joined", datetime(2016, 2, 11, 7, 10, 24), '"2016-02-11T07:10:24"'),
        ("date_joined", datetime(2016, 2, 11, 7, 10, 24, tzinfo=UTC), '"2016-02-11T07:10:24+00:00"'),
        ("date_joined", date(2016, 2, 11), '"2016-02-11"'),
        ("date_joined", time(7, 10, 24), '"07:10:24"'),
        ("date_joined", timedelta(hours=7), '"7:00:00"'),
        ("first_name", b"C\xc3\xb4te", '"C\u00f4te"'),
        ("first_name", b"\xff", '"\ufffd"'),
        ("first_name", bytearray(b"a"), '"a"'),
        ("first_name", memoryview(b"a"), '"a"'),
        ("first_name", UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ("first_name", {"a": [1]}, '{"a":[1]}'),
        ("first_name", {"b", "a"}, '["a","b"]'),
        ("first_name", None, "null"),
    ],
)
def test_whatever_a_driver_gives_for_a_column_has_a_json_form(column, value, sent):
    row = Mock(_asdict=lambda: {column: value})
    assert database._row(USER, 7, row, 7) == ("7", f'{{"{column}":{sent}}}'.encode(), 7)


@pytest.mark.parametrize(
    ("key", "text", "position"),
    [
        (Decimal("7"), "7", 7),
        (Decimal("7.0"), "7", 7),
        (Decimal("7.5"), "7.5", "7.5"),
        (True, "1", 1),
        (b"7a", "7a", "7a"),
        (date(2016, 2, 11), "2016-02-11", "2016-02-11"),
        ("Zo\u00eb", "Zo\u00eb", "Zo\u00eb"),
        (None, None, None),
    ],
)
def test_a_key_of_any_type_is_a_text_and_a_position_that_json_holds(key, text, position):
    assert database._position(key) == position
    assert database._row(USER, key, Mock(_asdict=dict), None).key == text
    json.dumps(database._position(key))


def test_a_row_without_a_json_form_holds_back_none_of_the_others(new_database):
    url = new_database([1, 2, 3])
    execute(url, "UPDATE user_data SET last_name = ? WHERE ind = 2", b"\xff")
    refused = []
    source = DatabaseSource(url, refused.append)
    plain, database._plain = database._plain, lambda value: (_ for _ in ()).throw(TypeError("no JSON form"))
    try:
        assert [row.key for row in source.rows(USER)] == ["1", "3"]
    finally:
        database._plain = plain
    assert refused == ["table user_data: the row with key 2 cannot be sent: Type is not JSON serializable: bytes"]


def test_a_server_that_says_nothing_is_given_up_by_the_driver(monkeypatch):
    given = {}

    def connect(**options):
        given.update(options)
        raise RuntimeError("enough seen")

    monkeypatch.setattr("pymysql.connect", connect)
    for url, expected in (
        ("mysql+pymysql://app:x@host/db", (10, 120, 120)),
        ("mysql+pymysql://app:x@host/db?read_timeout=5", (10, 5, 120)),
    ):
        with pytest.raises(UserError):
            DatabaseSource(url)
        assert (given["connect_timeout"], given["read_timeout"], given["write_timeout"]) == expected


# What people's generators put into passwords; one of at least four characters is told from a word by chance.
PASSWORDS = st.text(st.sampled_from("abXY09@:/?#%&=+$!'\" \\[]{}~^,;.<>|`\u00e9\u4e2d"), min_size=4, max_size=20)


@settings(max_examples=100, deadline=None)
@given(PASSWORDS, st.booleans())
def test_no_message_holds_any_part_of_a_password(password, encoded):
    secret = f"{password}hush{password}"
    written = quote(secret, safe="") if encoded else secret
    for url in (
        f"mysql+pymysql://app:{written}@127.0.0.1:1/db",
        f"mysql+pymysql://app@127.0.0.1:1/db?password={quote(secret, safe='')}",
        f"postgrez://app:{written}@host/db",
    ):
        with pytest.raises(UserError) as error:
            DatabaseSource(url)
        assert "hush" not in str(error.value)
        assert "\n" not in str(error.value)
