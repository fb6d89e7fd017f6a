"""The jobs' images: each has its engine and not the other's, and says so when it is asked for what the other has."""

import json
import subprocess

import pytest

from tests.images.conftest import docker

# As Compose runs them.
CONFINED = (
    *("--rm", "--read-only", "--tmpfs=/tmp:exec", "--volume=/state"),
    *("--cap-drop=ALL", "--security-opt=no-new-privileges:true"),
)
INSTALLED = """
import importlib.util, json, shutil
names = ("duckdb", "deltalake", "msgspec", "pyspark", "delta", "py4j")
print(json.dumps([*filter(importlib.util.find_spec, names), *filter(None, [shutil.which("java")])]))
"""
COMPILED = """
import pathlib, boto3, jobs.batch
print(*(pathlib.Path(module.__cached__).exists() for module in (boto3, jobs.batch)))
"""
COMPUTES = """
from pathlib import Path
from jobs.embedded.database import database
import deltalake, jobs.batch, jobs.embedded.engine, jobs.export, jobs.parity, pyarrow, vl_convert
with database(Path("/state")) as connection:
    connection.sql("from range(3) t(ind)").to_arrow_reader().read_all()
chart = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}
deltalake.write_deltalake("/state/table", pyarrow.table({"ind": [0, 1, 2]}))
print(deltalake.DeltaTable("/state/table").count(), vl_convert.vegalite_to_svg(chart)[:4])
"""
STARTS = """
from pyspark.sql import SparkSession
import jobs.spark.engine, jobs.stream
delta = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.enabled": "false",
}
spark = SparkSession.builder.master("local[1]").config(map=delta).getOrCreate()
spark.range(3).write.format("delta").save("/state/table")
print(spark.read.format("delta").load("/state/table").count())
"""


def python(image: str, program: str) -> str:
    """What a program prints last, run in the image."""
    return docker("run", *CONFINED, "--entrypoint=python", image, "-c", program).splitlines()[-1]


def refused(image: str, *command: str, **settings: str) -> str:
    """What a command says that fails."""
    variables = [f"--env={name.upper()}={value}" for name, value in settings.items()]
    answer = subprocess.run(["docker", "run", *CONFINED, *variables, image, *command], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (1, "")
    return answer.stderr


def test_the_small_image_has_neither_spark_nor_java(images):
    assert json.loads(python(images("jobs"), INSTALLED)) == ["duckdb", "deltalake", "msgspec"]


def test_the_spark_image_has_spark_and_its_java_alone(images):
    assert json.loads(python(images("jobs-spark"), INSTALLED)) == ["pyspark", "delta", "py4j", "/opt/java/bin/java"]


@pytest.mark.parametrize("name", ["jobs", "jobs-spark"])
def test_its_packages_are_compiled_for_a_read_only_root_keeps_nothing(images, name):
    assert python(images(name), COMPILED) == "True True"


@pytest.mark.parametrize("name", ["jobs", "jobs-spark"])
def test_it_tells_what_it_can_do(images, name):
    shown = docker("run", *CONFINED, images(name), "--help")
    assert shown.startswith("usage: python -m jobs")
    assert "stream: go on loading" in " ".join(shown.split())


def test_the_embedded_engine_computes_with_a_read_only_root(images):
    assert python(images("jobs"), COMPUTES) == "3 <svg"


def test_spark_computes_with_a_read_only_root(images):
    assert python(images("jobs-spark"), STARTS) == "3"


@pytest.mark.parametrize(("command", "settings"), [("batch", {"engine": "spark"}), ("stream", {})])
def test_the_small_image_says_which_one_has_spark(images, command, settings):
    assert refused(images("jobs"), command, **settings) == (
        "error: Spark is not installed in this image: run pin-pipeline/jobs-spark, as `make batch ENGINE=spark` does\n"
    )


@pytest.mark.parametrize(("command", "settings"), [("export", {}), ("parity", {}), ("batch", {"engine": "duckdb"})])
def test_the_spark_image_says_which_one_has_duckdb(images, command, settings):
    assert refused(images("jobs-spark"), command, **settings) == (
        "error: DuckDB is not installed in this image: run pin-pipeline/jobs, as `make batch ENGINE=duckdb` does\n"
    )
