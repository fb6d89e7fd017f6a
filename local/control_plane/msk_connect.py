"""MSK Connect: custom plugins, worker configurations, connectors and their updates.

Everything is ACTIVE or RUNNING as soon as it is asked for, and described as it was asked for. No worker runs here:
offline the connectors run in the Connect worker of the stack.
"""

from typing import Any

from local.control_plane.rest import Call, Json, KafkaService, new_version, now, route


class MskConnect(KafkaService):
    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.plugins: dict[str, Json] = {}
        self.worker_configurations: dict[str, Json] = {}
        self.connectors: dict[str, Json] = {}
        self.operations: dict[str, Json] = {}

    # Custom plugins

    @route("POST", "/v1/custom-plugins")
    def create_plugin(self, call: Call) -> Json:
        name = self.required(call, "name")
        content_type, location = self.required(call, "contentType"), self.required(call, "location")
        revision = {
            "contentType": content_type,
            # The object is not read.
            "fileDescription": {"fileMd5": "0" * 32, "fileSize": 0},
            "location": location,
        }
        arn = self._keep(call, self.plugins, "customPlugin", "custom-plugin", name, revision)
        return {"customPluginArn": arn, "customPluginState": "ACTIVE", "name": name, "revision": 1}

    @route("GET", "/v1/custom-plugins")
    def list_plugins(self, call: Call) -> Json:
        return {"customPlugins": _named(call, self.plugins, "name")}

    @route("GET", "/v1/custom-plugins/{}")
    def describe_plugin(self, call: Call, arn: str) -> Json:
        return self._get(self.plugins, arn)

    @route("DELETE", "/v1/custom-plugins/{}")
    def delete_plugin(self, call: Call, arn: str) -> Json:
        self._forget(self.plugins, arn)
        return {"customPluginArn": arn, "customPluginState": "DELETING"}

    # Worker configurations

    @route("POST", "/v1/worker-configurations")
    def create_worker_configuration(self, call: Call) -> Json:
        name = self.required(call, "name")
        revision = {"propertiesFileContent": self.required(call, "propertiesFileContent")}  # base64, as it came
        kind = "workerConfiguration"
        arn = self._keep(call, self.worker_configurations, kind, "worker-configuration", name, revision)
        return self._get(self.worker_configurations, arn)

    @route("GET", "/v1/worker-configurations")
    def list_worker_configurations(self, call: Call) -> Json:
        return {"workerConfigurations": _named(call, self.worker_configurations, "name")}

    @route("GET", "/v1/worker-configurations/{}")
    def describe_worker_configuration(self, call: Call, arn: str) -> Json:
        return self._get(self.worker_configurations, arn)

    @route("DELETE", "/v1/worker-configurations/{}")
    def delete_worker_configuration(self, call: Call, arn: str) -> Json:
        self._forget(self.worker_configurations, arn)
        return {"workerConfigurationArn": arn, "workerConfigurationState": "DELETING"}

    # Connectors

    @route("POST", "/v1/connectors")
    def create_connector(self, call: Call) -> Json:
        name = self.required(call, "connectorName")
        arn = self._new(call, self.connectors, "connectorName", "connector", name)
        told = {key: value for key, value in call.body.items() if key != "tags" and value is not None}
        self.connectors[arn] = {"connectorDescription": "", "networkType": "IPV4"} | told
        self.connectors[arn] |= {
            "connectorArn": arn,
            "connectorState": "RUNNING",
            "creationTime": now(),
            "currentVersion": new_version(),
        }
        return {"connectorArn": arn, "connectorName": name, "connectorState": "CREATING"}

    @route("GET", "/v1/connectors")
    def list_connectors(self, call: Call) -> Json:
        return {"connectors": _named(call, self.connectors, "connectorName", "connectorNamePrefix")}

    @route("GET", "/v1/connectors/{}")
    def describe_connector(self, call: Call, arn: str) -> Json:
        return self._get(self.connectors, arn)

    @route("PUT", "/v1/connectors/{}")
    def update_connector(self, call: Call, arn: str) -> Json:
        connector = self._get(self.connectors, arn)
        if call.query.get("currentVersion") != [connector["currentVersion"]]:
            raise self.bad_request("The version of the connector is not the current one.")
        changes = {key: call.body[key] for key in ("capacity", "connectorConfiguration") if call.body.get(key)}
        if len(changes) != 1:
            raise self.bad_request("Either capacity or connectorConfiguration is required.")
        connector |= changes | {"currentVersion": new_version()}
        operation = self.arn("kafkaconnect", "connector-operation", connector["connectorName"])
        self.operations[operation] = {
            "connectorArn": arn,
            "connectorOperationArn": operation,
            "connectorOperationState": "UPDATE_COMPLETE",
            "connectorOperationType": (
                "UPDATE_WORKER_SETTING" if "capacity" in changes else "UPDATE_CONNECTOR_CONFIGURATION"
            ),
            "creationTime": now(),
            "endTime": now(),
        }
        return {"connectorArn": arn, "connectorState": "UPDATING", "connectorOperationArn": operation}

    @route("DELETE", "/v1/connectors/{}")
    def delete_connector(self, call: Call, arn: str) -> Json:
        self._forget(self.connectors, arn)
        return {"connectorArn": arn, "connectorState": "DELETING"}

    @route("GET", "/v1/connectorOperations/{}")
    def describe_connector_operation(self, call: Call, arn: str) -> Json:
        return self._get(self.operations, arn)

    def _keep(self, call: Call, kept: dict[str, Json], key: str, kind: str, name: str, revision: Json) -> str:
        """Keep a thing that has revisions, with its first; returns its ARN."""
        arn = self._new(call, kept, "name", kind, name)
        common = {"creationTime": now(), "description": call.body.get("description") or ""}
        kept[arn] = common | {
            "name": name,
            f"{key}Arn": arn,
            f"{key}State": "ACTIVE",
            "latestRevision": common | {"revision": 1} | revision,
        }
        return arn

    def _new(self, call: Call, kept: dict[str, Json], naming: str, kind: str, name: str) -> str:
        if any(other[naming] == name for other in kept.values()):
            raise self.conflict(f"The {kind} {name}")
        arn = self.arn("kafkaconnect", kind, name)
        self.tags[arn] = dict(call.body.get("tags") or {})
        return arn

    def _get(self, kept: dict[str, Json], arn: str) -> Json:
        if arn not in kept:
            raise self.not_found(f"The resource {arn}")
        return kept[arn]

    def _forget(self, kept: dict[str, Json], arn: str) -> None:
        self._get(kept, arn)
        del kept[arn], self.tags[arn]


def _named(call: Call, kept: dict[str, Json], naming: str, query: str = "namePrefix") -> list[Any]:
    [prefix] = call.query.get(query) or [""]
    return [thing for thing in kept.values() if thing[naming].startswith(prefix)]
