"""What `make lint` says of a bundle with a mistake in it: one line each."""

import subprocess
import sys

import pytest

from engines.bundle import main, problems
from tests.unit.databricks.conftest import ROOT

BATCH, STREAM, COMPUTE = "bundle/batch.job.yml", "bundle/stream.job.yml", "bundle/compute.yml"
CATALOG, TOP = "bundle/catalog.yml", "databricks.yml"
TASKS = ("batch: task load", "batch: task check", "batch: task publish", "stream: task stream")

# File, its text, what is planted in place of that; then each problem.
PLANTED = {
    "a misspelt key": (
        (BATCH, "max_retries: 2", "max_retry: 2"),
        ["resources.jobs.batch: Unexpected field 'max_retry' for class Task"],
    ),
    "a misspelt key of a cluster": (
        (STREAM, "num_workers: 1", "num_worker: 1"),
        ["resources.jobs.stream: Unexpected field 'num_worker' for class ClusterSpec"],
    ),
    "a missing key": (
        (BATCH, "        timezone_id: UTC\n", ""),
        [
            "resources.jobs.batch: CronSchedule.__init__() missing 1 required keyword-only argument: 'timezone_id'",
        ],
    ),
    "an unknown value": (
        (CATALOG, "volume_type: EXTERNAL", "volume_type: OUTSIDE"),
        ["resources.volumes.landed: 'OUTSIDE' is not a valid VolumeType"],
    ),
    "text in place of a number": (
        (BATCH, "max_concurrent_runs: 1", "max_concurrent_runs: one"),
        ["resources.jobs.batch: invalid literal for int() with base 10: 'one'"],
    ),
    "an unknown kind of resource": (
        (CATALOG, "  schemas:\n", "  funnels: {}\n\n  schemas:\n"),
        ["resources.funnels: engines/bundle.py has no class to check it with"],
    ),
    "an unknown dependency": (
        (BATCH, "depends_on: [{ task_key: check }]", "depends_on: [{ task_key: chek }]"),
        ["resources.jobs.batch: task publish: depends_on: there is no task chek"],
    ),
    "a missing cluster": (
        (
            STREAM,
            "- task_key: stream\n          job_cluster_key: stream",
            "- task_key: stream\n          job_cluster_key: x",
        ),
        ["resources.jobs.stream: task stream: job_cluster_key: x is not among the job_clusters"],
    ),
    "a missing environment": (
        (COMPUTE, "{ task_key: check, environment_key: batch }", "{ task_key: check, environment_key: x }"),
        [
            "resources.jobs.batch: task check: environment_key: x is not among the environments",
            "resources.jobs.batch: task check: installs no wheel that the artifacts build",
        ],
    ),
    "a task without compute": (
        (COMPUTE, "{ task_key: check, environment_key: batch }", "{ task_key: check }"),
        ["resources.jobs.batch: task check: installs no wheel that the artifacts build"],
    ),
    "another wheel": (
        (STREAM, "whl: ../.build/wheel/*.whl", "whl: ../dist/*.whl"),
        ["resources.jobs.stream: task stream: installs no wheel that the artifacts build"],
    ),
    "a wheel that nothing builds": (
        (TOP, "    build: python3 local/setup.py --only wheel\n", ""),
        [f"resources.jobs.{task}: installs no wheel that the artifacts build" for task in TASKS],
    ),
    "another package": (
        (STREAM, "package_name: pin_pipeline", "package_name: pinterest"),
        ["resources.jobs.stream: task stream: package_name pinterest is not pin-pipeline, which pyproject.toml builds"],
    ),
    "a missing entry point": (
        (STREAM, "entry_point: jobs", "entry_point: job"),
        ["resources.jobs.stream: task stream: pyproject.toml has no script job"],
    ),
    "an unknown parameter": (
        (BATCH, "- --max-age-hours=${var.max_age_hours}", "- --max-years=${var.max_age_hours}"),
        ["resources.jobs.batch: task load: python -m jobs: error: unrecognized arguments: --max-years=36"],
    ),
    "a parameter that is too high": (
        (TOP, 'default: "0.05"', 'default: "5"'),
        [
            "resources.jobs.batch: task load: "
            "MAX_REJECTED_SHARE='5': Input should be less than or equal to 1 (see .env.sample)"
        ],
    ),
    "a missing variable": (
        (STREAM, "${var.node_type}", "${var.node_kind}"),
        ["resources.jobs.stream.job_clusters[0].new_cluster.node_type_id: ${var.node_kind} refers to nothing"],
    ),
    "a missing variable in another's default": (
        (TOP, "s3://${var.bucket}/artifacts", "s3://${var.buckets}/artifacts"),
        [
            "resources.jobs.batch.tasks[0].python_wheel_task.parameters[2]: ${var.estate}: "
            "${var.buckets} refers to nothing"
        ],
    ),
    "a missing resource": (
        (CATALOG, "${resources.schemas.pin.name}", "${resources.schemas.pins.name}"),
        ["resources.volumes.landed.schema_name: ${resources.schemas.pins.name} refers to nothing"],
    ),
    "a variable that refers to itself": (
        (TOP, "default: m5d.large", "default: ${var.node_type}"),
        ["resources.jobs.stream.job_clusters[0].new_cluster.node_type_id: ${var.node_type}: refers to itself"],
    ),
    "a missing part": (
        (TOP, "\nartifacts:\n", "\nartefacts:\n"),
        ["databricks.yml: missing: artifacts"],
    ),
    "an undeclared variable of a target": (
        (TOP, "      stream: UNPAUSED", "      streams: UNPAUSED"),
        ["targets.prod.variables: not declared: streams"],
    ),
}


@pytest.mark.parametrize(("planted", "found"), PLANTED.values(), ids=PLANTED)
def test_each_mistake_is_named_with_its_path(bundle, planted, found):
    bundle.plant(*planted)
    assert problems(bundle.root) == found


def test_a_job_needs_neither_wheels_nor_tasks(bundle):
    (bundle.root / "bundle" / "more.yml").write_text(
        "resources: { jobs: { empty: { name: empty }, "
        "notebook: { name: n, tasks: [{ task_key: n, notebook_task: { notebook_path: notebooks/batch.py } }] } } }\n"
    )
    assert problems(bundle.root) == []


def test_a_file_that_cannot_be_read_is_named(bundle):
    bundle.plant(STREAM, "resources:", "resources: [")
    [problem] = problems(bundle.root)
    assert f'{STREAM}", line 3' in problem
    (bundle.root / STREAM).write_text("- a list\n")
    assert problems(bundle.root) == ["stream.job.yml: not a mapping"]
    (bundle.root / TOP).unlink()
    assert problems(bundle.root) == [f"[Errno 2] No such file or directory: '{bundle.root / TOP}'"]


def test_lint_fails_with_a_line_for_each_mistake(bundle, capsys):
    bundle.plant(BATCH, "max_retries: 2", "max_retry: 2")
    assert main(bundle.root) == 1
    assert capsys.readouterr() == ("", "resources.jobs.batch: Unexpected field 'max_retry' for class Task\n")


def test_lint_passes_the_bundle_as_it_is():
    answer = subprocess.run([sys.executable, "-m", "engines.bundle"], cwd=ROOT, capture_output=True, text=True)
    said = "databricks.yml: no problems found, as far as this can be checked without a workspace\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, said, "")
