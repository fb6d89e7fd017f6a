"""The control plane as a process of its own: each service that it answers for, from a thing's making to its end.

What the tests read back is what Terraform's provider reads back. Most of it is moto's: they also tell whether
`moto_patches.py` still holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.process import Running, choose_port, start, stop, wait_ready
from local.services import CONTROL_PLANE
from pipeline.settings import load

REGION = "us-east-1"
BROKER = "127.0.0.1:19092"
ASSUME = '{"Version":"2012-10-17","Statement":[]}'


@contextmanager
def control_plane(state: Path) -> Iterator[Running]:
    """The server, without any other of the stack."""
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


@pytest.fixture(scope="session")
def process(tmp_path_factory):
    with control_plane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


@pytest.fixture(scope="session")
def url(process):
    return f"http://127.0.0.1:{process.ports['control_plane_port']}"


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
