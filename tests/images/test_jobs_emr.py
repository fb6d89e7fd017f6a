"""The image for EMR Serverless, on a stand-in for its base (Python with pip, EMR's user): what it adds."""

from pathlib import Path

import pyspark
import pytest

from tests.images.conftest import ROOT, docker

BASE = """
FROM {base}
RUN python3 -m venv /opt/python && useradd --create-home hadoop
ENV PATH=/opt/python/bin:$PATH
USER hadoop:hadoop
"""
USED = """
import boto3, delta, orjson, pyarrow, vl_convert
import jobs.batch, jobs.stream, pyspark
print(pyspark.__file__)
"""


@pytest.fixture(scope="module")
def image(build_environment, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("emr")
    base = build_environment.get("BASE_IMAGE", "python:3.11.14-slim-bookworm")
    (folder / "Dockerfile").write_text(BASE.format(base=base))
    docker("build", "--quiet", "--tag", "pin-pipeline-test/emr-spark", str(folder))
    options = [f"--build-arg={name}={value}" for name, value in {"BASE_IMAGE": base, "ENGINE": "emr"}.items()]
    options += ["--build-arg=EMR_IMAGE=pin-pipeline-test/emr-spark"]
    if "CA_BUNDLE" in build_environment:
        options += [f"--secret=id=ca_bundle,src={build_environment['CA_BUNDLE']}"]
    file = ROOT / "docker" / "jobs" / "Dockerfile"
    docker("build", "--quiet", "--tag", "pin-pipeline-test/jobs-emr", *options, "--file", str(file), str(ROOT))
    return "pin-pipeline-test/jobs-emr"


def test_it_brings_the_jobs_and_all_they_need_but_spark(image):
    spark = Path(pyspark.__file__).parents[1]  # EMR has its own on the path; here it is this machine's
    mounted = [f"--volume={spark / name}:/spark/{name}:ro" for name in ("pyspark", "py4j")]
    program = ["--env=PYTHONPATH=/spark", "--entrypoint=python3", image, "-c", USED]
    assert docker("run", "--rm", *mounted, *program) == "/spark/pyspark/__init__.py"


def test_what_spark_submit_is_given_is_the_jobs_command_line(image):
    spark = Path(pyspark.__file__).parents[1]
    mounted = [f"--volume={spark / name}:/spark/{name}:ro" for name in ("pyspark", "py4j")]
    program = ["--env=PYTHONPATH=/spark", "--entrypoint=python3", image, "/opt/pipeline/main.py", "load", "--help"]
    assert "--estate ESTATE" in docker("run", "--rm", *mounted, *program)


def test_it_runs_as_emrs_user_and_leaves_the_entry_point_to_emr(image):
    shown = docker("inspect", "--format", "{{.Config.User}} {{.Config.Entrypoint}}", image)
    assert shown == "hadoop:hadoop []"
