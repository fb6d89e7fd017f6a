"""The control plane as a process of its own: each service that it answers for, from a thing's making to its end.

What the tests read back is what Terraform's provider reads back. Most of it is moto's: they also tell whether
`moto_patches.py` still holds.
"""

import concurrent.futures
import socket
import urllib.request

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.process import Running, choose_port, start, stop, wait_ready
from local.services import CONTROL_PLANE
from pipeline.settings import load

REGION = "us-east-1"
BROKER = "127.0.0.1:19092"
ASSUME = '{"Version":"2012-10-17","Statement":[]}'


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """The server, without any other of the stack."""
    state = tmp_path_factory.mktemp("control-plane")
    port = choose_port(0, None, "CONTROL_PLANE_PORT")
    launch = CONTROL_PLANE.launch(
        load(state=state), {"control_plane": {"control_plane_port": port}, "kafka": {"kafka_port": 19092}}
    )
    log = state / "control_plane.log"
    running = Running(*start(launch.command, launch.environment, log, launch.folder), {"control_plane_port": port})
    try:
        wait_ready("control_plane", running, lambda: CONTROL_PLANE.answers(f"http://127.0.0.1:{port}"), log)
        yield running
    finally:
        stop(running)


@pytest.fixture(scope="module")
def url(process):
    return f"http://127.0.0.1:{process.ports['control_plane_port']}"


@pytest.fixture(scope="module")
def client(url):
    """Makes clients that go straight to the server, whatever proxies the environment names."""

    def make(service, region=REGION, **config):
        straight = {"inject_host_prefix": False, "proxies": {}, "retries": {"total_max_attempts": 1}} | config
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(**straight),
        )

    return make


@pytest.fixture(scope="module")
def network(client):
    """A VPC with two subnets and a security group."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in [("10.0.0.0/24", "us-east-1a"), ("10.0.1.0/24", "us-east-1b")]
    ]
    group = ec2.create_security_group(GroupName="group", Description="d", VpcId=vpc)["GroupId"]
    return {"vpc": vpc, "subnets": subnets, "group": group}


def code_of(call, **arguments):
    """The error code that the call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


# The server itself


def test_it_is_healthy_and_listens_on_loopback_only(process, url):
    with urllib.request.urlopen(f"{url}/health") as answer:
        assert (answer.status, answer.read()) == (200, b"ok")
    listening = [c.laddr.ip for c in process.process().net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]


def test_what_is_not_known_says_so_in_the_words_of_each_protocol(client):
    arn = "arn:aws:kafka:us-east-1:000000000000:cluster/a/1-1"
    assert code_of(client("kafka").list_nodes, ClusterArn=arn) == "NotImplementedException"
    assert code_of(client("ec2").describe_bundle_tasks) == "NotImplementedException"
    assert code_of(client("rds").describe_source_regions) == "NotImplementedException"


def test_a_request_through_a_proxy_is_answered(client, url):
    """As the provider's client of MWAA sends it: to api.127.0.0.1, by way of http_proxy."""
    mwaa = client("mwaa", inject_host_prefix=True, proxies={"http": url})
    hosts = []
    mwaa.meta.events.register("before-send.*", lambda request, **_: hosts.append(request.url))
    assert code_of(mwaa.get_environment, Name="none") == "ResourceNotFoundException"
    assert hosts == [f"{url.replace('//', '//api.')}/environments/none"]


def test_a_whole_url_is_a_target_like_any_other(process):
    port = process.ports["control_plane_port"]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET http://api.127.0.0.1:{port}/health HTTP/1.1\r\nHost: other\r\n\r\n".encode())
        assert connection.makefile("rb").readline().split()[1] == b"200"


def test_regions_are_apart(client):
    made = client("kafka", "eu-west-1").create_configuration(Name="apart", ServerProperties=b"")["Arn"]
    assert made.startswith("arn:aws:kafka:eu-west-1:000000000000:configuration/apart/")
    assert client("kafka").list_configurations()["Configurations"] == []


def test_of_many_at_once_one_gets_the_name(client):
    connect = client("kafkaconnect", max_pool_connections=16)

    def create(_):
        try:
            connect.create_worker_configuration(name="one", propertiesFileContent="YQ==")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "made"

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(create, range(64)))
    assert outcomes == ["ConflictException"] * 63 + ["made"]


# Our own services


