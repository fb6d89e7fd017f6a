"""Rows of a real MariaDB, as of the course's database: column types, pages, resume, and errors."""

import json
import shutil
from datetime import datetime
from itertools import islice

import orjson
import pytest

from emulator.database import PAGE, DatabaseSource
from emulator.generator import generate
from pipeline.entities import ENTITIES, GEO, PIN, USER
from pipeline.errors import UserError
from tests.integration.mariadb import PASSWORD, MariaDB, missing

ROWS = 12_000

# The course's tables, as its notebook makes them.
TABLES = {
    "pinterest_data": "`index` INT, unique_id TEXT, title TEXT, description TEXT, poster_name TEXT, "
    "follower_count TEXT, tag_list TEXT, is_image_or_video TEXT, image_src TEXT, downloaded INT, save_location TEXT, "
    "category TEXT",
    "geolocation_data": "ind INT, timestamp DATETIME, latitude DOUBLE, longitude DOUBLE, country TEXT",
    "user_data": "ind INT, first_name TEXT, last_name TEXT, age INT, date_joined DATETIME",
}

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("db")
    server = MariaDB(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def generated():
    """Table name to rows, each with named columns: the datetimes as ISO 8601 with T."""
    blocks = zip(*generate(100, ROWS), strict=True)
    return {
        entity.name: [dict(zip(entity.columns, row, strict=True)) for block in table for row in block]
        for entity, table in zip(ENTITIES, blocks, strict=True)
    }


@pytest.fixture(scope="module")
def url(mariadb, generated):
    for entity in ENTITIES:
        table = f"pinterest.{entity.source_table}"
        mariadb.execute(f"CREATE TABLE {table} ({TABLES[entity.source_table]}) CHARACTER SET utf8mb4")
        # Backwards, so that the order of insertion is not the order of keys.
        rows = [tuple(row.values()) for row in reversed(generated[entity.name])]
        mariadb.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(entity.columns))})", rows=rows)
    return mariadb.url


@pytest.fixture(scope="module")
def source(url):
    return DatabaseSource(url)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_row_comes_out_as_it_went_in(source, generated, entity):
    assert ROWS > 2 * PAGE  # over the ends of pages
    rows = list(source.rows(entity))
    assert [orjson.loads(row.value) for row in rows] == generated[entity.name]
    assert [row.key for row in rows] == [str(n) for n in range(ROWS)]
    assert source.count(entity) == ROWS


def test_a_row_is_the_contracts_json_byte_by_byte(mariadb, source):
    moment = datetime(2020, 10, 20, 7, 10, 24)
    values = [(-1, moment, -0.5, 179.25, "Côte d'Ivoire 😍"), (-2, None, None, None, None)]
    mariadb.execute("INSERT INTO pinterest.geolocation_data VALUES (%s, %s, %s, %s, %s)", rows=values)
    try:
        first, second = islice(source.rows(GEO), 2)
    finally:
        mariadb.execute("DELETE FROM pinterest.geolocation_data WHERE ind < 0")
    assert first.value == b'{"ind":-2,"timestamp":null,"latitude":null,"longitude":null,"country":null}'
    assert second.value.decode() == (
        '{"ind":-1,"timestamp":"2020-10-20T07:10:24","latitude":-0.5,"longitude":179.25,"country":"Côte d\'Ivoire 😍"}'
    )


@pytest.mark.parametrize("done", [1, 4_999, 5_000, 5_001, 11_999, 12_000])
def test_a_replay_goes_on_behind_any_row(source, done):
    position = list(islice(source.rows(PIN), done))[-1].position
    assert [row.key for row in source.rows(PIN, position)] == [str(n) for n in range(done, ROWS)]


def test_a_row_is_found_by_its_offset(source):
    # The first rows that the course's emulator draws.
    assert [source.row_at(USER, offset).key for offset in (7528, 2863, 5730)] == ["7528", "2863", "5730"]
    assert source.row_at(USER, ROWS) is None


def test_rows_of_one_key_and_of_none_all_come(mariadb, source):
    mariadb.execute(
        "INSERT INTO pinterest.user_data (ind, first_name) VALUES (%s, %s)", rows=[(None, "none"), (4_999, "twin")]
    )
    try:
        rows = list(source.rows(USER))
        again = list(source.rows(USER, rows[5_001].position))
    finally:
        mariadb.execute("DELETE FROM pinterest.user_data WHERE ind IS NULL OR first_name = 'twin'")
    keys = [None, *(str(n) for n in range(5_000)), "4999", *(str(n) for n in range(5_000, ROWS))]
    assert [row.key for row in rows] == keys
    assert {orjson.loads(row.value)["first_name"] for row in rows[5_000:5_002]} >= {"twin"}
    assert [row.key for row in again] == keys[5_002:]


def test_a_wrong_password_is_told_and_not_shown(url):
    with pytest.raises(UserError, match=r"Access denied for user 'reader'@'127\.0\.0\.1'") as error:
        DatabaseSource(url.replace(PASSWORD, "wrong-one"))
    assert "wrong-one" not in str(error.value)
    assert "\n" not in str(error.value)
    assert PASSWORD not in DatabaseSource(url).identity


