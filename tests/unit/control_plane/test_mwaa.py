"""MWAA as Terraform's provider calls it: an environment's life, what AWS fills in, and its errors."""

import pytest

from local.control_plane.mwaa import Mwaa

ASKED = {
    "DagS3Path": "airflow/dags",
    "ExecutionRoleArn": "arn:role",
    "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
    "SourceBucketArn": "arn:aws:s3:::bucket",
}
ARN = "arn:aws:airflow:us-east-1:000000000000:environment/flow"


@pytest.fixture
def mwaa(client_of):
    return client_of(Mwaa("us-east-1"))


@pytest.fixture
def flow(mwaa):
    logs = {"TaskLogs": {"Enabled": True, "LogLevel": "WARNING"}}
    body = {**ASKED, "MaxWorkers": 3, "LoggingConfiguration": logs, "Tags": {"a": "b"}}
    body["AirflowConfigurationOptions"] = {"core.load_examples": "false", "core.parallelism": "8"}
    assert mwaa.ok("PUT", "/environments/{}", "flow", **body) == {"Arn": ARN}
    return "flow"


def told(mwaa, name="flow"):
    return mwaa.ok("GET", "/environments/{}", name)["Environment"]


def log(kind, enabled, level):
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:airflow-flow-{kind}"
    return {"Enabled": enabled, "LogLevel": level, "CloudWatchLogGroupArn": group}


def test_an_environment_is_available_and_told_as_asked_for_with_what_aws_fills_in(mwaa, flow):
    environment = told(mwaa)
    assert environment == ASKED | {
        "Name": "flow",
        "Arn": ARN,
        "Status": "AVAILABLE",
        "CreatedAt": environment["CreatedAt"],
        "LastUpdate": {"Status": "SUCCESS", "CreatedAt": environment["LastUpdate"]["CreatedAt"]},
        "AirflowVersion": "3.2.1",
        "AirflowConfigurationOptions": {"core.load_examples": "false", "core.parallelism": "8"},
        "EnvironmentClass": "mw1.small",
        "MinWorkers": 1,
        "MaxWorkers": 3,
        "Schedulers": 2,
        "MinWebservers": 2,
        "MaxWebservers": 2,
        "EndpointManagement": "SERVICE",
        "WebserverAccessMode": "PRIVATE_ONLY",
        "WebserverUrl": "flow.airflow.invalid",
        "WeeklyMaintenanceWindowStart": "SUN:03:00",
        "ServiceRoleArn": (
            "arn:aws:iam::000000000000:role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA"
        ),
        "LoggingConfiguration": {
            "DagProcessingLogs": log("DagProcessing", False, "INFO"),
            "SchedulerLogs": log("Scheduler", False, "INFO"),
            "TaskLogs": log("Task", True, "WARNING"),
            "WebserverLogs": log("Webserver", False, "INFO"),
            "WorkerLogs": log("Worker", False, "INFO"),
        },
        "Tags": {"a": "b"},
    }


def test_the_smallest_class_has_one_of_everything(mwaa):
    mwaa.ok("PUT", "/environments/{}", "small", **ASKED, EnvironmentClass="mw1.micro")
    environment = told(mwaa, "small")
    counts = ("MinWorkers", "MaxWorkers", "Schedulers", "MinWebservers", "MaxWebservers")
    assert [environment[count] for count in counts] == [1, 1, 1, 1, 1]


def test_an_update_changes_what_it_names(mwaa, flow):
    before = told(mwaa)
    changes = {
        "MaxWorkers": 5,
        "NetworkConfiguration": {"SecurityGroupIds": ["sg-2"]},
        "LoggingConfiguration": {"WorkerLogs": {"Enabled": True, "LogLevel": "ERROR"}},
        "AirflowConfigurationOptions": {"core.parallelism": "16"},
        "WorkerReplacementStrategy": "GRACEFUL",
    }

    assert mwaa.ok("PATCH", "/environments/{}", "flow", **changes) == {"Arn": ARN}

    after = told(mwaa)
    assert after == before | {
        "MaxWorkers": 5,
        "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-2"]},
        "LoggingConfiguration": before["LoggingConfiguration"] | {"WorkerLogs": log("Worker", True, "ERROR")},
        "AirflowConfigurationOptions": {"core.parallelism": "16"},
        "LastUpdate": after["LastUpdate"],
    }
    assert (after["LastUpdate"]["Status"], after["LastUpdate"]["WorkerReplacementStrategy"]) == ("SUCCESS", "GRACEFUL")


