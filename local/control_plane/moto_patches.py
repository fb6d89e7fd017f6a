"""What moto 5.2.5 answers otherwise than AWS, mended: without these Terraform fails, waits for ever or plans anew.

One function for each, with the reason; `apply` calls all of them.
"""

import inspect
import json
from collections.abc import Iterable
from typing import Any

from botocore import xform_name
from moto.applicationautoscaling import models as autoscaling
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidPermissionNotFoundError
from moto.ec2.models import security_groups
from moto.ec2.responses import EC2Response
from moto.ecs.responses import EC2ContainerServiceResponse as ECSResponse
from moto.elbv2 import models as elb
from moto.elbv2.responses import ELBV2Response
from moto.emrserverless import models as emr
from moto.emrserverless.responses import EMRServerlessResponse
from moto.rds import models as rds
from moto.rds.exceptions import DBParameterGroupNotFoundError


def apply() -> None:
    """Mend moto, once in a process."""
    for patch in PATCHES:
        patch()


def remember(response: Any, thing: Any, names: Iterable[str]) -> None:
    """Keep what the request under way says of these with `thing`, where moto looks for it when it describes it."""
    for name in names:
        value = response._get_param(name)
        if value is not None:
            setattr(thing, xform_name(name), value)


def autoscaling_tags() -> None:
    """moto knows no tags of a scalable target, and the provider asks for them at once."""
    register = ApplicationAutoScalingResponse.register_scalable_target

    def tags(self: Any, arn: str) -> dict[str, str]:
        for targets in self.applicationautoscaling_backend.targets.values():
            for target in targets.values():
                if target.arn == arn:
                    kept: dict[str, str] = vars(target).setdefault("tags", {})
                    return kept
        raise JsonRESTError("ResourceNotFoundException", f"No scalable target found for {arn}")

    def register_scalable_target(self: Any) -> str:
        answer: str = register(self)
        tags(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
        return answer

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": tags(self, self._get_param("ResourceARN"))})

    def tag_resource(self: Any) -> str:
        tags(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("TagKeys"):
            tags(self, self._get_param("ResourceARN")).pop(key, None)
        return "{}"

    for method in (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource):
        setattr(ApplicationAutoScalingResponse, method.__name__, method)


def autoscaling_not_found() -> None:
    """The provider takes a target that is gone for deleted when it reads this code, which moto does not give."""

    def telling_it(method: Any) -> Any:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return method(self, *args, **kwargs)
            except AWSValidationException as error:
                raise JsonRESTError("ObjectNotFoundException", error.message) from None

        return call

    for name in ("deregister_scalable_target", "delete_scaling_policy"):
        backend = autoscaling.ApplicationAutoscalingBackend
        setattr(backend, name, telling_it(getattr(backend, name)))


def ec2_monitoring() -> None:
    """moto cannot switch an instance's detailed monitoring on and off, which the provider does by itself."""

    def switch(self: Any, state: str) -> ActionResult:
        instances = [self.ec2_backend.get_instance(name) for name in self._get_param("InstanceIds")]
        for instance in instances:
            instance.monitoring_state = state
        told = [{"InstanceId": instance.id, "Monitoring": {"State": state}} for instance in instances]
        return ActionResult({"InstanceMonitorings": told})

    EC2Response.monitor_instances = lambda self: switch(self, "enabled")
    EC2Response.unmonitor_instances = lambda self: switch(self, "disabled")


def ec2_revoked_rule() -> None:
    """Where a rule is gone: AWS's error for that is done to the provider, moto's is not."""
    for method in ("revoke_security_group_ingress", "revoke_security_group_egress"):
        revoke = getattr(security_groups.SecurityGroupBackend, method)

        def revoked(self: Any, *args: Any, revoke: Any = revoke, **kwargs: Any) -> None:
            try:
                revoke(self, *args, **kwargs)
            except InvalidPermissionNotFoundError:
                if not kwargs.get("security_rule_ids"):
                    raise
                gone = ", ".join(kwargs["security_rule_ids"])
                raise EC2ClientError(
                    "InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{gone}' does not exist"
                ) from None

        setattr(security_groups.SecurityGroupBackend, method, revoked)


def ec2_rule_description() -> None:
    """moto keeps the description of a rule for a group, forgets that of one for a prefix list, and tells neither."""
    original = security_groups.SecurityGroupRule.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        given = inspect.signature(original).bind(self, *args, **kwargs).arguments
        self.prefix_list = given.get("prefix_list_id") or {}

    def description(self: Any) -> str | None:
        told = (source.get("Description") for source in (self.ip_range, self.source_group, self.prefix_list))
        return next(filter(None, told), None)

    security_groups.SecurityGroupRule.__init__ = init
    security_groups.SecurityGroupRule.description = property(description)


def ecs_service() -> None:
    """moto forgets these of a new service (but not of an updated one), and the provider reads them back."""
    create = ECSResponse.create_service
    forgotten = (
        "availabilityZoneRebalancing",
        "capacityProviderStrategy",
        "deploymentConfiguration",
        "enableECSManagedTags",
        "enableExecuteCommand",
        "healthCheckGracePeriodSeconds",
    )

    def create_service(self: Any) -> ActionResult:
        answer: ActionResult = create(self)
        service = answer.result["service"]
        service.availability_zone_rebalancing = "DISABLED"
        remember(self, service, forgotten)
        return answer

    ECSResponse.create_service = create_service


def elb_network() -> None:
    """moto gives a network load balancer an application's ARN, and forgets whether PrivateLink passes its groups."""
    create, set_groups = elb.ELBv2Backend.create_load_balancer, ELBV2Response.set_security_groups

    def create_load_balancer(self: Any, *args: Any, **kwargs: Any) -> Any:
        balancer = create(self, *args, **kwargs)
        if balancer.type == "network":
            old, balancer.arn = balancer.arn, balancer.arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
            self.load_balancers[balancer.arn] = self.load_balancers.pop(old)
            self.tagging_service.copy_tags(old, balancer.arn)
            self.tagging_service.delete_all_tags_for_resource(old)
        return balancer

    def set_security_groups(self: Any) -> ActionResult:
        name = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        answer: ActionResult = set_groups(self)
        if value := self._get_param(name):
            balancer = self.elbv2_backend.load_balancers[self._get_param("LoadBalancerArn")]
            balancer.enforce_security_group_inbound_rules_on_private_link_traffic = value
            answer.result[name] = value
        return answer

    elb.ELBv2Backend.create_load_balancer = create_load_balancer
    ELBV2Response.set_security_groups = set_security_groups


def emr_application() -> None:
    """moto knows no release of EMR's Spark line, and forgets half of what an application is made of."""
    create_in_backend = emr.EMRServerlessBackend.create_application
    create, update = EMRServerlessResponse.create_application, EMRServerlessResponse.update_application
    forgotten = (
        "architecture",
        "imageConfiguration",
        "interactiveConfiguration",
        "monitoringConfiguration",
        "runtimeConfiguration",
        "workerTypeSpecifications",
    )

    def create_any_release(self: Any, *, release_label: str, **kwargs: Any) -> Any:
        application = create_in_backend(self, release_label="emr-7.0.0", **kwargs)
        application.release_label = release_label
        application.architecture = "X86_64"
        return application

    def create_application(self: Any) -> ActionResult:
        answer: ActionResult = create(self)
        remember(self, self.emrserverless_backend.applications[answer.result["applicationId"]], forgotten)
        return answer

    def update_application(self: Any) -> ActionResult:
        answer: ActionResult = update(self)
        application = answer.result["application"]
        remember(self, application, (*forgotten, "releaseLabel"))
        return answer

    emr.EMRServerlessBackend.create_application = create_any_release
    EMRServerlessResponse.create_application = create_application
    EMRServerlessResponse.update_application = update_application


def emr_application_state() -> None:
    """AWS leaves a new application CREATED; moto starts it, and a started one cannot be deleted."""
    emr.APPLICATION_STATUS = "CREATED"


def rds_parameter_group_not_found() -> None:
    """AWS answers a parameter group that is not there with an error; moto with an empty list."""
    original = rds.RDSBackend.describe_db_parameter_groups

    def describe(self: Any, asked: Any) -> Any:
        groups, name = original(self, asked), asked.get("db_parameter_group_name")
        if name and not groups:
            raise DBParameterGroupNotFoundError(name)
        return groups

    rds.RDSBackend.describe_db_parameter_groups = describe


def rds_parameter_source() -> None:
    """The provider reads only the parameters whose source is the user."""
    original = rds.DBParameterGroup.update_parameters

    def update(self: Any, parameters: list[dict[str, Any]]) -> None:
        original(self, [{"Source": "user", **parameter} for parameter in parameters])

    rds.DBParameterGroup.update_parameters = update


def rds_password_key() -> None:
    """moto looks for the key of a password among its own; ours are LocalStack's."""
    rds.MasterUserSecret.kms_key_id = property(lambda secret: secret.secret.kms_key_id)


PATCHES = (
    autoscaling_tags,
    autoscaling_not_found,
    ec2_monitoring,
    ec2_revoked_rule,
    ec2_rule_description,
    ecs_service,
    elb_network,
    emr_application,
    emr_application_state,
    rds_parameter_group_not_found,
    rds_parameter_source,
    rds_password_key,
)
