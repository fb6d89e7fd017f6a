import pytest

from tests.conformance.engines import Embedded, Spark
from tests.spark.conftest import spark  # noqa: F401 - a fixture


@pytest.fixture(params=["duckdb", "spark"])
def engine(request, tmp_path):
    return Embedded(tmp_path) if request.param == "duckdb" else Spark(request.getfixturevalue("spark"))
