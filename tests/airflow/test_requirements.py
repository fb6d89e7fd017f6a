"""airflow/requirements.txt together with the packages of Managed Airflow, resolved as its installer does."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".build" / "bootstrap" / "bin" / "uv"
CONSTRAINTS = ROOT / "airflow" / "constraints-3.12.txt"
# The packages in the image of Managed Airflow 3.2.1.
MANAGED_AIRFLOW = """
apache-airflow[celery,statsd]==3.2.1
apache-airflow-core[gunicorn]==3.2.1
apache-airflow-providers-amazon[aiobotocore]
apache-airflow-providers-fab
apache-airflow-providers-postgres
apache-airflow-providers-standard
celery[sqs]
watchtower
"""


def versions(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\\n]+)", text, re.MULTILINE))


@pytest.fixture
def resolve(tmp_path):
    """Resolves requirements together with Managed Airflow's own. Returns the process and its output."""

    def resolved(requirements: str) -> subprocess.CompletedProcess[str]:
        [path] = re.findall(r'^--constraint "(.*)"$', requirements, re.MULTILINE)
        assert path == "/usr/local/airflow/dags/constraints-3.12.txt"  # next to the DAG, as AWS documents
        (tmp_path / "image.in").write_text(MANAGED_AIRFLOW)
        (tmp_path / "requirements.txt").write_text(requirements.replace(path, str(CONSTRAINTS)))
        where = ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_28", "--no-header"]
        command = [UV, "pip", "compile", "--quiet", "--no-annotate", *where, "image.in", "requirements.txt"]
        answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        if "error sending request" in answer.stderr or "dns error" in answer.stderr:
            pytest.skip("no package index can be reached")
        return answer

    return resolved


def test_added_packages_change_no_other_package(resolve):
    answer = resolve((ROOT / "airflow" / "requirements.txt").read_text())

    assert answer.returncode == 0, answer.stderr
    there = versions(answer.stdout)
    assert there["apache-airflow-providers-databricks"] == "7.12.1"
    assert there["apache-airflow-providers-amazon"] == "9.25.0"
    allowed = versions(CONSTRAINTS.read_text())
    assert {name for name, version in there.items() if allowed.get(name) != version} == {"pycurl"}  # of celery[sqs]


def test_conflicting_packages_are_refused(resolve):
    answer = resolve((ROOT / "airflow" / "requirements.txt").read_text() + "sqlalchemy<2\n")

    assert answer.returncode == 1
    assert "No solution found" in answer.stderr


def test_the_tests_have_the_versions_of_managed_airflow():
    installed = versions((ROOT / "requirements" / "airflow.txt").read_text())
    allowed = versions(CONSTRAINTS.read_text())
    assert len(installed) > 150
    ours = {"execnet", "iniconfig", "pytest", "pytest-xdist"}
    of_other_pythons = {"pyyaml-ft"}
    assert {name for name, version in installed.items() if allowed.get(name) != version} == ours | of_other_pythons
