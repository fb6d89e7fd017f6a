"""moto's services, as far as they are mended or the estate stands on them: tells whether `moto_patches.py` holds."""

import pytest

from tests.integration.control_plane.conftest import ASSUME, REGION, code_of


def test_sts(client):
    assert client("sts").get_caller_identity()["Account"] == "000000000000"


def test_iam(client):
    iam = client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=ASSUME, Description="d")
    aws_own = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName="role", PolicyArn=aws_own)
    attached = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [aws_own]
    assert iam.get_role(RoleName="role")["Role"]["Arn"] == "arn:aws:iam::000000000000:role/role"

    iam.detach_role_policy(RoleName="role", PolicyArn=aws_own)
    iam.delete_role(RoleName="role")
    assert code_of(iam.get_role, RoleName="role") == "NoSuchEntity"


def test_ec2_network(client):
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    [told] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert (told["State"], told["CidrBlock"]) == ("available", "10.1.0.0/16")
    ec2.delete_vpc(VpcId=vpc)
    assert code_of(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"


@pytest.mark.parametrize("source", ["block", "group", "list"])
def test_ec2_rules_keep_their_description(client, network, source):
    ec2 = client("ec2")
    lists = ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.s3"]}]
    )
    sources = {
        "block": {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "why"}]},
        "group": {"UserIdGroupPairs": [{"GroupId": network["group"], "Description": "why"}]},
        "list": {"PrefixListIds": [{"PrefixListId": lists["PrefixLists"][0]["PrefixListId"], "Description": "why"}]},
    }
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443} | sources[source]

    made = ec2.authorize_security_group_egress(GroupId=network["group"], IpPermissions=[rule])

    name = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    [told] = ec2.describe_security_group_rules(SecurityGroupRuleIds=[name])["SecurityGroupRules"]
    assert told["Description"] == "why"
    ec2.revoke_security_group_egress(GroupId=network["group"], SecurityGroupRuleIds=[name])
    again = code_of(ec2.revoke_security_group_egress, GroupId=network["group"], SecurityGroupRuleIds=[name])
    assert again == "InvalidSecurityGroupRuleId.NotFound"
    missing = code_of(ec2.describe_security_group_rules, SecurityGroupRuleIds=[name])
    assert missing == "InvalidSecurityGroupRuleId.NotFound"


def test_ec2_instances_and_ssm_image(client, network):
    ssm, ec2 = client("ssm"), client("ec2")
    image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    ami = ssm.get_parameter(Name=image)["Parameter"]["Value"]
    [instance] = ec2.run_instances(
        ImageId=ami, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=network["subnets"][0]
    )["Instances"]
    name = [instance["InstanceId"]]

    ec2.monitor_instances(InstanceIds=name)

    [told] = ec2.describe_instances(InstanceIds=name)["Reservations"][0]["Instances"]
    assert (told["State"]["Name"], told["Monitoring"]["State"]) == ("running", "enabled")
    ec2.unmonitor_instances(InstanceIds=name)
    [told] = ec2.describe_instances(InstanceIds=name)["Reservations"][0]["Instances"]
    assert told["Monitoring"]["State"] == "disabled"
    ec2.terminate_instances(InstanceIds=name)
    [told] = ec2.describe_instances(InstanceIds=name)["Reservations"][0]["Instances"]
    assert told["State"]["Name"] == "terminated"
    assert code_of(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]) == "InvalidInstanceID.NotFound"


def test_ssm(client):
    ssm = client("ssm")
    ssm.put_parameter(Name="/pin/x", Value="v", Type="String", Tags=[{"Key": "a", "Value": "b"}])
    assert ssm.get_parameter(Name="/pin/x")["Parameter"]["Value"] == "v"
    ssm.delete_parameter(Name="/pin/x")
    assert code_of(ssm.get_parameter, Name="/pin/x") == "ParameterNotFound"


