"""The notebooks: Databricks' source format, valid Python, existing settings."""

import ast
import tomllib
from types import SimpleNamespace

import pytest

from pipeline.settings import load
from tests.unit.databricks.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "bundle" / "notebooks").glob("*.py"))
CELL = "\n# COMMAND ----------\n"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param.read_text()


def cells(notebook):
    """The cells' text, without the notebook's first line."""
    first, rest = notebook.split("\n", 1)
    assert first == "# Databricks notebook source"
    return [cell.strip() for cell in rest.split(CELL)]


def test_each_lane_has_a_notebook():
    assert [path.stem for path in NOTEBOOKS] == ["batch", "stream"]


def test_each_cell_is_all_magic_or_all_python(notebook):
    for cell in cells(notebook):
        magic = [line.startswith("# MAGIC") for line in cell.splitlines()]
        assert all(magic) or not any(magic)
        ast.parse(cell)
    assert cells(notebook)[0].startswith("# MAGIC %md")


def test_the_uploaded_wheel_is_installed_before_any_import(notebook):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    # Notebook and wheel have the same paths in the workspace as here.
    install, restart = cells(notebook)[1:3]
    assert install == f"# MAGIC %pip install --quiet ../../.build/wheel/{wheel}"
    assert restart == "dbutils.library.restartPython()"
    assert "include:\n    - .build/wheel/*.whl" in (ROOT / "databricks.yml").read_text()


class Ran(Exception):
    """Raised in place of a lane's job: the cells after it need Spark."""


@pytest.mark.parametrize(
    ("lane", "more"), [("batch", {"engine": "spark"}), ("stream", {"engine": "spark", "once": True})]
)
def test_the_widgets_set_the_parameters_of_the_job(monkeypatch, lane, more):
    given = {"estate": "s3://b/artifacts/estate.json", "service_credential": "u-service"}
    texts = {}
    dbutils = SimpleNamespace(
        widgets=SimpleNamespace(text=lambda name, default, label: texts.update({name: default}), get=given.get),
        library=SimpleNamespace(restartPython=lambda: None),
    )
    ran = []

    def run(settings):
        ran.append(settings)
        raise Ran

    monkeypatch.setattr(f"jobs.{lane}.{lane}", run)
    monkeypatch.setattr("pipeline.estate.load_estate", lambda settings: None)
    source = (ROOT / "bundle" / "notebooks" / f"{lane}.py").read_text()
    with pytest.raises(Ran):
        exec(compile(source, lane, "exec"), {"dbutils": dbutils})  # noqa: S102 it is our own
    assert texts == {"estate": "", "service_credential": ""}
    assert ran == [load(**given, state="/tmp/pin", **more)]
