"""`make batch ENGINE=...` runs on the engine and downloads the report."""

import io
from types import SimpleNamespace

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from engines import __main__ as engines
from pipeline.errors import UserError
from pipeline.estate import Estate, save_estate
from pipeline.settings import load
from tests.databricks_api import DatabricksApi
from tests.outputs import ON_AWS

REPORT = {"Bucket": "bucket", "Key": "report/index.html"}


@pytest.fixture
def settings(tmp_path):
    """ENV=aws with an estate, and the job on Databricks."""
    settings = load(env="aws", engine="databricks", state=tmp_path)
    save_estate(settings, ON_AWS)
    return settings


@pytest.fixture
def databricks(login, monkeypatch):
    """A workspace that runs the job at once."""
    monkeypatch.setattr("engines.follow.time", SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda seconds: None))
    with DatabricksApi() as api:
        api.create_job("0a1b2c3d4e5f-batch", "load", "check", "publish")
        login(api)
        yield api


@pytest.fixture
def s3(monkeypatch):
    """The estate's S3; botocore checks requests and answers against the service's model."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(Estate, "client", lambda estate, service: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_the_batch_runs_and_its_report_is_downloaded(settings, databricks, s3, capsys):
    s3.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"<html>"), 6)}, REPORT)
    engines.batch(settings)
    [run] = databricks.runs
    assert run.tasks == ["load", "check", "publish"]
    report = settings.state / "aws" / "report" / "index.html"
    assert report.read_bytes() == b"<html>"
    assert capsys.readouterr().out.splitlines()[-1] == f"report: s3://bucket/report/index.html, here as {report}"


def test_a_missing_report_is_an_error(settings, databricks, s3):
    s3.add_client_error("get_object", "NoSuchKey", expected_params=REPORT)
    with pytest.raises(UserError, match=r"there is no s3://bucket/report/index\.html$"):
        engines.batch(settings)


@pytest.mark.parametrize(
    ("where", "refusal"),
    [
        ({"env": "local", "engine": "emr"}, "ENGINE=emr runs in an AWS account: give ENV=aws, or leave ENGINE out"),
        ({"env": "aws"}, "give ENGINE=emr or ENGINE=databricks: without them `make batch` runs on this machine"),
    ],
)
def test_other_engines_are_refused(where, refusal):
    with pytest.raises(UserError) as refused:
        engines.batch(load(**where))
    assert str(refused.value) == refusal
