"""MSK: configurations with their revisions, clusters with their updates, and the real broker's address.

A cluster is ACTIVE and an update is complete as soon as it is asked for. What was asked for is told again, with what
AWS fills in. No broker stands behind a cluster: all of them have the address of the one that runs here.
"""

from typing import Any

from local.control_plane.rest import ACCOUNT, Call, Json, KafkaService, merge, new_version, now, route


class Msk(KafkaService):
    """`bootstrap_servers` is host:port of the broker that runs on this machine."""

    def __init__(self, region: str, bootstrap_servers: str) -> None:
        super().__init__(region)
        self.bootstrap_servers = bootstrap_servers
        self.configurations: dict[str, Json] = {}
        self.revisions: dict[str, list[Json]] = {}
        self.clusters: dict[str, Json] = {}
        self.operations: dict[str, Json] = {}

    # Configurations

    @route("POST", "/v1/configurations")
    def create_configuration(self, call: Call) -> Json:
        name = self.required(call, "name")
        self.required(call, "serverProperties")
        if any(other["name"] == name for other in self.configurations.values()):
            raise self.conflict(f"The configuration {name}")
        arn = self.arn("kafka", "configuration", name)
        self.configurations[arn] = {
            "arn": arn,
            "name": name,
            "description": call.body.get("description") or "",
            "kafkaVersions": call.body.get("kafkaVersions") or [],
            "creationTime": now(),
            "state": "ACTIVE",
        }
        self.revisions[arn] = []
        return self._revise(call, arn)

    @route("GET", "/v1/configurations")
    def list_configurations(self, call: Call) -> Json:
        return {"configurations": [self.describe_configuration(call, arn) for arn in self.configurations]}

    @route("GET", "/v1/configurations/{}")
    def describe_configuration(self, call: Call, arn: str) -> Json:
        return self._configuration(arn) | {"latestRevision": _summary(self.revisions[arn][-1])}

    @route("PUT", "/v1/configurations/{}")
    def update_configuration(self, call: Call, arn: str) -> Json:
        self._configuration(arn)
        return {"arn": arn, "latestRevision": self._revise(call, arn)["latestRevision"]}

    @route("DELETE", "/v1/configurations/{}")
    def delete_configuration(self, call: Call, arn: str) -> Json:
        self._configuration(arn)
        del self.configurations[arn], self.revisions[arn]
        return {"arn": arn, "state": "DELETING"}

    @route("GET", "/v1/configurations/{}/revisions")
    def list_revisions(self, call: Call, arn: str) -> Json:
        self._configuration(arn)
        return {"revisions": [_summary(revision) for revision in self.revisions[arn]]}

    @route("GET", "/v1/configurations/{}/revisions/{}")
    def describe_revision(self, call: Call, arn: str, number: str) -> Json:
        self._configuration(arn)
        for revision in self.revisions[arn]:
            if str(revision["revision"]) == number:
                return {"arn": arn} | revision
        raise self.bad_request("Configuration revision does not exist.")

    def _configuration(self, arn: str) -> Json:
        if arn not in self.configurations:
            # AWS answers 400 here, not 404, and Terraform looks for these very words.
            raise self.bad_request("Configuration ARN does not exist.")
        return self.configurations[arn]

    def _revise(self, call: Call, arn: str) -> Json:
        revision = {
            "revision": len(self.revisions[arn]) + 1,
            "creationTime": now(),
            "description": call.body.get("description") or "",
            "serverProperties": self.required(call, "serverProperties"),  # base64, as it came
        }
        self.revisions[arn].append(revision)
        return self.describe_configuration(call, arn)

    # Clusters: version 1 of the API knows provisioned ones only, version 2 serverless ones too

    @route("POST", "/v1/clusters")
    def create_cluster(self, call: Call) -> Json:
        return self._create(call, "PROVISIONED", _provisioned(self.region, call.body))

    @route("POST", "/api/v2/clusters")
    def create_cluster_v2(self, call: Call) -> Json:
        if call.body.get("serverless"):
            return self._create(call, "SERVERLESS", call.body["serverless"])
        return self._create(call, "PROVISIONED", _provisioned(self.region, self.required(call, "provisioned")))

    @route("GET", "/v1/clusters")
    def list_clusters(self, call: Call) -> Json:
        provisioned = [c for c in self._selected(call) if c["clusterType"] == "PROVISIONED"]
        return {"clusterInfoList": [self.describe_cluster(call, c["clusterArn"])["clusterInfo"] for c in provisioned]}

    @route("GET", "/api/v2/clusters")
    def list_clusters_v2(self, call: Call) -> Json:
        [kind] = call.query.get("clusterTypeFilter") or ["ALL"]
        chosen = [c for c in self._selected(call) if kind in ("ALL", c["clusterType"])]
        return {"clusterInfoList": [self.describe_cluster_v2(call, c["clusterArn"])["clusterInfo"] for c in chosen]}

    @route("GET", "/v1/clusters/{}")
    def describe_cluster(self, call: Call, arn: str) -> Json:
        cluster = self._cluster(arn)
        flat = {key: value for key, value in cluster.items() if key not in ("details", "clusterType")}
        return {"clusterInfo": flat | cluster["details"] | {"tags": self.tags[arn]}}

    @route("GET", "/api/v2/clusters/{}")
    def describe_cluster_v2(self, call: Call, arn: str) -> Json:
        cluster = self._cluster(arn)
        kind = cluster["clusterType"].lower()
        common = {key: value for key, value in cluster.items() if key != "details"}
        return {"clusterInfo": common | {kind: cluster["details"], "tags": self.tags[arn]}}

    @route("GET", "/v1/clusters/{}/bootstrap-brokers")
    def bootstrap_brokers(self, call: Call, arn: str) -> Json:
        authentication = self._cluster(arn)["details"].get("clientAuthentication") or {}
        iam = (authentication.get("sasl") or {}).get("iam") or {}
        kind = "SaslIam" if iam.get("enabled") else "Tls"
        return {f"bootstrapBrokerString{kind}": self.bootstrap_servers}

    @route("DELETE", "/v1/clusters/{}")
    def delete_cluster(self, call: Call, arn: str) -> Json:
        self._cluster(arn)
        del self.clusters[arn], self.tags[arn]
        return {"clusterArn": arn, "state": "DELETING"}

    def _create(self, call: Call, kind: str, details: Json) -> Json:
        name = self.required(call, "clusterName")
        if any(other["clusterName"] == name for other in self.clusters.values()):
            raise self.conflict(f"The cluster {name}")
        arn = self.arn("kafka", "cluster", name)
        self.clusters[arn] = {
            "clusterArn": arn,
            "clusterName": name,
            "clusterType": kind,
            "creationTime": now(),
            "currentVersion": new_version(),
            "state": "ACTIVE",
            "details": details,
        }
        self.tags[arn] = dict(call.body.get("tags") or {})
        return {"clusterArn": arn, "clusterName": name, "clusterType": kind, "state": "CREATING"}

    def _cluster(self, arn: str) -> Json:
        if arn not in self.clusters:
            raise self.not_found(f"The cluster {arn}")
        return self.clusters[arn]

    def _selected(self, call: Call) -> list[Json]:
        [prefix] = call.query.get("clusterNameFilter") or [""]
        return [cluster for cluster in self.clusters.values() if cluster["clusterName"].startswith(prefix)]

    # Updates of a provisioned cluster

    @route("PUT", "/v1/clusters/{}/nodes/count")
    def update_broker_count(self, call: Call, arn: str) -> Json:
        return self._update(call, arn, {"numberOfBrokerNodes": self.required(call, "targetNumberOfBrokerNodes")})

    @route("PUT", "/v1/clusters/{}/nodes/type")
    def update_broker_type(self, call: Call, arn: str) -> Json:
        instance_type = self.required(call, "targetInstanceType")
        return self._update(call, arn, {"brokerNodeGroupInfo": {"instanceType": instance_type}})

    @route("PUT", "/v1/clusters/{}/nodes/storage")
    def update_broker_storage(self, call: Call, arn: str) -> Json:
        # One for all brokers: the provider knows no other.
        volume = self.required(call, "targetBrokerEBSVolumeInfo")[0]
        return self._update(call, arn, _storage(volume))

    @route("PUT", "/v1/clusters/{}/storage")
    def update_storage(self, call: Call, arn: str) -> Json:
        return self._update(call, arn, _storage(call.body) | {"storageMode": call.body.get("storageMode")})

    @route("PUT", "/v1/clusters/{}/configuration")
    def update_cluster_configuration(self, call: Call, arn: str) -> Json:
        self.required(call, "configurationInfo")
        return self._update(call, arn, {"currentBrokerSoftwareInfo": _software(call.body)})

    @route("PUT", "/v1/clusters/{}/version")
    def update_kafka_version(self, call: Call, arn: str) -> Json:
        software = _software(call.body) | {"kafkaVersion": self.required(call, "targetKafkaVersion")}
        return self._update(call, arn, {"currentBrokerSoftwareInfo": software})

    @route("PUT", "/v1/clusters/{}/monitoring")
    def update_monitoring(self, call: Call, arn: str) -> Json:
        return self._update(call, arn, _chosen(call.body, "enhancedMonitoring", "openMonitoring", "loggingInfo"))

    @route("PATCH", "/v1/clusters/{}/security")
    def update_security(self, call: Call, arn: str) -> Json:
        return self._update(call, arn, _chosen(call.body, "clientAuthentication", "encryptionInfo"))

    @route("PUT", "/v1/clusters/{}/connectivity")
    def update_connectivity(self, call: Call, arn: str) -> Json:
        connectivity = self.required(call, "connectivityInfo")
        return self._update(call, arn, {"brokerNodeGroupInfo": {"connectivityInfo": connectivity}})

    @route("GET", "/v1/operations/{}")
    @route("GET", "/api/v2/operations/{}")
    def describe_operation(self, call: Call, arn: str) -> Json:
        if arn not in self.operations:
            raise self.not_found(f"The operation {arn}")
        return {"clusterOperationInfo": self.operations[arn]}

    def _update(self, call: Call, arn: str, changes: Json) -> Json:
        cluster = self._cluster(arn)
        if call.body.get("currentVersion") != cluster["currentVersion"]:
            raise self.bad_request("The version of the cluster is not the current one.")
        cluster["details"] = merge(cluster["details"], changes)
        cluster["currentVersion"] = new_version()
        operation = self.arn("kafka", "cluster-operation", cluster["clusterName"])
        self.operations[operation] = {
            "clusterArn": arn,
            "operationArn": operation,
            "operationState": "UPDATE_COMPLETE",
            "creationTime": now(),
            "endTime": now(),
        }
        return {"clusterArn": arn, "clusterOperationArn": operation}


