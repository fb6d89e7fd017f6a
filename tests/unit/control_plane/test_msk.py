"""MSK as Terraform's provider calls it: configurations, clusters, updates, brokers, and the errors it looks for."""

import re

import pytest

from local.control_plane.msk import Msk

PROPERTIES = "YXV0by5jcmVhdGUudG9waWNzLmVuYWJsZT1mYWxzZQ=="
PROVISIONED = {
    "kafkaVersion": "3.9.x.kraft",
    "numberOfBrokerNodes": 3,
    "brokerNodeGroupInfo": {
        "clientSubnets": ["subnet-1", "subnet-2", "subnet-3"],
        "instanceType": "kafka.t3.small",
        "securityGroups": ["sg-1"],
        "storageInfo": {"ebsStorageInfo": {"volumeSize": 20}},
    },
    "clientAuthentication": {"sasl": {"iam": {"enabled": True}}, "unauthenticated": {"enabled": False}},
    "encryptionInfo": {"encryptionAtRest": {"dataVolumeKMSKeyId": "arn:key"}},
    "configurationInfo": {"arn": "arn:configuration", "revision": 1},
    "enhancedMonitoring": "PER_TOPIC_PER_BROKER",
}
NOWHERE = "arn:aws:kafka:us-east-1:000000000000:cluster/none/1-1"


@pytest.fixture
def msk(client_of):
    return client_of(Msk("us-east-1", "127.0.0.1:9092"))


@pytest.fixture
def configuration(msk):
    body = {"name": "conf", "kafkaVersions": ["3.9.x.kraft"], "serverProperties": PROPERTIES}
    return msk.ok("POST", "/v1/configurations", **body)["arn"]


@pytest.fixture
def cluster(msk):
    return msk.ok("POST", "/v1/clusters", clusterName="pins", tags={"a": "b"}, **PROVISIONED)["clusterArn"]


def described(msk, cluster):
    return msk.ok("GET", "/v1/clusters/{}", cluster)["clusterInfo"]


def test_a_configuration_is_told_as_it_was_asked_for(msk, configuration):
    assert re.fullmatch(r"arn:aws:kafka:us-east-1:000000000000:configuration/conf/[0-9a-f-]{36}-1", configuration)
    told = msk.ok("GET", "/v1/configurations/{}", configuration)
    time = told["creationTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    assert told == {
        "arn": configuration,
        "name": "conf",
        "description": "",
        "kafkaVersions": ["3.9.x.kraft"],
        "creationTime": time,
        "state": "ACTIVE",
        "latestRevision": {"revision": 1, "creationTime": told["latestRevision"]["creationTime"], "description": ""},
    }


def test_each_update_of_a_configuration_is_a_revision(msk, configuration):
    body = {"serverProperties": "bmV3", "description": "second"}
    assert msk.ok("PUT", "/v1/configurations/{}", configuration, **body)["latestRevision"]["revision"] == 2

    revisions = [msk.ok("GET", "/v1/configurations/{}/revisions/{}", configuration, n) for n in ("1", "2")]
    assert [(r["revision"], r["serverProperties"], r["description"]) for r in revisions] == [
        (1, PROPERTIES, ""),
        (2, "bmV3", "second"),
    ]
    listed = msk.ok("GET", "/v1/configurations/{}/revisions", configuration)["revisions"]
    assert [r["revision"] for r in listed] == [1, 2]
    assert msk.ok("GET", "/v1/configurations/{}", configuration)["latestRevision"]["description"] == "second"


def test_a_configuration_that_is_gone_is_a_bad_request(msk, configuration):
    assert msk.ok("DELETE", "/v1/configurations/{}", configuration) == {"arn": configuration, "state": "DELETING"}
    gone = (400, "BadRequestException", "Configuration ARN does not exist.")
    for method, path in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/revisions"), ("GET", "/revisions/1")]:
        assert msk.error(method, "/v1/configurations/{}" + path, configuration) == gone
    assert msk.ok("GET", "/v1/configurations") == {"configurations": []}


def test_names_are_taken_once(msk, configuration, cluster):
    again = {"name": "conf", "serverProperties": PROPERTIES}
    assert msk.error("POST", "/v1/configurations", **again)[:2] == (409, "ConflictException")
    again = {"clusterName": "pins", **PROVISIONED}
    assert msk.error("POST", "/v1/clusters", **again)[:2] == (409, "ConflictException")


