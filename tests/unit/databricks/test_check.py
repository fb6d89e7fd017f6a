"""What `make lint` says of a bundle with something wrong in it: each thing once, with its line."""

import subprocess
import sys

import pytest

from engines.bundle.__main__ import main
from engines.bundle.check import problems
from tests.unit.databricks.conftest import ROOT

BATCH, STREAM, COMPUTE = "bundle/batch.job.yml", "bundle/stream.job.yml", "bundle/compute.yml"
CATALOG, TOP = "bundle/catalog.yml", "databricks.yml"

# File; what stands there, what is planted in its place; then file, text of the line and what is said, for each problem.
PLANTED = {
    "a misspelt key": (
        (BATCH, "max_retries: 2", "max_retry: 2"),
        [(BATCH, "max_retry:", "jobs.batch.tasks[0].max_retry: unknown to the Jobs API; is it max_retries?")],
    ),
    "a misspelt key of a cluster": (
        (STREAM, "num_workers: 1", "num_worker: 1"),
        [
            (
                STREAM,
                "num_worker:",
                "jobs.stream.job_clusters[0].new_cluster.num_worker: unknown to the Jobs API; is it num_workers?",
            )
        ],
    ),
    "a key that is missing": (
        (CATALOG, "      credential_name: ${var.storage_credential}\n", ""),
        [
            (CATALOG, "name: ${var.user_id}-bucket", "external_locations.bucket: credential_name is missing"),
            (TOP, "storage_credential:", "variables.storage_credential: nothing refers to it"),
        ],
    ),
    "a key that is missing below another": (
        (BATCH, "        timezone_id: UTC\n", ""),
        [(BATCH, "quartz_cron_expression:", "jobs.batch.schedule: timezone_id is missing")],
    ),
    "a value that the enumeration has not": (
        (CATALOG, "volume_type: EXTERNAL", "volume_type: OUTSIDE"),
        [(CATALOG, "OUTSIDE", "volumes.landed.volume_type: 'OUTSIDE' is no VolumeType: EXTERNAL, MANAGED")],
    ),
    "a value that a long enumeration has not": (
        (TOP, "[USE_SCHEMA, READ_VOLUME]", "[USE_SCHEMA, READ_VOLUMES]"),
        [
            (
                TOP,
                "READ_VOLUMES",
                "schemas.pin.grants[0].privileges[1]: 'READ_VOLUMES' is no Privilege; is it READ_VOLUME?",
            )
        ],
    ),
    "text for a number": (
        (BATCH, "max_concurrent_runs: 1", "max_concurrent_runs: one"),
        [(BATCH, "max_concurrent_runs:", "jobs.batch.max_concurrent_runs: 'one' is no int")],
    ),
    "yes for a number": (
        (BATCH, "timeout_seconds: 900", "timeout_seconds: yes"),
        [(BATCH, "timeout_seconds: yes", "jobs.batch.tasks[1].timeout_seconds: True is no int")],
    ),
    "a value for a list": (
        (BATCH, "depends_on: [{ task_key: load }]", "depends_on: { task_key: load }"),
        [(BATCH, "depends_on: { task_key: load }", "jobs.batch.tasks[1].depends_on: is no list")],
    ),
    "a value for a mapping": (
        (BATCH, "queue: { enabled: true }", "queue: true"),
        [(BATCH, "queue:", "jobs.batch.queue: is no mapping")],
    ),
    "a task that waits for none": (
        (BATCH, "depends_on: [{ task_key: check }]", "depends_on: [{ task_key: chek }]"),
        [(BATCH, "chek", "jobs.batch.tasks[2].depends_on: there is no task chek")],
    ),
    "tasks that wait for one another": (
        (BATCH, "- task_key: load\n", "- task_key: load\n          depends_on: [{ task_key: publish }]\n"),
        [(BATCH, "tasks:", "jobs.batch.tasks: they wait for one another: load after publish after check after load")],
    ),
    "a cluster that is not there": (
        (
            STREAM,
            "- task_key: stream\n          job_cluster_key: stream",
            "- task_key: stream\n          job_cluster_key: x",
        ),
        [
            (
                STREAM,
                "job_cluster_key: x",
                "jobs.stream.tasks[0].job_cluster_key: there is no x among the job_clusters",
            ),
            (STREAM, "- job_cluster_key: stream", "jobs.stream.job_clusters: no task runs on stream"),
        ],
    ),
    "an environment that is not there": (
        (COMPUTE, "{ task_key: check, environment_key: batch }", "{ task_key: check, environment_key: x }"),
        [
            (
                COMPUTE,
                "environment_key: x",
                "jobs.batch.tasks[1].environment_key: there is no x among the environments",
            ),
            (COMPUTE, "environment_key: x", "jobs.batch.tasks[1]: has no wheel to run: none is among its libraries"),
        ],
    ),
    "a task that runs nowhere": (
        (COMPUTE, "{ task_key: check, environment_key: batch }", "{ task_key: check }"),
        [
            (
                COMPUTE,
                "{ task_key: check }",
                "jobs.batch.tasks[1]: runs on nothing: it takes one of environment_key, job_cluster_key, "
                "existing_cluster_id, new_cluster",
            ),
            (COMPUTE, "{ task_key: check }", "jobs.batch.tasks[1]: has no wheel to run: none is among its libraries"),
        ],
    ),
    "libraries on serverless compute": (
        (
            COMPUTE,
            "{ task_key: load, environment_key: batch }",
            "{ task_key: load, environment_key: batch, libraries: [{ pypi: { package: x } }] }",
        ),
        [
            (
                COMPUTE,
                "pypi",
                "jobs.batch.tasks[0].libraries: are for clusters: an environment has dependencies",
            )
        ],
    ),
    "a wheel that nothing builds": (
        (STREAM, "whl: ../.build/wheel/*.whl", "whl: ../dist/*.whl"),
        [(STREAM, "whl:", "jobs.stream.tasks[0]: no artifact builds ../dist/*.whl")],
    ),
    "another package": (
        (STREAM, "package_name: pin_pipeline", "package_name: pinterest"),
        [
            (
                STREAM,
                "package_name:",
                "jobs.stream.tasks[0].python_wheel_task.package_name: pinterest is not what pyproject.toml builds, "
                "pin-pipeline",
            )
        ],
    ),
    "an entry point that is not there": (
        (STREAM, "entry_point: jobs", "entry_point: job"),
        [
            (
                STREAM,
                "entry_point:",
                "jobs.stream.tasks[0].python_wheel_task.entry_point: pyproject.toml has no script job",
            )
        ],
    ),
    "a parameter that the jobs have not": (
        (BATCH, "- --max-age-hours=${var.max_age_hours}", "- --max-years=${var.max_age_hours}"),
        [
            (
                BATCH,
                "parameters:",
                "jobs.batch.tasks[0].python_wheel_task.parameters: "
                "python -m jobs: error: unrecognized arguments: --max-years=36",
            )
        ],
    ),
    "a parameter that is too high": (
        (TOP, 'default: "0.05"', 'default: "5"'),
        [
            (
                BATCH,
                "parameters:",
                "jobs.batch.tasks[0].python_wheel_task.parameters: "
                "MAX_REJECTED_SHARE='5': Input should be less than or equal to 1 (see .env.sample)",
            )
        ],
    ),
    "a variable that is not there": (
        (STREAM, "${var.node_type}", "${var.node_kind}"),
        [
            (TOP, "  node_type:", "variables.node_type: nothing refers to it"),
            (
                STREAM,
                "node_kind",
                "resources.jobs.stream.job_clusters[0].new_cluster.node_type_id: ${var.node_kind} stands for nothing",
            ),
        ],
    ),
    "a variable that is not there, for a list": (
        (STREAM, "on_failure: ${var.notify}", "on_failure: ${var.notice}"),
        [
            (
                STREAM,
                "notice",
                "resources.jobs.stream.email_notifications.on_failure: ${var.notice} stands for nothing",
            )
        ],
    ),
    "a resource that is not there": (
        (CATALOG, "${resources.schemas.pin.name}", "${resources.schemas.pins.name}"),
        [(CATALOG, "pins", "resources.volumes.landed.schema_name: ${resources.schemas.pins.name} stands for nothing")],
    ),
    "a variable that refers to itself": (
        (TOP, "default: m5d.large", "default: ${var.node_type}"),
        [
            (
                STREAM,
                "node_type_id:",
                "resources.jobs.stream.job_clusters[0].new_cluster.node_type_id: ${var.node_type} stands for nothing",
            )
        ],
    ),
    "a target's variable that is not there": (
        (TOP, "      stream: UNPAUSED", "      streams: UNPAUSED"),
        [(TOP, "streams:", "targets.prod.variables.streams: no such variable is declared")],
    ),
    "a variable that nothing refers to": (
        (BATCH, "pause_status: ${var.batch_schedule}", "pause_status: PAUSED"),
        [(TOP, "batch_schedule:", "variables.batch_schedule: nothing refers to it")],
    ),
    "a variable that says not what it is": (
        (TOP, "    description: the estate's bucket\n", ""),
        [(TOP, "  bucket:", "variables.bucket: has no description")],
    ),
    "a schedule that runs in dev": (
        (TOP, '      service_principal: ""', '      service_principal: ""\n      batch_schedule: UNPAUSED'),
        [
            (
                BATCH,
                "schedule:",
                "jobs.batch.schedule.pause_status: is UNPAUSED in dev: a copy for development starts nothing by itself",
            )
        ],
    ),
    "a stream that runs in dev": (
        (STREAM, "pause_status: ${var.stream}", "pause_status: UNPAUSED"),
        [
            (TOP, "  stream:", "variables.stream: nothing refers to it"),
            (
                STREAM,
                "continuous:",
                "jobs.stream.continuous.pause_status: is UNPAUSED in dev: "
                "a copy for development starts nothing by itself",
            ),
        ],
    ),
    "a schedule at no time": (
        (BATCH, "0 0 3 * * ?", "0 0 24 * * ?"),
        [
            (
                BATCH,
                "quartz_cron_expression:",
                "jobs.batch.schedule.quartz_cron_expression: '24' does not fit as the hour",
            )
        ],
    ),
    "a time zone that is nowhere": (
        (BATCH, "timezone_id: UTC", "timezone_id: Europe/Atlantis"),
        [(BATCH, "timezone_id:", "jobs.batch.schedule.timezone_id: Europe/Atlantis is no time zone")],
    ),
    "a workspace": (
        (TOP, "    workspace:\n", "    workspace:\n      host: x.cloud.databricks.com\n"),
        [
            (
                TOP,
                "host:",
                "workspace.host: is for DATABRICKS_HOST or --profile to say: this file is everybody's",
            )
        ],
    ),
    "an unknown part": (
        (TOP, "artifacts:\n", "artefacts: {}\n\nartifacts:\n"),
        [(TOP, "artefacts:", "artefacts: unknown to bundles")],
    ),
    "a kind of resource that is not checked": (
        (CATALOG, "  schemas:\n", "  pipelines: {}\n\n  schemas:\n"),
        [
            (
                CATALOG,
                "pipelines:",
                "pipelines: is none of what is checked here: jobs, schemas, volumes, external_locations",
            )
        ],
    ),
    "no default target": (
        (TOP, "    default: true\n", ""),
        [(TOP, "targets:", "targets: one of them has to be the default")],
    ),
}