def test_requirements_come_with_their_version_and_go_with_their_path(mwaa, flow):
    given = {"RequirementsS3Path": "requirements.txt", "RequirementsS3ObjectVersion": "v1"}
    mwaa.ok("PATCH", "/environments/{}", "flow", **given)
    with_requirements = told(mwaa)
    assert given.items() <= with_requirements.items()

    mwaa.ok("PATCH", "/environments/{}", "flow", RequirementsS3ObjectVersion="v2")
    assert told(mwaa) == with_requirements | {
        "RequirementsS3ObjectVersion": "v2",
        "LastUpdate": told(mwaa)["LastUpdate"],
    }

    mwaa.ok("PATCH", "/environments/{}", "flow", RequirementsS3Path="")
    assert not told(mwaa).keys() & {"RequirementsS3Path", "RequirementsS3ObjectVersion"}


def test_an_environment_begins_with_requirements(mwaa):
    requirements = {"RequirementsS3Path": "airflow/requirements.txt", "RequirementsS3ObjectVersion": "v1"}
    mwaa.ok("PUT", "/environments/{}", "flow", **ASKED, **requirements)
    assert requirements.items() <= told(mwaa).items()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"RequirementsS3Path": "requirements.txt"}, "RequirementsS3ObjectVersion is required"),
        ({"AirflowConfigurationOptions": {"Pin.user": "a"}}, "Pin.user=a is no option of Airflow"),
        ({"AirflowConfigurationOptions": {"pin.user": ""}}, "pin.user= is no option of Airflow"),
        ({"AirflowConfigurationOptions": {"pin.user": "a\nb"}}, "pin.user=a\nb is no option of Airflow"),
    ],
)
def test_what_the_api_does_not_take_is_refused(mwaa, flow, wrong, message):
    before = told(mwaa)
    refused = (400, "ValidationException", message)
    assert mwaa.error("PATCH", "/environments/{}", "flow", **wrong) == refused
    assert mwaa.error("PUT", "/environments/{}", "other", **ASKED, **wrong) == refused
    assert told(mwaa) == before


def test_an_option_may_be_json(mwaa, flow):
    options = {"pin.emr": '{"application_id":"00f","log_uri":"s3://bucket/logs/"}'}
    mwaa.ok("PATCH", "/environments/{}", "flow", AirflowConfigurationOptions=options)
    assert told(mwaa)["AirflowConfigurationOptions"] == options


def test_an_environment_that_is_gone_is_not_found(mwaa, flow):
    assert mwaa.ok("GET", "/environments") == {"Environments": ["flow"]}
    assert mwaa.ok("DELETE", "/environments/{}", "flow") == {}
    gone = (404, "ResourceNotFoundException", "Environment flow does not exist.")
    for method in ("GET", "PATCH", "DELETE"):
        assert mwaa.error(method, "/environments/{}", "flow") == gone
    assert mwaa.ok("GET", "/environments") == {"Environments": []}
    assert mwaa.error("GET", "/tags/{}", ARN)[:2] == (404, "ResourceNotFoundException")


def test_a_taken_name_and_a_missing_field_are_refused(mwaa, flow):
    taken = mwaa.error("PUT", "/environments/{}", "flow", **ASKED)
    assert taken == (400, "ValidationException", "Environment flow already exists.")
    bare = {key: value for key, value in ASKED.items() if key != "ExecutionRoleArn"}
    missing = mwaa.error("PUT", "/environments/{}", "other", **bare)
    assert missing == (400, "ValidationException", "ExecutionRoleArn is required")


def test_tags_come_and_go(mwaa, flow):
    mwaa.ok("POST", "/tags/{}", ARN, Tags={"c": "d"})
    mwaa.ok("DELETE", "/tags/{}", ARN, query={"tagKeys": ["a"]})
    assert mwaa.ok("GET", "/tags/{}", ARN) == {"Tags": {"c": "d"}}
    assert told(mwaa)["Tags"] == {"c": "d"}