def test_a_cluster_is_active_and_told_as_asked_for_with_what_aws_fills_in(msk, cluster):
    assert re.fullmatch(r"arn:aws:kafka:us-east-1:000000000000:cluster/pins/[0-9a-f-]{36}-1", cluster)
    told = described(msk, cluster)
    assert told == {
        "clusterArn": cluster,
        "clusterName": "pins",
        "creationTime": told["creationTime"],
        "currentVersion": told["currentVersion"],
        "state": "ACTIVE",
        "tags": {"a": "b"},
        "brokerNodeGroupInfo": {
            "brokerAZDistribution": "DEFAULT",
            "clientSubnets": ["subnet-1", "subnet-2", "subnet-3"],
            "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
            "instanceType": "kafka.t3.small",
            "securityGroups": ["sg-1"],
            "storageInfo": {"ebsStorageInfo": {"volumeSize": 20}},
        },
        "clientAuthentication": {"sasl": {"iam": {"enabled": True}}, "unauthenticated": {"enabled": False}},
        "currentBrokerSoftwareInfo": {
            "configurationArn": "arn:configuration",
            "configurationRevision": 1,
            "kafkaVersion": "3.9.x.kraft",
        },
        "encryptionInfo": {
            "encryptionAtRest": {"dataVolumeKMSKeyId": "arn:key"},
            "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
        },
        "enhancedMonitoring": "PER_TOPIC_PER_BROKER",
        "numberOfBrokerNodes": 3,
        "storageMode": "LOCAL",
    }


def test_version_2_tells_a_provisioned_cluster_in_an_object_of_its_own(msk, cluster):
    told = msk.ok("GET", "/api/v2/clusters/{}", cluster)["clusterInfo"]
    assert (told["clusterType"], told["state"], told["tags"]) == ("PROVISIONED", "ACTIVE", {"a": "b"})
    assert told["provisioned"]["numberOfBrokerNodes"] == 3


def test_a_serverless_cluster_is_known_to_version_2_only(msk, cluster):
    serverless = {
        "vpcConfigs": [{"subnetIds": ["subnet-1"]}],
        "clientAuthentication": {"sasl": {"iam": {"enabled": True}}},
    }
    made = msk.ok("POST", "/api/v2/clusters", clusterName="less", serverless=serverless)
    told = msk.ok("GET", "/api/v2/clusters/{}", made["clusterArn"])["clusterInfo"]
    assert (told["clusterType"], told["serverless"]) == ("SERVERLESS", serverless)

    def names(path, **query):
        return [c["clusterName"] for c in msk.ok("GET", path, query=query)["clusterInfoList"]]

    assert names("/v1/clusters") == ["pins"]
    assert names("/api/v2/clusters") == ["pins", "less"]
    assert names("/api/v2/clusters", clusterTypeFilter=["SERVERLESS"]) == ["less"]
    assert names("/api/v2/clusters", clusterNameFilter=["pi"]) == ["pins"]


def test_the_brokers_are_the_one_that_runs(msk, cluster):
    iam = msk.ok("GET", "/v1/clusters/{}/bootstrap-brokers", cluster)
    assert iam == {"bootstrapBrokerStringSaslIam": "127.0.0.1:9092"}
    without = {key: value for key, value in PROVISIONED.items() if key != "clientAuthentication"}
    tls = msk.ok("POST", "/v1/clusters", clusterName="open", **without)["clusterArn"]
    told = msk.ok("GET", "/v1/clusters/{}/bootstrap-brokers", tls)
    assert told == {"bootstrapBrokerStringTls": "127.0.0.1:9092"}


