"""The offline session starts the locked Spark, wherever STATE is and whatever the shell has set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START = """
from pathlib import Path
from jobs.spark.session import session
from pipeline.estate import Estate
from pipeline.settings import load
from tests.outputs import ON_AWS
settings = load()
estate = Estate.model_validate(ON_AWS | {"aws_endpoint_url": "http://127.0.0.1:1"})
with session(settings, estate, "test", records=0) as spark:
    print(spark.version, spark.range(3).count(), spark.conf.get("spark.sql.session.timeZone"))
"""
# Each would start another Spark, or this one with other settings.
HOSTILE = {
    "SPARK_HOME": "/opt/spark-3.5-not-there",
    "SPARK_CONF_DIR": "/nowhere",
    "SPARK_SUBMIT_OPTS": "-Dno.such=option -XX:NoSuchOption",
    "PYSPARK_SUBMIT_ARGS": "--master spark://elsewhere:7077 pyspark-shell",
    "PYSPARK_PYTHON": "/nowhere/python",
    "PYSPARK_DRIVER_PYTHON": "/nowhere/python",
    "HADOOP_CONF_DIR": "/nowhere",
    "SPARK_REMOTE": "sc://elsewhere",
    "JAVA_TOOL_OPTIONS": "-XX:NoSuchOption",
    "JDK_JAVA_OPTIONS": "-XX:NoSuchOption",
    "_JAVA_OPTIONS": "-XX:NoSuchOption",
    "CLASSPATH": "/nowhere.jar",
    "TZ": "Asia/Kolkata",
}


@pytest.mark.parametrize(("name", "variables"), [("my state", {}), ('quo"ted', {}), ("state", HOSTILE)])
def test_the_session_starts_and_logs_into_its_state(tmp_path, name, variables):
    state = tmp_path / name
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env=os.environ | {"STATE": str(state), "PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
    )
    assert "4.1.1 3 UTC" in done.stdout.splitlines(), done.stdout + done.stderr  # a first one keeps Spark's classes
    assert (state / "logs" / "spark.log").stat().st_size > 0
