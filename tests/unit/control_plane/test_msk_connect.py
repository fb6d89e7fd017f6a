"""MSK Connect as Terraform's provider calls it: plugins, worker configurations, connectors, and its errors."""

import re

import pytest

from local.control_plane.msk_connect import MskConnect

PLUGIN = {
    "name": "plugin",
    "description": "the sink",
    "contentType": "ZIP",
    "location": {"s3Location": {"bucketArn": "arn:aws:s3:::bucket", "fileKey": "sink.zip"}},
}
WORKER = {"name": "worker", "propertiesFileContent": "a2V5LmNvbnZlcnRlcj14"}
CONNECTOR = {
    "connectorName": "sink",
    "connectorDescription": "lands events",
    "capacity": {"autoScaling": {"mcuCount": 1, "minWorkerCount": 1, "maxWorkerCount": 2}},
    "connectorConfiguration": {"connector.class": "S3Sink", "tasks.max": "3"},
    "kafkaCluster": {"apacheKafkaCluster": {"bootstrapServers": "127.0.0.1:9092", "vpc": {"subnets": ["subnet-1"]}}},
    "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
    "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
    "kafkaConnectVersion": "3.7.x",
    "logDelivery": {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "logs"}}},
    "plugins": [{"customPlugin": {"customPluginArn": "arn:plugin", "revision": 1}}],
    "serviceExecutionRoleArn": "arn:role",
    "workerConfiguration": {"workerConfigurationArn": "arn:worker", "revision": 1},
}
KINDS = [
    ("custom-plugins", PLUGIN, "customPlugin"),
    ("worker-configurations", WORKER, "workerConfiguration"),
    ("connectors", CONNECTOR, "connector"),
]


@pytest.fixture
def connect(client_of):
    return client_of(MskConnect("us-east-1"))


@pytest.fixture
def connector(connect):
    return connect.ok("POST", "/v1/connectors", **CONNECTOR, tags={"a": "b"})["connectorArn"]


def described(connect, connector):
    return connect.ok("GET", "/v1/connectors/{}", connector)


def test_a_plugin_is_active_with_its_first_revision(connect):
    made = connect.ok("POST", "/v1/custom-plugins", **PLUGIN)
    arn = made["customPluginArn"]
    assert re.fullmatch(r"arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin/plugin/[0-9a-f-]{36}-1", arn)
    assert made == {"customPluginArn": arn, "customPluginState": "ACTIVE", "name": "plugin", "revision": 1}
    told = connect.ok("GET", "/v1/custom-plugins/{}", arn)
    assert told == {
        "customPluginArn": arn,
        "customPluginState": "ACTIVE",
        "name": "plugin",
        "description": "the sink",
        "creationTime": told["creationTime"],
        "latestRevision": {
            "revision": 1,
            "creationTime": told["creationTime"],
            "description": "the sink",
            "contentType": "ZIP",
            "fileDescription": {"fileMd5": "0" * 32, "fileSize": 0},
            "location": PLUGIN["location"],
        },
    }


def test_a_worker_configuration_is_active_with_its_first_revision(connect):
    made = connect.ok("POST", "/v1/worker-configurations", **WORKER)
    arn = made["workerConfigurationArn"]
    assert made["latestRevision"]["revision"] == 1
    told = connect.ok("GET", "/v1/worker-configurations/{}", arn)
    assert told == {
        "workerConfigurationArn": arn,
        "workerConfigurationState": "ACTIVE",
        "name": "worker",
        "description": "",
        "creationTime": told["creationTime"],
        "latestRevision": {
            "revision": 1,
            "creationTime": told["creationTime"],
            "description": "",
            "propertiesFileContent": "a2V5LmNvbnZlcnRlcj14",
        },
    }


