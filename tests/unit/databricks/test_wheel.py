"""The wheel, built from the files that docker/jobs/Dockerfile copies: it has the jobs and requires their libraries."""

import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from functools import partial
from importlib.metadata import EntryPoint

import pytest

from tests.unit.databricks.conftest import ROOT

UV = ROOT / ".build" / "bootstrap" / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built in a folder with only the files of the image's first stage."""
    folder = tmp_path_factory.mktemp("wheel")
    stage = (ROOT / "docker" / "jobs" / "Dockerfile").read_text().split("FROM ")[1]
    for sources, target in re.findall(r"^COPY (.+) (\S+)$", stage, re.MULTILINE):
        for source in sources.split():
            to = folder / target / ("" if source.endswith("/") else source.rpartition("/")[2])
            copy = partial(shutil.copytree, dirs_exist_ok=True) if source.endswith("/") else shutil.copy
            to.parent.mkdir(parents=True, exist_ok=True)
            if not target.startswith("/"):
                copy(ROOT / source, to)
    options = ["--wheel", "--offline", "--no-build-isolation", "--python", UV / "python", "--out-dir", folder / "out"]
    subprocess.run([UV / "uv", "build", "--quiet", *options, folder], check=True)
    [built] = (folder / "out").glob("*.whl")
    return built


def read(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"pin_pipeline-0.1.0.dist-info/{name}").decode()


def test_it_has_the_jobs_and_the_shared_packages(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    sql = {f"jobs/contract{folder}" for folder in ("", "/functions", "/questions", "/variants")}
    packages = {"jobs", "jobs/embedded", "jobs/kinesis", "jobs/spark", "pipeline"}
    assert {name.rpartition("/")[0] for name in names} == packages | sql
    assert {"jobs/spark/log4j2.xml", "jobs/report.html.j2", "jobs/contract/posts.sql"} <= set(names)
    assert {name.rpartition(".")[2] for name in names} == {"py", "xml", "j2", "sql"}


def test_it_requires_the_libraries_of_the_jobs_without_spark(wheel):
    asked = HeaderParser().parsestr(read(wheel, "METADATA")).get_all("Requires-Dist")
    names = ["boto3", "jinja2", "orjson", "psutil", "pydantic-settings", "vl-convert-python"]
    assert sorted(line.partition(">=")[0] for line in asked) == names


def test_its_script_is_the_command_line_of_the_jobs(wheel):
    assert read(wheel, "entry_points.txt") == "[console_scripts]\njobs = jobs.__main__:main\n"
    program = EntryPoint("jobs", "jobs.__main__:main", "console_scripts").load()
    assert program.__module__ == "jobs.__main__"


def test_the_jobs_import_no_other_package_of_the_project(wheel):
    program = (
        "import sys, jobs.__main__, pipeline; "
        "print(jobs.__file__, sorted({'emulator', 'rest_proxy', 'engines', 'local', 'infra'} & sys.modules.keys()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=wheel.parent,
        env={"PYTHONPATH": str(wheel)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout == f"{wheel}/jobs/__init__.py []\n"
