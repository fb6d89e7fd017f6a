"""How rows get into a Delta table by Spark, and how a table of the stream lane is kept. The tables are folders here."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from delta.tables import DeltaTable

from jobs.spark.stream_table import StreamTable
from jobs.spark.tables import Keys, Table
from pipeline.estate import Estate
from tests.outputs import ON_AWS

ESTATE = Estate.model_validate(ON_AWS)


@pytest.fixture
def new_table(spark, tmp_path, monkeypatch):
    """Make a view of the table of users; each is another writer's, which knows only what the table says."""
    monkeypatch.setattr(Estate, "uri", lambda estate, prefix: str(tmp_path / "user"))
    return lambda kind=Table: Table(spark, ESTATE, "user") if kind is Table else kind(spark, ESTATE, "user", "")


def upsert(table, ages):
    """Put people of these ages, by their key; how many the table had not."""
    rows = table._spark.createDataFrame(
        [(key, "name", age, None) for key, age in ages.items()],
        "ind bigint, user_name string, age int, date_joined timestamp",
    )
    return table.upsert(rows, Keys(len(ages), min(ages), max(ages)))


def ages(table):
    return {row["ind"]: row["age"] for row in table.rows().collect()}


def version(table):
    return DeltaTable.forPath(table._spark, table.path).history(1).first()["version"]


def test_a_table_that_is_not_there_has_no_rows_and_is_made_by_the_first_ones(new_table):
    table = new_table()
    assert ages(table) == {}
    assert upsert(table, {-2: 20, 3: 30}) == 2
    assert ages(table) == {-2: 20, 3: 30}


@pytest.mark.parametrize("again", [False, True])
def test_rows_are_taken_once_whether_they_lie_above_those_that_are_there_or_among_them(new_table, again):
    table = new_table()
    upsert(table, {1: 10, 5: 50})
    if again:
        table = new_table()

    assert upsert(table, {6: 60, 9: 90}) == 2  # above
    assert upsert(table, {6: 60, 9: 90}) == 0  # the same
    assert upsert(table, {3: 30, 4: 40}) == 2  # among, and new
    assert upsert(table, {4: 40, 7: 70}) == 1  # one of them is known
    assert upsert(table, {5: 55, 8: 80}) == 1  # one of them changes
    assert ages(table) == {1: 10, 3: 30, 4: 40, 5: 55, 6: 60, 7: 70, 8: 80, 9: 90}


def test_the_same_rows_again_write_nothing(new_table):
    table = new_table()
    upsert(table, {1: 10, 2: 20})
    before = version(table)
    upsert(table, {1: 10, 2: 20})
    assert version(table) == before


def test_compaction_makes_one_file_of_many_while_rows_still_come(new_table):
    table = new_table(StreamTable)
    for key in range(5):
        upsert(table, {key: key})
    assert len(table.rows().inputFiles()) == 5

    table.tidy(large=False)
    assert len(table.rows().inputFiles()) == 1

    with table.lock, ThreadPoolExecutor(1) as another:  # as long as a compaction holds it
        assert another.submit(upsert, table, {5: 5}).result(60) == 1
    table.tidy(large=True)
    assert len(table.rows().inputFiles()) == 1
    assert ages(table) == {key: key for key in range(6)}


def test_a_stream_s_table_keeps_a_short_log_whoever_made_it(new_table):
    upsert(new_table(), {1: 10})
    table = new_table(StreamTable)
    properties = DeltaTable.forPath(table._spark, table.path).detail().first()["properties"]
    assert properties["delta.deletedFileRetentionDuration"] == "interval 2 hours"
    assert properties["delta.logRetentionDuration"] == "interval 2 hours"
    before = version(table)
    new_table(StreamTable)
    assert version(table) == before
