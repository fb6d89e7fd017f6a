"""The offline session starts the locked Spark, wherever STATE is and whatever the shell has set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from jobs.spark.session import _said

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
KILLED = """
import os, signal, sys, threading
from jobs.faults import told
from jobs.spark.session import session
from pipeline.errors import exit_code_of
from pipeline.estate import Estate
from pipeline.settings import load
from tests.outputs import ON_AWS
estate = Estate.model_validate(ON_AWS | {"aws_endpoint_url": "http://127.0.0.1:1"})
pids = []
def main():
    with told("batch", "the next one goes on"), session(load(), estate, "test", 0, pids.append) as spark:
        threading.Timer(1, os.kill, (pids[0], signal.SIGKILL)).start()
        spark.range(1 << 40).selectExpr("sum(hash(id))").collect()
sys.exit(exit_code_of(main))
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


def run(script, state, variables):
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"STATE": str(state), "PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
    )


def test_the_session_starts_and_logs_into_its_state_wherever_that_is_and_whatever_is_set(tmp_path):
    state = tmp_path / 'my "quoted" state'
    done = run(START, state, HOSTILE)
    assert "4.1.1 3 UTC" in done.stdout.splitlines(), done.stdout + done.stderr  # a first one keeps Spark's classes
    assert (state / "logs" / "spark.log").stat().st_size > 0


def test_a_jvm_that_is_killed_ends_the_job_with_a_line_and_the_rest_is_in_the_log(tmp_path):
    done = run(KILLED, tmp_path, {})
    log = tmp_path / "logs" / "spark.log"
    assert (done.returncode, done.stderr) == (
        1,
        f"error: batch stopped: Spark's JVM ended with exit code -9 (see {log}); the next one goes on\n",
    )
    assert "Traceback" in log.read_text()


def test_an_error_of_spark_is_told_by_its_first_line(spark):
    with pytest.raises(PySparkException) as caught:
        spark.sql("select x from nowhere")
    assert _said(caught.value, None) == (
        "Spark: [TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere` cannot be found. "
        "Verify the spelling and correctness of the schema and catalog."
    )


def test_an_error_of_java_is_told_without_its_trace(spark):
    with pytest.raises(Py4JJavaError) as caught:
        spark._jvm.java.nio.file.Files.size(spark._jvm.java.io.File("/nowhere").toPath())
    assert _said(caught.value, None) == "Spark: java.nio.file.NoSuchFileException: /nowhere"
