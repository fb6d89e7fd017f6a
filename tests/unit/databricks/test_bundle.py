"""The bundle itself: what each target deploys, and that the Jobs API runs it."""

import pytest
import yaml
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import JobSettings, RunLifeCycleState, RunResultState

from engines.bundle import problems, read
from engines.bundle import target as resolved
from tests.databricks_api import DatabricksApi
from tests.unit.databricks.conftest import ROOT

WHEEL = "../.build/wheel/*.whl"


@pytest.fixture(params=["serverless", "job_cluster"])
def compute(request, bundle):
    """The bundle with either compute, in both targets."""
    bundle.plant("bundle/compute.yml", "resources: *serverless", f"resources: *{request.param}", times=2)
    return bundle


def target(copy, name="dev"):
    return resolved(read(copy.root), name)


def resources(copy, kind, name="dev"):
    return target(copy, name)["resources"][kind]


def sent(value):
    """The job as the Jobs API gets it: without empty lists, and without permissions, which have their own API."""
    if isinstance(value, dict):
        return {key: sent(below) for key, below in value.items() if below != [] and key != "permissions"}
    return [sent(below) for below in value] if isinstance(value, list) else value


def test_it_has_no_problems_on_either_compute(compute):
    assert problems(compute.root) == []


def test_the_batch_is_load_then_check_then_publish(bundle):
    batch = resources(bundle, "jobs")["batch"]
    reach = ["--estate=s3://user-user_id-bucket/artifacts/estate.json", "--service-credential=user_id-service"]
    state, thresholds = "--state=/tmp/pin", ["--max-rejected-share=0.05", "--max-age-hours=36"]
    assert batch["name"] == "user_id-batch"
    assert [(task["task_key"], task.get("depends_on"), task["max_retries"]) for task in batch["tasks"]] == [
        ("load", None, 2),
        ("check", [{"task_key": "load"}], 0),
        ("publish", [{"task_key": "check"}], 1),
    ]
    assert [task["python_wheel_task"] for task in batch["tasks"]] == [
        {"package_name": "pin_pipeline", "entry_point": "jobs", "parameters": parameters}
        for parameters in (
            ["load", "--engine=spark", *reach, state, *thresholds],
            ["check", *reach],
            ["publish", "--engine=spark", *reach, state],
        )
    ]


def test_only_one_run_at_a_time_writes_the_tables_of_a_lane(bundle):
    jobs = resources(bundle, "jobs", "prod")
    assert [job["max_concurrent_runs"] for job in jobs.values()] == [1, 1]
    assert jobs["batch"]["queue"] == {"enabled": True}  # the next one waits


def test_serverless_compute_gets_the_wheel_by_its_environment(bundle):
    batch = resources(bundle, "jobs")["batch"]
    spec = {"environment_version": "5", "dependencies": [WHEEL]}
    assert batch["environments"] == [{"environment_key": "batch", "spec": spec}]
    assert [task["environment_key"] for task in batch["tasks"]] == ["batch"] * 3
    assert "job_clusters" not in batch
    assert not any("libraries" in task or "job_cluster_key" in task for task in batch["tasks"])


def test_each_task_on_a_job_cluster_gets_the_wheel(on_job_cluster):
    batch = resources(on_job_cluster, "jobs", "prod")["batch"]
    [cluster] = batch["job_clusters"]
    assert cluster["new_cluster"]["spark_version"] == "18.x-scala2.13"
    assert cluster["new_cluster"]["node_type_id"] == "m5d.large"
    assert [(task["job_cluster_key"], task["libraries"]) for task in batch["tasks"]] == [
        ("batch", [{"whl": WHEEL}])
    ] * 3
    assert "environments" not in batch
    assert not any("environment_key" in task for task in batch["tasks"])


def test_the_stream_has_a_dedicated_cluster_on_either_compute(compute):
    stream = resources(compute, "jobs", "prod")["stream"]
    [cluster], [task] = stream["job_clusters"], stream["tasks"]
    assert cluster["new_cluster"]["data_security_mode"] == "SINGLE_USER"
    assert task["job_cluster_key"] == cluster["job_cluster_key"]
    assert "environment_key" not in task


def test_the_stream_runs_on_spark(bundle):
    [task] = resources(bundle, "jobs", "prod")["stream"]["tasks"]
    assert task["python_wheel_task"]["parameters"][:2] == ["stream", "--engine=spark"]


@pytest.mark.parametrize(("name", "batch", "stream"), [("dev", "PAUSED", "PAUSED"), ("prod", "PAUSED", "UNPAUSED")])
def test_only_the_stream_of_prod_starts_by_itself(bundle, name, batch, stream):
    jobs = resources(bundle, "jobs", name)
    assert jobs["batch"]["schedule"]["pause_status"] == batch
    assert jobs["stream"]["continuous"]["pause_status"] == stream


def test_prod_runs_as_a_service_principal_with_access_to_the_bucket(bundle):
    prod = target(bundle, "prod")
    assert prod["run_as"] == {"service_principal_name": "service_principal"}
    assert prod["workspace"] == {"root_path": "/Workspace/Users/service_principal/.bundle/pin-pipeline/prod/user_id"}
    may = {"service_principal_name": "service_principal", "level": "CAN_MANAGE_RUN"}
    assert prod["resources"]["jobs"]["batch"]["permissions"] == [may]
    may = {"principal": "service_principal", "privileges": ["READ_FILES", "WRITE_FILES"]}
    assert prod["resources"]["external_locations"]["bucket"]["grants"] == [may]
    may = {"principal": "service_principal", "privileges": ["USE_SCHEMA", "READ_VOLUME"]}
    assert prod["resources"]["schemas"]["pin"]["grants"] == [may]


def test_the_bucket_is_an_external_location_with_volumes(bundle):
    dev = target(bundle)["resources"]
    location = dev["external_locations"]["bucket"]
    assert (location["url"], location["credential_name"]) == ("s3://user-user_id-bucket", "user_id-storage")
    volumes = dev["volumes"].values()
    assert [(volume["volume_type"], volume["storage_location"]) for volume in volumes] == [
        ("EXTERNAL", "s3://user-user_id-bucket/topics"),
        ("EXTERNAL", "s3://user-user_id-bucket/report"),
    ]
    assert {volume["schema_name"] for volume in volumes} == {dev["schemas"]["pin"]["name"]} == {"pin_user_id"}


def test_only_the_user_id_and_the_principal_have_no_default():
    variables = yaml.safe_load((ROOT / "databricks.yml").read_text())["variables"]
    assert [name for name, about in variables.items() if "default" not in about] == ["user_id", "service_principal"]


def test_the_jobs_api_creates_each_job_and_runs_its_tasks_in_order(compute):
    done = []
    with DatabricksApi(work=lambda run, task: done.append((run.name, task))) as api:
        workspace = WorkspaceClient(host=api.url, token=api.token, auth_type="pat", config_file="/nonexistent")
        for job in resources(compute, "jobs").values():
            settings = JobSettings.from_dict(job)
            made = workspace.jobs.create(**{key: getattr(settings, key) for key in sent(job)})
            assert api.jobs[made.job_id] == sent(job)
            run = workspace.jobs.run_now(made.job_id).run_id
            while (state := workspace.jobs.get_run(run).state).life_cycle_state != RunLifeCycleState.TERMINATED:
                pass
            assert state.result_state == RunResultState.SUCCESS
    assert done == [
        ("user_id-batch", "load"),
        ("user_id-batch", "check"),
        ("user_id-batch", "publish"),
        ("user_id-stream", "stream"),
    ]
