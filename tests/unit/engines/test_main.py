"""`make batch ENGINE=...`: where it runs, and what is here afterwards."""

import pytest

from engines import __main__ as engines
from engines import databricks, emr
from pipeline.errors import UserError
from pipeline.settings import load


class Estate:
    user_id = "u"
    bucket = "user-u-bucket"
    report_key = "report/index.html"


@pytest.fixture
def ran(monkeypatch):
    """What ran on which engine; the engines themselves have tests of their own."""
    ran = []
    monkeypatch.setattr(engines, "load_estate", lambda settings: Estate)
    for name, engine in (("emr", emr), ("databricks", databricks)):
        monkeypatch.setattr(engine, "batch", lambda settings, estate, name=name: ran.append((name, estate)))
    return ran


@pytest.fixture
def bucket(monkeypatch):
    """Objects by key."""
    objects = {"report/index.html": b"<html>"}

    class Objects:
        def __init__(self, estate):
            assert estate is Estate

        def get(self, key):
            return objects.get(key)

    monkeypatch.setattr(engines, "Objects", Objects)
    return objects


@pytest.mark.parametrize("engine", ["emr", "databricks"])
def test_the_batch_runs_there_and_its_report_is_here_afterwards(ran, bucket, tmp_path, engine, capsys):
    engines.batch(load(env="aws", engine=engine, state=tmp_path))
    assert ran == [(engine, Estate)]
    report = tmp_path / "aws" / "report" / "index.html"
    assert report.read_bytes() == b"<html>"
    assert capsys.readouterr().out == f"report: s3://user-u-bucket/report/index.html, here as {report}\n"


def test_a_report_that_is_not_there_is_an_error(ran, bucket, tmp_path):
    bucket.clear()
    with pytest.raises(UserError, match=r"there is no s3://user-u-bucket/report/index.html"):
        engines.batch(load(env="aws", engine="emr", state=tmp_path))


def test_offline_there_is_no_such_engine(ran, tmp_path):
    with pytest.raises(UserError, match=r"^ENGINE=emr runs in an AWS account: give ENV=aws, or leave ENGINE out$"):
        engines.batch(load(engine="emr", state=tmp_path))
    assert ran == []


def test_without_an_engine_there_is_nothing_to_start(ran, tmp_path):
    with pytest.raises(UserError, match=r"^ENGINE=emr or ENGINE=databricks says where"):
        engines.batch(load(env="aws", state=tmp_path))
    assert ran == []
