"""The jobs as EMR Serverless runs them: by spark-submit, knowing nothing but where the estate's outputs are.

Nothing here is offline as far as the jobs can tell: S3's address is in the environment, the jars, the master and the
ways to S3 are the platform's, given to spark-submit.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from jobs.lease import Lease
from jobs.spark.session import JARS, s3a
from tests.delta import read_table
from tests.integration.conftest import ROOT, environment_of

PLACE = {"ind": 70000, "timestamp": "2020-01-02T03:04:05", "latitude": 1.5, "longitude": -2.5, "country": "Aruba"}
USER = {"ind": 70000, "first_name": "Ann", "last_name": "Lee", "age": 30, "date_joined": "2016-05-06T07:08:09"}
PIN = {"index": 70000, "unique_id": "u", "title": "t", "follower_count": "1.5k", "category": "art"}


class Platform:
    """Spark with Delta and S3, and credentials of a role."""

    def __init__(self, running, folder: Path) -> None:
        self.running = running
        self.folder = folder
        self.s3 = running.estate.client("s3")
        self.bucket = running.estate.bucket
        ours = {"AWS_ENDPOINT_URL": str(running.estate.aws_endpoint_url), "AWS_REGION": running.estate.region}
        role = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        theirs = environment_of(folder, running.settings.user_id, os.environ, offline=False)
        self.environment = theirs | ours | role | {"PYSPARK_PYTHON": sys.executable}
        del self.environment["STATE"]
        shutil.copy(ROOT / "jobs" / "__main__.py", folder / "main.py")  # as the image has it

    def job(
        self, step: str, *options: str, spark: bool = True, engine: str = "spark"
    ) -> subprocess.CompletedProcess[str]:
        """Run a step of the batch on the platform."""
        there = [step, "--engine", engine, "--state", str(self.folder), *options]
        there += ["--estate", f"s3://{self.bucket}/artifacts/estate.json"]
        submit = (
            [str(Path(sys.executable).with_name("spark-submit")), *self._parameters()] if spark else [sys.executable]
        )
        command = [*submit, str(ROOT / "jobs" / "__main__.py"), *there]
        return subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, text=True)

    def _parameters(self) -> list[str]:
        settings = s3a(self.running.estate) | {
            "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
            "spark.driver.extraClassPath": ":".join(map(str, sorted(JARS.glob("*.jar")))),
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
        }
        conf = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        return ["--master", "local[2]", "--driver-memory", "1g", *conf]

    def send(self, entity: str, *values: object) -> None:
        records = [{"key": "70000", "value": value} for value in values]
        self.running.post(self.running.estate.topics[entity], json.dumps({"records": records}).encode())

    def object(self, key: str) -> bytes | None:
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError:
            return None


@pytest.fixture(scope="module")
def platform(running, tmp_path_factory):
    return Platform(running, tmp_path_factory.mktemp("platform"))


def test_what_is_new_is_loaded_judged_and_published(platform):
    platform.send("pin", PIN)
    platform.send("geo", PLACE)
    platform.send("user", USER)
    platform.running.await_landed()

    loaded = platform.job("load")
    checked = platform.job("check", spark=False)
    published = platform.job("publish")

    assert (loaded.returncode, checked.returncode, published.returncode) == (0, 0, 0), loaded.stderr + published.stderr
    assert "quality: " in checked.stdout
    assert f"published as s3://{platform.bucket}/report/index.html" in published.stdout
    assert b"<svg" in platform.object("report/index.html")
    rows = platform.object("report/analyses/users_joined_by_year.csv").decode().splitlines()
    assert rows[0] == "join_year,number_users_joined"
    users = {row["ind"]: row for row in read_table(platform.running.estate, "user")}
    assert users[70000] == {"ind": 70000, "user_name": "Ann Lee", "age": 30, "date_joined": "2016-05-06T07:08:09"}
    assert platform.object("progress/batch.lease") is None


def test_duckdb_goes_on_with_the_tables_of_an_account(platform):
    """ENGINE=duckdb with ENV=aws: credentials and S3's address as AWS's tools find them."""
    platform.environment["AWS_ALLOW_HTTP"] = "true"  # on AWS it is TLS
    platform.send("user", USER | {"ind": 70002, "age": 31}, USER | {"first_name": "Anna"})
    platform.running.await_landed()

    run = platform.job("batch", spark=False, engine="duckdb")

    assert run.returncode == 0, run.stderr
    assert "2 in = 1 clean + 0 rejected + 1 superseded" in run.stdout
    users = {row["ind"]: row["user_name"] for row in read_table(platform.running.estate, "user")}
    assert (users[70000], users[70002]) == ("Anna Lee", "Ann Lee")
    assert platform.object("progress/batch.lease") is None


def test_what_is_not_fit_to_be_published_is_told_with_its_figures(platform):
    published = platform.object("report/index.html")
    platform.send("user", {"ind": 70001, "age": -1}, USER)
    platform.running.await_landed()

    loaded = platform.job("load", "--max-rejected-share", "0.4")
    checked = platform.job("check", spark=False)

    topic = platform.running.estate.topics["user"]
    breach = f"{topic}: 1 of 2 records rejected, 50.0%: more than 40.0% (MAX_REJECTED_SHARE)"
    assert loaded.returncode == 0, loaded.stderr
    assert f"quality: {breach}\n" in loaded.stdout
    assert (checked.returncode, checked.stderr) == (1, f"error: quality: {breach}\n")
    assert platform.object("report/index.html") == published

    judged_anew = platform.job("load", "--max-rejected-share", "0.5", spark=False)
    assert "nothing new in S3" in judged_anew.stdout
    assert platform.job("check", spark=False).returncode == 0


def test_s3_gives_the_lease_to_one(platform):
    first, second = (Lease(platform.s3, platform.bucket, "progress/test.lease") for _ in range(2))
    assert first.put()
    assert not second.put()
    assert second.found()["holder"]
    assert first.put()  # renewed
    assert not second.put()  # what it had found is no longer there
    second.found()
    assert second.put()
    assert not first.put()


def test_an_estate_that_is_not_there_is_an_error_in_one_line(platform):
    command = [sys.executable, "-m", "jobs", "check", "--estate", f"s3://{platform.bucket}/nowhere.json"]
    answer = subprocess.run(command, env=platform.environment, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"error: s3://{platform.bucket}/nowhere.json cannot be read: ")
    assert answer.stderr.count("\n") == 1
