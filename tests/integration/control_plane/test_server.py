"""The control plane as a server: where it listens, how it is asked, what it says to what it does not know."""

import concurrent.futures
import socket
import urllib.request

import psutil
from botocore.exceptions import ClientError

from tests.integration.control_plane.conftest import code_of


def test_it_is_healthy_and_listens_on_loopback_only(process, url):
    with urllib.request.urlopen(f"{url}/health") as first, urllib.request.urlopen(f"{url}/health") as second:
        assert (first.status, len(first.read())) == (200, 36)  # which start of it this is
        assert second.status == 200
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


def test_a_call_that_is_sent_again_is_done_once(client):
    ec2 = client("ec2")
    calls = iter(("one", "one", "another"))

    def name(request, **_):
        request.headers["amz-sdk-invocation-id"] = next(calls)

    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="twice", Description="twice", VpcId=vpc)["GroupId"]
    ec2.meta.events.register("before-send.ec2.AuthorizeSecurityGroupIngress", name)
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    asked = {"GroupId": group, "IpPermissions": [rule]}
    first, second = (ec2.authorize_security_group_ingress(**asked)["SecurityGroupRules"] for _ in range(2))
    assert [one["SecurityGroupRuleId"] for one in first] == [one["SecurityGroupRuleId"] for one in second]
    assert code_of(ec2.authorize_security_group_ingress, **asked) == "InvalidPermission.Duplicate"


def test_a_call_of_our_own_services_that_is_sent_again_is_done_once(client):
    connect = client("kafkaconnect")
    calls = iter(("first", "first", "second"))

    def name(request, **_):
        request.headers["amz-sdk-invocation-id"] = next(calls)

    connect.meta.events.register("before-send.kafkaconnect.CreateWorkerConfiguration", name)
    asked = {"name": "twice", "propertiesFileContent": "YQ=="}
    first, second = (connect.create_worker_configuration(**asked)["workerConfigurationArn"] for _ in range(2))
    assert first == second
    assert code_of(connect.create_worker_configuration, **asked) == "ConflictException"


def test_regions_are_apart(client):
    made = client("kafka", "eu-west-1").create_configuration(Name="apart", ServerProperties=b"")["Arn"]
    assert made.startswith("arn:aws:kafka:eu-west-1:000000000000:configuration/apart/")
    assert made not in [one["Arn"] for one in client("kafka").list_configurations()["Configurations"]]


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