@pytest.mark.parametrize(("planted", "found"), PLANTED.values(), ids=PLANTED)
def test_each_mistake_is_told_with_its_line(bundle, planted, found):
    bundle.plant(*planted)
    expected = [f"{file}:{bundle.line(file, text)}: {said}" for file, text, said in found]
    assert sorted(problems(bundle.root)) == sorted(expected)


def test_the_wheel_has_to_be_built_by_the_bundle(bundle):
    bundle.plant("databricks.yml", "    build: python3 local/setup.py --only wheel\n", "")
    told = {line.partition(": ")[2] for line in problems(bundle.root)}
    tasks = ("jobs.batch.tasks[0]", "jobs.batch.tasks[1]", "jobs.batch.tasks[2]", "jobs.stream.tasks[0]")
    assert told == {f"{task}: no artifact builds ../.build/wheel/*.whl" for task in tasks}


def test_a_notebook_has_to_be_there(bundle):
    (bundle.root / "bundle" / "report.job.yml").write_text(
        """\
resources:
  jobs:
    report:
      name: report
      tasks:
        - task_key: there
          notebook_task: { notebook_path: notebooks/batch.py }
        - task_key: not_there
          notebook_task: { notebook_path: notebooks/bacth.py }
"""
    )
    path = "jobs.report.tasks[1].notebook_task.notebook_path"
    assert problems(bundle.root) == [f"bundle/report.job.yml:9: {path}: there is no file notebooks/bacth.py"]


