"""Versions that stand in two places because two tools read them agree."""

import re
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[3]
ESTATE = (ROOT / "terraform" / "modules" / "estate" / "events.tf").read_text()
MAVEN = {"m": "http://maven.apache.org/POM/4.0.0"}


def pom(folder, name):
    return ElementTree.parse(ROOT / folder / "pom.xml").findtext(f"m:properties/m:{name}", namespaces=MAVEN)  # noqa: S314


def test_the_kafka_clients_tools_are_of_the_clusters_version():
    cluster = re.search(r'kafka += "(\d+\.\d+)\.x\.kraft"', ESTATE)[1]
    assert cluster == "4.1"
    assert pom("terraform/modules/kafka_client/tools", "kafka.version").startswith(f"{cluster}.")


def test_the_image_of_the_rest_proxy_is_tagged_with_this_release():
    release = re.search(r'version = "(.*?)"', (ROOT / "pyproject.toml").read_text())[1]
    assert re.search(r'rest_proxy += "(\d.*?)"', ESTATE)[1] == release


def test_the_jobs_run_on_the_spark_that_emr_serverless_has():
    # emr-spark-8.1.0 is Spark 4.1.1 with Delta 4.2.0 (AWS's release page).
    assert re.search(r'emr += "(.*?)"', ESTATE)[1] == "emr-spark-8.1.0"
    requirements = (ROOT / "requirements" / "spark.in").read_text()
    assert "pyspark==4.1.1\n" in requirements
    assert "delta-spark==4.2.0\n" in requirements