def test_a_database_that_is_not_there_is_told(url):
    with pytest.raises(UserError, match="absent"):
        DatabaseSource(url.replace("/pinterest", "/absent"))


def test_a_table_that_is_not_there_is_named(mariadb, url):
    mariadb.execute("RENAME TABLE pinterest.user_data TO pinterest.users")
    try:
        with pytest.raises(UserError, match=r"has no table user_data$"):
            DatabaseSource(url)
    finally:
        mariadb.execute("RENAME TABLE pinterest.users TO pinterest.user_data")


# Types that tables from elsewhere have, and what each value is as an event: data contract, section 1.
TYPES = [
    ("ind DECIMAL(10,0)", "7", b'"ind":7', 7),
    ("ind BIGINT UNSIGNED", "18446744073709551615", b'"ind":18446744073709551615', 18446744073709551615),
    ("ind VARCHAR(9)", "'7a'", b'"ind":"7a"', "7a"),
    ("ind VARBINARY(9)", "'7a'", b'"ind":"7a"', "7a"),
    ("age DECIMAL(5,2)", "30.50", b'"age":30.50', 1),
    ("age BOOLEAN", "TRUE", b'"age":1', 1),
    ("age BIT(8)", "b'00000111'", b'"age":"\\u0007"', 1),
    ("date_joined DATE", "'2016-02-11'", b'"date_joined":"2016-02-11"', 1),
    ("date_joined DATETIME(6)", "'2016-02-11 07:10:24.5'", b'"date_joined":"2016-02-11T07:10:24.500000"', 1),
    ("date_joined TIME", "'07:10:24'", b'"date_joined":"7:10:24"', 1),
    ("first_name JSON", "'{\"a\": 1}'", b'"first_name":"{\\"a\\": 1}"', 1),
    ("first_name BLOB", "'Zo\u00eb'", '"first_name":"Zo\u00eb"'.encode(), 1),
    ("first_name ENUM('a','b')", "'b'", b'"first_name":"b"', 1),
    ("first_name SET('a','b')", "'a,b'", b'"first_name":"a,b"', 1),
]


@pytest.mark.parametrize(("column", "value", "sent", "position"), TYPES, ids=[column for column, *_ in TYPES])
def test_a_column_of_any_type_is_sent_and_a_replay_goes_on_after_it(mariadb, url, column, value, sent, position):
    name, _ = column.split(" ", 1)
    columns = {"ind": "ind INT", "first_name": "first_name TEXT", "last_name": "last_name TEXT", "age": "age INT"}
    columns |= {"date_joined": "date_joined DATETIME"} | {name: column}
    given = {"ind": "1"} | {name: value}
    mariadb.execute(
        "RENAME TABLE pinterest.user_data TO pinterest.users",
        f"CREATE TABLE pinterest.user_data ({', '.join(columns.values())}) CHARACTER SET utf8mb4",
        f"INSERT INTO pinterest.user_data ({', '.join(given)}) VALUES ({', '.join(given.values())})",
    )
    try:
        source = DatabaseSource(url)
        [row] = source.rows(USER)
        assert sent in row.value
        assert row.position == position
        assert json.loads(json.dumps(row.position)) == position  # as a checkpoint keeps it
        assert list(source.rows(USER, row.position)) == []
    finally:
        mariadb.execute("DROP TABLE pinterest.user_data", "RENAME TABLE pinterest.users TO pinterest.user_data")


def test_a_server_that_hangs_is_given_up_and_the_same_replay_goes_on(mariadb, url):
    source = DatabaseSource(url, silence=2)
    rows = source.rows(GEO)
    read = [next(rows)]
    mariadb.freeze()
    try:
        with pytest.raises(UserError) as error:
            for row in rows:
                read.append(row)
    finally:
        mariadb.thaw()
    assert str(error.value).startswith("mysql+pymysql://reader:***@127.0.0.1:")
    assert "timed out" in str(error.value)
    assert [row.key for row in source.rows(GEO, read[-1].position)] == [str(n) for n in range(len(read), ROWS)]


def test_a_server_that_dies_in_the_middle_is_told_and_a_replay_goes_on_when_it_is_back(mariadb, source):
    rows = source.rows(GEO)
    read = [next(rows) for _ in range(100)]
    mariadb.kill()
    try:
        with pytest.raises(UserError) as error:
            for row in rows:
                read.append(row)
    finally:
        mariadb.start()
    assert str(error.value).startswith("mysql+pymysql://reader:***@127.0.0.1:")
    assert "2003" in str(error.value) or "2013" in str(error.value)  # cannot connect, or lost the connection
    assert "\n" not in str(error.value)
    assert 100 <= len(read) < ROWS
    assert [row.key for row in source.rows(GEO, read[-1].position)] == [str(n) for n in range(len(read), ROWS)]