def test_what_is_included_has_to_be_there(bundle):
    bundle.plant("databricks.yml", "  - bundle/*.yml\n", "  - bundle/*.yml\n  - more/*.yml\n")
    line = bundle.line("databricks.yml", "include:")
    assert problems(bundle.root) == [f"databricks.yml:{line}: include: there is no file more/*.yml"]


def test_what_cannot_be_read_is_told_with_its_line(bundle):
    bundle.plant("bundle/stream.job.yml", "      max_concurrent_runs: 1", "      name: twice")
    line = bundle.line("bundle/stream.job.yml", "name: ${var.user_id}-stream")
    assert problems(bundle.root) == [f"bundle/stream.job.yml:{line}: name is there twice"]
    bundle.plant("bundle/stream.job.yml", "resources:", "resources: [")
    line = bundle.line("bundle/stream.job.yml", "jobs:")
    [told] = problems(bundle.root)
    assert told.startswith("bundle/stream.job.yml:")
    (bundle.root / "databricks.yml").unlink()
    assert problems(bundle.root) == ["databricks.yml: No such file or directory"]


def test_lint_fails_with_a_line_for_each_mistake(bundle, capsys):
    bundle.plant("bundle/batch.job.yml", "max_retries: 2", "max_retry: 2")
    assert main(bundle.root) == 1
    line = bundle.line("bundle/batch.job.yml", "max_retry:")
    said = f"bundle/batch.job.yml:{line}: jobs.batch.tasks[0].max_retry: unknown to the Jobs API; is it max_retries?\n"
    assert capsys.readouterr() == ("", said)


def test_lint_passes_the_bundle_as_it_is():
    answer = subprocess.run([sys.executable, "-m", "engines.bundle"], cwd=ROOT, capture_output=True, text=True)
    said = "databricks.yml: fit to be deployed, as far as can be told without a workspace\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, said, "")