def test_kafka(client, network):
    kafka = client("kafka")
    configuration = kafka.create_configuration(
        Name="conf", KafkaVersions=["3.9.x.kraft"], ServerProperties=b"num.partitions=3"
    )
    told = kafka.describe_configuration_revision(Arn=configuration["Arn"], Revision=1)
    assert told["ServerProperties"] == b"num.partitions=3"
    nodes = {"InstanceType": "kafka.t3.small", "ClientSubnets": network["subnets"], "SecurityGroups": []}
    arn = kafka.create_cluster(
        ClusterName="pins",
        KafkaVersion="3.9.x.kraft",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo=nodes,
        ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}},
        ConfigurationInfo={"Arn": configuration["Arn"], "Revision": 1},
        Tags={"a": "b"},
    )["ClusterArn"]

    cluster = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    assert (cluster["State"], cluster["Tags"], cluster["NumberOfBrokerNodes"]) == ("ACTIVE", {"a": "b"}, 2)
    assert cluster["CurrentBrokerSoftwareInfo"] == {
        "ConfigurationArn": configuration["Arn"],
        "ConfigurationRevision": 1,
        "KafkaVersion": "3.9.x.kraft",
    }
    assert cluster["CreationTime"].tzinfo is not None
    assert kafka.get_bootstrap_brokers(ClusterArn=arn)["BootstrapBrokerStringSaslIam"] == BROKER
    update = kafka.update_broker_count(
        ClusterArn=arn, CurrentVersion=cluster["CurrentVersion"], TargetNumberOfBrokerNodes=4
    )
    operation = kafka.describe_cluster_operation(ClusterOperationArn=update["ClusterOperationArn"])
    assert operation["ClusterOperationInfo"]["OperationState"] == "UPDATE_COMPLETE"
    assert kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]["Provisioned"]["NumberOfBrokerNodes"] == 4

    kafka.delete_cluster(ClusterArn=arn)
    assert code_of(kafka.describe_cluster, ClusterArn=arn) == "NotFoundException"
    kafka.delete_configuration(Arn=configuration["Arn"])
    assert code_of(kafka.describe_configuration, Arn=configuration["Arn"]) == "BadRequestException"


def test_kafkaconnect(client):
    connect = client("kafkaconnect")
    location = {"s3Location": {"bucketArn": "arn:aws:s3:::bucket", "fileKey": "sink.zip"}}
    plugin = connect.create_custom_plugin(name="plugin", contentType="ZIP", location=location)["customPluginArn"]
    worker = connect.create_worker_configuration(name="worker", propertiesFileContent="YQ==")
    asked = {
        "capacity": {"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}},
        "connectorConfiguration": {"connector.class": "S3Sink", "topics": "pin"},
        "kafkaCluster": {
            "apacheKafkaCluster": {"bootstrapServers": BROKER, "vpc": {"subnets": ["s"], "securityGroups": ["g"]}}
        },
        "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
        "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
        "kafkaConnectVersion": "3.7.x",
        "logDelivery": {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "logs"}}},
        "plugins": [{"customPlugin": {"customPluginArn": plugin, "revision": 1}}],
        "serviceExecutionRoleArn": "arn:aws:iam::000000000000:role/connect",
        "workerConfiguration": {"workerConfigurationArn": worker["workerConfigurationArn"], "revision": 1},
    }
    arn = connect.create_connector(connectorName="sink", **asked, tags={"a": "b"})["connectorArn"]

    told = connect.describe_connector(connectorArn=arn)
    assert {name: told[name] for name in asked} == asked
    assert (told["connectorState"], connect.list_tags_for_resource(resourceArn=arn)["tags"]) == ("RUNNING", {"a": "b"})
    assert code_of(connect.create_connector, connectorName="sink", **asked) == "ConflictException"
    changed = {"connector.class": "S3Sink", "topics": "geo"}
    connect.update_connector(connectorArn=arn, currentVersion=told["currentVersion"], connectorConfiguration=changed)
    assert connect.describe_connector(connectorArn=arn)["connectorConfiguration"] == changed
    connect.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert connect.list_tags_for_resource(resourceArn=arn)["tags"] == {}

    connect.delete_connector(connectorArn=arn)
    connect.delete_custom_plugin(customPluginArn=plugin)
    assert code_of(connect.describe_connector, connectorArn=arn) == "NotFoundException"
    assert code_of(connect.describe_custom_plugin, customPluginArn=plugin) == "NotFoundException"


def test_mwaa(client, network):
    mwaa = client("mwaa")
    where = {"SubnetIds": network["subnets"], "SecurityGroupIds": [network["group"]]}
    arn = mwaa.create_environment(
        Name="flow",
        DagS3Path="dags",
        ExecutionRoleArn="arn:aws:iam::000000000000:role/airflow",
        NetworkConfiguration=where,
        SourceBucketArn="arn:aws:s3:::bucket",
        Tags={"a": "b"},
    )["Arn"]

    told = mwaa.get_environment(Name="flow")["Environment"]
    assert (told["Arn"], told["Status"], told["NetworkConfiguration"]) == (arn, "AVAILABLE", where)
    assert told["LastUpdate"]["Status"] == "SUCCESS"
    mwaa.update_environment(Name="flow", MaxWorkers=7)
    mwaa.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    told = mwaa.get_environment(Name="flow")["Environment"]
    assert (told["MaxWorkers"], told["Tags"]) == (7, {"a": "b", "c": "d"})

    mwaa.delete_environment(Name="flow")
    assert mwaa.list_environments()["Environments"] == []
    assert code_of(mwaa.get_environment, Name="flow") == "ResourceNotFoundException"


# moto's, as far as it is mended or the estate stands on it


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
