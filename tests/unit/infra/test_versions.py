"""Versions in two places, read by two tools, agree."""

import re
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[3]
ESTATE = (ROOT / "terraform" / "modules" / "estate" / "events.tf").read_text()
MAVEN = {"m": "http://maven.apache.org/POM/4.0.0"}


def pom(folder, name):
    return ElementTree.parse(ROOT / folder / "pom.xml").findtext(f"m:properties/m:{name}", namespaces=MAVEN)  # noqa: S314


def test_the_kafka_client_has_the_version_of_the_cluster():
    cluster = re.search(r'kafka += "(\d+\.\d+)\.x\.kraft"', ESTATE)[1]
    assert cluster == "4.1"
    assert pom("terraform/modules/kafka_client/tools", "kafka.version").startswith(f"{cluster}.")


def test_the_rest_proxy_image_has_the_version_of_the_project():
    release = re.search(r'version = "(.*?)"', (ROOT / "pyproject.toml").read_text())[1]
    assert re.search(r'rest_proxy += "(\d.*?)"', ESTATE)[1] == release


def test_the_jobs_have_the_spark_of_emr_serverless():
    # emr-spark-8.1.0 is Spark 4.1.1 with Delta 4.2.0 (AWS's release page).
    assert re.search(r'emr += "(.*?)"', ESTATE)[1] == "emr-spark-8.1.0"
    requirements = (ROOT / "requirements" / "spark.in").read_text()
    assert "pyspark==4.1.1\n" in requirements
    assert "delta-spark==4.2.0\n" in requirements