def _summary(revision: Json) -> Json:
    return {key: value for key, value in revision.items() if key != "serverProperties"}


def _provisioned(region: str, asked: Json) -> Json:
    """What a description tells of a provisioned cluster: what was asked for, over what AWS fills in."""
    filled_in = {
        "brokerNodeGroupInfo": {
            "brokerAZDistribution": "DEFAULT",
            "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
        },
        "encryptionInfo": {
            "encryptionAtRest": {"dataVolumeKMSKeyId": f"arn:aws:kms:{region}:{ACCOUNT}:alias/aws/kafka"},
            "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
        },
        "enhancedMonitoring": "DEFAULT",
        "storageMode": "LOCAL",
        "currentBrokerSoftwareInfo": _software(asked) | {"kafkaVersion": asked.get("kafkaVersion")},
    }
    told = (
        "brokerNodeGroupInfo",
        "clientAuthentication",
        "encryptionInfo",
        "enhancedMonitoring",
        "loggingInfo",
        "numberOfBrokerNodes",
        "openMonitoring",
        "storageMode",
    )
    return merge(filled_in, _chosen(asked, *told))


def _software(asked: Json) -> Json:
    configuration = asked.get("configurationInfo") or {}
    named = {"configurationArn": configuration.get("arn"), "configurationRevision": configuration.get("revision")}
    return {key: value for key, value in named.items() if value is not None}


def _storage(volume: Json) -> Json:
    ebs: dict[str, Any] = {
        "volumeSize": volume.get("volumeSizeGB"),
        "provisionedThroughput": volume.get("provisionedThroughput"),
    }
    return {"brokerNodeGroupInfo": {"storageInfo": {"ebsStorageInfo": ebs}}}


def _chosen(body: Json, *names: str) -> Json:
    return {name: body[name] for name in names if body.get(name) is not None}
