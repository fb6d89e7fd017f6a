"""MWAA: environments, AVAILABLE as soon as they are asked for. No Airflow runs behind one."""

import re
import time

from local.control_plane.rest import ACCOUNT, Call, Json, Service, merge, route

LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")
# What the API takes as an option of Airflow.
OPTION = re.compile(r"[a-z]+([a-z0-9._]*[a-z0-9_]+)?")
VALUE = re.compile(r"[ -~]+")


class Mwaa(Service):
    invalid = "ValidationException"
    missing = "ResourceNotFoundException"

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.environments: dict[str, Json] = {}

    @route("PUT", "/environments/{}")
    def create_environment(self, call: Call, name: str) -> Json:
        if name in self.environments:
            raise self.bad_request(f"Environment {name} already exists.")
        for field in ("DagS3Path", "ExecutionRoleArn", "NetworkConfiguration", "SourceBucketArn"):
            self.required(call, field)
        arn = f"arn:aws:airflow:{self.region}:{ACCOUNT}:environment/{name}"
        self._check(call.body)
        asked = {key: value for key, value in call.body.items() if key != "Tags"}
        environment = merge(self._filled_in(name, arn, asked.get("EnvironmentClass")), asked)
        self.environments[name] = environment | {"LastUpdate": {"CreatedAt": time.time(), "Status": "SUCCESS"}}
        self.tags[arn] = dict(call.body.get("Tags") or {})
        return {"Arn": arn}

    @route("GET", "/environments")
    def list_environments(self, call: Call) -> Json:
        return {"Environments": list(self.environments)}

    @route("GET", "/environments/{}")
    def get_environment(self, call: Call, name: str) -> Json:
        environment = self._environment(name)
        return {"Environment": environment | {"Tags": self.tags[environment["Arn"]]}}

    @route("PATCH", "/environments/{}")
    def update_environment(self, call: Call, name: str) -> Json:
        self._check(call.body)
        changes = dict(call.body)
        last = {"CreatedAt": time.time(), "Status": "SUCCESS"}
        if strategy := changes.pop("WorkerReplacementStrategy", None):
            last["WorkerReplacementStrategy"] = strategy
        # A map of options is replaced as a whole, else one could never be taken away.
        options = changes.pop("AirflowConfigurationOptions", None)
        environment = merge(self._environment(name), changes) | {"LastUpdate": last}
        if options is not None:
            environment["AirflowConfigurationOptions"] = options
        if environment.get("RequirementsS3Path") == "":  # so they are taken away
            del environment["RequirementsS3Path"], environment["RequirementsS3ObjectVersion"]
        self.environments[name] = environment
        return {"Arn": environment["Arn"]}

    @route("DELETE", "/environments/{}")
    def delete_environment(self, call: Call, name: str) -> Json:
        arn = self._environment(name)["Arn"]
        del self.environments[name], self.tags[arn]
        return {}

    @route("GET", "/tags/{}")
    def list_tags(self, call: Call, arn: str) -> Json:
        return {"Tags": self.tags_of(arn)}

    @route("POST", "/tags/{}")
    def add_tags(self, call: Call, arn: str) -> Json:
        self.tags_of(arn).update(self.required(call, "Tags"))
        return {}

    @route("DELETE", "/tags/{}")
    def remove_tags(self, call: Call, arn: str) -> Json:
        self.untag(call, arn)
        return {}

    def _environment(self, name: str) -> Json:
        if name not in self.environments:
            raise self.not_found(f"Environment {name}")
        return self.environments[name]

    def _check(self, body: Json) -> None:
        """Refuse what the API does not take, and requirements without their object's version."""
        for name, value in (body.get("AirflowConfigurationOptions") or {}).items():
            if not OPTION.fullmatch(name) or not VALUE.fullmatch(value):
                raise self.bad_request(f"{name}={value} is no option of Airflow")
        if body.get("RequirementsS3Path") and not body.get("RequirementsS3ObjectVersion"):
            raise self.bad_request("RequirementsS3ObjectVersion is required")

    def _filled_in(self, name: str, arn: str, size: str | None) -> Json:
        """What AWS adds to what was asked for; mw1.micro has one of everything."""
        micro = size == "mw1.micro"
        return {
            "Name": name,
            "Arn": arn,
            "Status": "AVAILABLE",
            "CreatedAt": time.time(),
            "AirflowVersion": "3.2.1",
            "EnvironmentClass": "mw1.small",
            "MinWorkers": 1,
            "MaxWorkers": 1 if micro else 10,
            "Schedulers": 1 if micro else 2,
            "MinWebservers": 1 if micro else 2,
            "MaxWebservers": 1 if micro else 2,
            "EndpointManagement": "SERVICE",
            "WebserverAccessMode": "PRIVATE_ONLY",
            "WeeklyMaintenanceWindowStart": "SUN:03:00",
            "ServiceRoleArn": (
                f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA"
            ),
            # A name that never resolves: there is no web server.
            "WebserverUrl": f"{name}.airflow.invalid",
            "LoggingConfiguration": {kind: self._log(name, kind) for kind in LOGS},
        }

    def _log(self, name: str, kind: str) -> Json:
        group = f"arn:aws:logs:{self.region}:{ACCOUNT}:log-group:airflow-{name}-{kind.removesuffix('Logs')}"
        return {"Enabled": kind == "TaskLogs", "LogLevel": "INFO", "CloudWatchLogGroupArn": group}