@pytest.mark.parametrize(
    ("method", "path", "asked", "where", "told"),
    [
        ("PUT", "nodes/count", {"targetNumberOfBrokerNodes": 6}, "numberOfBrokerNodes", 6),
        (
            "PUT",
            "nodes/type",
            {"targetInstanceType": "kafka.m7g.large"},
            "brokerNodeGroupInfo.instanceType",
            "kafka.m7g.large",
        ),
        (
            "PUT",
            "nodes/storage",
            {"targetBrokerEBSVolumeInfo": [{"kafkaBrokerNodeId": "All", "volumeSizeGB": 50}]},
            "brokerNodeGroupInfo.storageInfo.ebsStorageInfo",
            {"volumeSize": 50},
        ),
        ("PUT", "storage", {"storageMode": "TIERED"}, "storageMode", "TIERED"),
        (
            "PUT",
            "configuration",
            {"configurationInfo": {"arn": "arn:configuration", "revision": 2}},
            "currentBrokerSoftwareInfo",
            {"configurationArn": "arn:configuration", "configurationRevision": 2, "kafkaVersion": "3.9.x.kraft"},
        ),
        (
            "PUT",
            "version",
            {"targetKafkaVersion": "4.0.x.kraft"},
            "currentBrokerSoftwareInfo",
            {"configurationArn": "arn:configuration", "configurationRevision": 1, "kafkaVersion": "4.0.x.kraft"},
        ),
        ("PUT", "monitoring", {"enhancedMonitoring": "DEFAULT"}, "enhancedMonitoring", "DEFAULT"),
        (
            "PATCH",
            "security",
            {"encryptionInfo": {"encryptionInTransit": {"clientBroker": "TLS_PLAINTEXT"}}},
            "encryptionInfo",
            {
                "encryptionAtRest": {"dataVolumeKMSKeyId": "arn:key"},
                "encryptionInTransit": {"clientBroker": "TLS_PLAINTEXT", "inCluster": True},
            },
        ),
        (
            "PUT",
            "connectivity",
            {"connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}},
            "brokerNodeGroupInfo.connectivityInfo",
            {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}},
        ),
    ],
)
def test_an_update_is_done_at_once_and_gives_a_new_version(msk, cluster, method, path, asked, where, told):
    before = described(msk, cluster)["currentVersion"]

    answer = msk.ok(method, f"/v1/clusters/{{}}/{path}", cluster, currentVersion=before, **asked)

    after = described(msk, cluster)
    assert after["currentVersion"] != before
    value = after
    for step in where.split("."):
        value = value[step]
    assert value == told
    for version in ("v1", "api/v2"):
        operation = msk.ok("GET", f"/{version}/operations/{{}}", answer["clusterOperationArn"])
        assert operation["clusterOperationInfo"]["operationState"] == "UPDATE_COMPLETE"
    stale = msk.error(method, f"/v1/clusters/{{}}/{path}", cluster, currentVersion=before, **asked)
    assert stale[:2] == (400, "BadRequestException")


def test_tags_come_and_go(msk, cluster):
    msk.ok("POST", "/v1/tags/{}", cluster, tags={"c": "d"})
    assert msk.ok("GET", "/v1/tags/{}", cluster) == {"tags": {"a": "b", "c": "d"}}
    msk.ok("DELETE", "/v1/tags/{}", cluster, query={"tagKeys": ["a", "absent"]})
    assert described(msk, cluster)["tags"] == {"c": "d"}


def test_a_cluster_that_is_gone_is_not_found(msk, cluster):
    assert msk.ok("DELETE", "/v1/clusters/{}", cluster) == {"clusterArn": cluster, "state": "DELETING"}
    gone = (404, "NotFoundException", f"The cluster {cluster} does not exist.")
    for method, path in [
        ("GET", "/v1/clusters/{}"),
        ("GET", "/api/v2/clusters/{}"),
        ("GET", "/v1/clusters/{}/bootstrap-brokers"),
        ("DELETE", "/v1/clusters/{}"),
    ]:
        assert msk.error(method, path, cluster) == gone
    assert msk.error("GET", "/v1/tags/{}", cluster)[:2] == (404, "NotFoundException")
    assert msk.error("GET", "/v1/operations/{}", NOWHERE)[:2] == (404, "NotFoundException")


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        ("/v1/configurations", {"serverProperties": PROPERTIES}, "name"),
        ("/v1/configurations", {"name": "x"}, "serverProperties"),
        ("/v1/clusters", PROVISIONED, "clusterName"),
        ("/api/v2/clusters", {"clusterName": "x"}, "provisioned"),
    ],
)
def test_what_is_required_is_named_and_nothing_is_made(msk, path, body, missing):
    assert msk.error("POST", path, **body) == (400, "BadRequestException", f"{missing} is required")
    assert all(things == [] for things in msk.ok("GET", path).values())