def test_a_connector_runs_and_everything_asked_for_is_told(connect, connector):
    assert re.fullmatch(r"arn:aws:kafkaconnect:us-east-1:000000000000:connector/sink/[0-9a-f-]{36}-1", connector)
    told = described(connect, connector)
    assert told == CONNECTOR | {
        "connectorArn": connector,
        "connectorState": "RUNNING",
        "creationTime": told["creationTime"],
        "currentVersion": told["currentVersion"],
        "networkType": "IPV4",
    }


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (
            {"capacity": {"provisionedCapacity": {"mcuCount": 2, "workerCount": 1}}},
            "UPDATE_WORKER_SETTING",
        ),
        (
            {"connectorConfiguration": {"connector.class": "S3Sink", "tasks.max": "4"}},
            "UPDATE_CONNECTOR_CONFIGURATION",
        ),
    ],
)
def test_an_update_replaces_one_part_and_gives_a_new_version(connect, connector, changes, kind):
    before = described(connect, connector)

    version = {"currentVersion": [before["currentVersion"]]}
    answer = connect.ok("PUT", "/v1/connectors/{}", connector, query=version, **changes)

    after = described(connect, connector)
    assert after == before | changes | {"currentVersion": after["currentVersion"]}
    assert after["currentVersion"] != before["currentVersion"]
    operation = connect.ok("GET", "/v1/connectorOperations/{}", answer["connectorOperationArn"])
    assert (operation["connectorOperationState"], operation["connectorOperationType"]) == ("UPDATE_COMPLETE", kind)


def test_an_update_of_a_version_that_is_not_current_or_of_nothing_is_refused(connect, connector):
    before = described(connect, connector)
    stale = connect.error(
        "PUT", "/v1/connectors/{}", connector, query={"currentVersion": ["K0"]}, capacity={"provisionedCapacity": {}}
    )
    nothing = connect.error("PUT", "/v1/connectors/{}", connector, query={"currentVersion": [before["currentVersion"]]})
    assert [stale[:2], nothing[:2]] == [(400, "BadRequestException")] * 2
    assert described(connect, connector) == before


@pytest.mark.parametrize(("path", "body", "key"), KINDS)
def test_a_name_is_taken_once_and_free_again_when_its_thing_is_gone(connect, path, body, key):
    arn = connect.ok("POST", f"/v1/{path}", **body)[f"{key}Arn"]
    name = body.get("name") or body["connectorName"]
    taken = (409, "ConflictException", f"The {path[:-1]} {name} already exists.")
    assert connect.error("POST", f"/v1/{path}", **body) == taken
    assert [len(listed) for listed in connect.ok("GET", f"/v1/{path}").values()] == [1]

    gone = connect.ok("DELETE", f"/v1/{path}/{{}}", arn)

    assert gone == {f"{key}Arn": arn, f"{key}State": "DELETING"}
    for method in ("GET", "DELETE"):
        missing = connect.error(method, f"/v1/{path}/{{}}", arn)
        assert missing == (404, "NotFoundException", f"The resource {arn} does not exist.")
    assert connect.error("GET", "/v1/tags/{}", arn)[:2] == (404, "NotFoundException")
    assert connect.ok("POST", f"/v1/{path}", **body)[f"{key}Arn"] != arn


def test_lists_are_filtered_by_the_beginning_of_the_name(connect, connector):
    connect.ok("POST", "/v1/connectors", **CONNECTOR | {"connectorName": "dead-letters"})
    connect.ok("POST", "/v1/custom-plugins", **PLUGIN)

    def names(path, naming, **query):
        [listed] = connect.ok("GET", path, query=query).values()
        return [thing[naming] for thing in listed]

    assert names("/v1/connectors", "connectorName") == ["sink", "dead-letters"]
    assert names("/v1/connectors", "connectorName", connectorNamePrefix=["de"]) == ["dead-letters"]
    assert names("/v1/custom-plugins", "name", namePrefix=["x"]) == []


def test_tags_come_and_go(connect, connector):
    connect.ok("POST", "/v1/tags/{}", connector, tags={"c": "d"})
    connect.ok("DELETE", "/v1/tags/{}", connector, query={"tagKeys": ["a"]})
    assert connect.ok("GET", "/v1/tags/{}", connector) == {"tags": {"c": "d"}}
