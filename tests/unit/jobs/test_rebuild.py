"""Tables that other rules made are not gone on with, and rebuilt ones are made beside them."""

import re

import pytest

from jobs import contract
from jobs.figures import Figures
from jobs.progress import Progress
from jobs.rebuild import to_load
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import load
from tests.outputs import ON_AWS
from tests.s3 import MemoryS3


@pytest.fixture
def s3(monkeypatch):
    memory = MemoryS3()
    monkeypatch.setattr(Estate, "client", lambda self, service: memory)
    return memory


ESTATE = Estate.model_validate(ON_AWS)
LOADED = {"u.pin": Figures(records_in=1, clean=1)}


def test_a_first_load_notes_the_rules(s3):
    assert to_load(load(), ESTATE, Progress()).contract == contract.DIGEST


@pytest.mark.parametrize("made_by", [None, "0123456789abcdef"])
def test_tables_of_other_rules_are_not_gone_on_with(s3, made_by):
    with pytest.raises(UserError, match=r"made by other rules .*: `make batch REBUILD=yes` makes them anew"):
        to_load(load(), ESTATE, Progress(figures=LOADED, contract=made_by))


def test_tables_of_these_rules_are_gone_on_with(s3):
    progress = Progress(figures=LOADED, contract=contract.DIGEST, last_read={"a": "b"})
    assert to_load(load(), ESTATE, progress) is progress


def test_a_rebuild_begins_from_nothing_in_a_place_of_its_own(s3):
    before = Progress(figures=LOADED, contract="x", last_read={"a": "b"}, results={"r": "d"}, generation="")
    begun = to_load(load(rebuild=True), ESTATE, before)
    assert re.fullmatch(r"\d{8}T\d{6}Z", begun.generation)
    assert begun == Progress(generation=begun.generation, contract=contract.DIGEST, results={"r": "d"})


@pytest.mark.parametrize(
    ("current", "stays"),
    [
        ("", ["tables/pin/a.parquet", "tables/rejected/_delta_log/0.json"]),
        ("20260101T000000Z", ["tables/20260101T000000Z/pin/a.parquet"]),
    ],
)
def test_what_earlier_rebuilds_left_goes_and_nothing_else(s3, current, stays):
    of_stream = [f"tables/{made}{ESTATE.user_id}_pin_table/a.parquet" for made in ("", "20250101T000000Z/")]
    always = ["tables/users_joined_by_year/a.parquet", "topics/u.pin/x.json", *of_stream]
    gone = ["tables/20250101T000000Z/geo/a.parquet"]
    others = ["tables/pin/a.parquet", "tables/rejected/_delta_log/0.json", "tables/20260101T000000Z/pin/a.parquet"]
    for key in always + gone + others:
        s3.put(key)
    to_load(load(rebuild=True), ESTATE, Progress(generation=current))
    assert sorted(s3.objects) == sorted(always + stays)