def test_ecr(client):
    ecr = client("ecr")
    ecr.create_repository(
        repositoryName="pin/proxy",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": "arn:aws:kms:us-east-1:000000000000:key/k"},
    )
    [told] = ecr.describe_repositories(repositoryNames=["pin/proxy"])["repositories"]
    assert (told["imageTagMutability"], told["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    assert told["encryptionConfiguration"]["kmsKey"] == "arn:aws:kms:us-east-1:000000000000:key/k"
    assert code_of(ecr.get_lifecycle_policy, repositoryName="pin/proxy") == "LifecyclePolicyNotFoundException"
    ecr.delete_repository(repositoryName="pin/proxy")
    assert code_of(ecr.describe_repositories, repositoryNames=["pin/proxy"]) == "RepositoryNotFoundException"


@pytest.fixture
def service(client, network):
    """A service of ECS with all that moto would forget."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName="pins")
    ecs.register_task_definition(
        family="proxy",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "proxy", "image": "image:1"}],
    )
    ecs.create_service(
        cluster="pins",
        serviceName="proxy",
        taskDefinition="proxy",
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": network["subnets"], "securityGroups": [network["group"]]}
        },
        enableExecuteCommand=True,
        enableECSManagedTags=True,
        healthCheckGracePeriodSeconds=60,
        deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50},
    )
    yield "proxy"
    ecs.delete_service(cluster="pins", service="proxy", force=True)
    ecs.delete_cluster(cluster="pins")


def test_ecs(client, service):
    ecs = client("ecs")
    [told] = ecs.describe_services(cluster="pins", services=[service])["services"]
    assert (told["status"], told["desiredCount"], told["availabilityZoneRebalancing"]) == ("ACTIVE", 2, "DISABLED")
    assert (told["enableExecuteCommand"], told["enableECSManagedTags"]) == (True, True)
    assert told["healthCheckGracePeriodSeconds"] == 60
    assert told["deploymentConfiguration"] == {"maximumPercent": 150, "minimumHealthyPercent": 50}
    ecs.update_service(cluster="pins", service=service, enableExecuteCommand=False, desiredCount=3)
    [told] = ecs.describe_services(cluster="pins", services=[service])["services"]
    assert (told["enableExecuteCommand"], told["desiredCount"]) == (False, 3)

    assert code_of(ecs.describe_services, cluster="none", services=["x"]) == "ClusterNotFoundException"
    [missing] = ecs.describe_services(cluster="pins", services=["none"])["failures"]
    assert missing["reason"] == "MISSING"


def test_application_autoscaling(client, service):
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/pins/proxy",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    arn = scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4, Tags={"a": "b"})["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"c": "d"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"c": "d"}
    [told] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (told["MinCapacity"], told["MaxCapacity"], told["ScalableTargetARN"]) == (1, 4, arn)
    scaling.put_scaling_policy(
        **target,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    )

    scaling.delete_scaling_policy(**target, PolicyName="cpu")
    scaling.deregister_scalable_target(**target)
    assert code_of(scaling.delete_scaling_policy, **target, PolicyName="cpu") == "ObjectNotFoundException"
    assert code_of(scaling.deregister_scalable_target, **target) == "ObjectNotFoundException"
    assert code_of(scaling.list_tags_for_resource, ResourceARN=arn) == "ResourceNotFoundException"


def test_elbv2(client, network):
    elb = client("elbv2")
    [made] = elb.create_load_balancer(
        Name="proxy", Type="network", Scheme="internal", Subnets=network["subnets"], Tags=[{"Key": "a", "Value": "b"}]
    )["LoadBalancers"]
    arn = made["LoadBalancerArn"]
    assert arn.startswith("arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/proxy/")
    elb.set_security_groups(
        LoadBalancerArn=arn,
        SecurityGroups=[network["group"]],
        EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic="off",
    )
    [told] = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert (told["Type"], told["SecurityGroups"]) == ("network", [network["group"]])
    assert told["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"
    [tags] = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert tags["Tags"] == [{"Key": "a", "Value": "b"}]
    [group] = elb.create_target_group(Name="proxy", Protocol="TCP", Port=80, VpcId=network["vpc"], TargetType="ip")[
        "TargetGroups"
    ]
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    [listener] = elb.create_listener(LoadBalancerArn=arn, Protocol="TCP", Port=80, DefaultActions=forward)["Listeners"]

    elb.delete_listener(ListenerArn=listener["ListenerArn"])
    elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])
    assert code_of(elb.describe_listeners, ListenerArns=[listener["ListenerArn"]]) == "ListenerNotFound"
    assert code_of(elb.describe_load_balancers, LoadBalancerArns=[arn]) == "LoadBalancerNotFound"
    assert code_of(elb.describe_target_groups, TargetGroupArns=[group["TargetGroupArn"]]) == "TargetGroupNotFound"


def test_emr_serverless(client):
    emr = client("emr-serverless")
    image = {"imageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/jobs:1"}
    name = emr.create_application(
        name="jobs",
        type="SPARK",
        releaseLabel="emr-spark-8.1.0",
        clientToken="t",
        architecture="ARM64",
        imageConfiguration=image,
        tags={"a": "b"},
    )["applicationId"]
    told = emr.get_application(applicationId=name)["application"]
    assert (told["state"], told["releaseLabel"], told["architecture"]) == ("CREATED", "emr-spark-8.1.0", "ARM64")
    assert (told["imageConfiguration"], told["tags"]) == (image, {"a": "b"})
    emr.update_application(applicationId=name, clientToken="t", releaseLabel="emr-spark-8.2.0")
    told = emr.get_application(applicationId=name)["application"]
    assert (told["releaseLabel"], told["architecture"]) == ("emr-spark-8.2.0", "ARM64")

    emr.delete_application(applicationId=name)
    assert emr.get_application(applicationId=name)["application"]["state"] == "TERMINATED"
    assert code_of(emr.get_application, applicationId="none") == "ResourceNotFoundException"


def test_rds(client, network):
    rds = client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="pins", DBSubnetGroupDescription="d", SubnetIds=network["subnets"])
    rds.create_db_parameter_group(DBParameterGroupName="pins", DBParameterGroupFamily="mysql8.4", Description="d")
    asked = {"ParameterName": "require_secure_transport", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="pins", Parameters=[asked])
    told = rds.describe_db_parameters(DBParameterGroupName="pins", Source="user")["Parameters"]
    assert [{key: parameter[key] for key in asked} for parameter in told] == [asked]
    rds.create_db_instance(
        DBInstanceIdentifier="pins",
        Engine="mysql",
        EngineVersion="8.4",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="pins",
        DBParameterGroupName="pins",
        VpcSecurityGroupIds=[network["group"]],
    )
    [told] = rds.describe_db_instances(DBInstanceIdentifier="pins")["DBInstances"]
    assert (told["DBInstanceStatus"], told["DBSubnetGroup"]["VpcId"]) == ("available", network["vpc"])
    assert told["MasterUserSecret"]["SecretStatus"] == "active"

    rds.delete_db_instance(DBInstanceIdentifier="pins", SkipFinalSnapshot=True)
    rds.delete_db_parameter_group(DBParameterGroupName="pins")
    rds.delete_db_subnet_group(DBSubnetGroupName="pins")
    assert code_of(rds.describe_db_instances, DBInstanceIdentifier="pins") == "DBInstanceNotFound"
    assert code_of(rds.describe_db_parameter_groups, DBParameterGroupName="pins") == "DBParameterGroupNotFound"
    assert code_of(rds.describe_db_subnet_groups, DBSubnetGroupName="pins") == "DBSubnetGroupNotFoundFault"


def test_wafv2(client):
    waf = client("wafv2")
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "all"}
    rule = {
        "Name": "rate",
        "Priority": 1,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
        "VisibilityConfig": seen,
    }
    made = waf.create_web_acl(
        Name="api", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[rule], VisibilityConfig=seen
    )["Summary"]
    stage = f"arn:aws:apigateway:{REGION}::/restapis/abc/stages/prod"
    waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=stage)
    told = waf.get_web_acl(Name="api", Scope="REGIONAL", Id=made["Id"])
    assert (told["WebACL"]["DefaultAction"], told["WebACL"]["Rules"][0]["Action"]) == ({"Allow": {}}, {"Block": {}})
    assert waf.get_web_acl_for_resource(ResourceArn=stage)["WebACL"]["ARN"] == made["ARN"]

    waf.disassociate_web_acl(ResourceArn=stage)
    waf.delete_web_acl(Name="api", Scope="REGIONAL", Id=made["Id"], LockToken=told["LockToken"])
    assert code_of(waf.get_web_acl, Name="api", Scope="REGIONAL", Id=made["Id"]) == "WAFNonexistentItemException"
