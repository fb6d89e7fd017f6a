"""The servers of the offline stack: how each starts, and how one sees that it answers."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from local.setup import CONNECT_PLUGINS, CONTROL_PLANE_PYTHON, JAVA, LOCALSTACK_PYTHON, ROOT, java_program
from pipeline.environment import of_server
from pipeline.errors import UserError
from pipeline.settings import Settings

KAFKA_FILES = ROOT / "local" / "kafka"
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
JVM = ["-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


@dataclass(frozen=True)
class Launch:
    """A command line, its environment on top of this process's, and the folder it starts in."""

    command: list[str]
    environment: dict[str, str]
    folder: Path


@dataclass(frozen=True)
class Service:
    """A server: `ports` are the ones it listens on, the first its address and a setting of its own.

    It starts after the servers it `needs`. Those it `knows` it only holds the address of: it waits for none of them,
    but starts anew when one has moved to another port. As a container of docker/compose.yaml it listens at `container`.
    `instance` gives, for its address, what tells this start of the server from another one.
    """

    name: str
    ports: tuple[str, ...]
    scheme: str
    needs: tuple[str, ...]
    launch: Callable[[Settings, dict[str, dict[str, int]]], Launch]
    answers: Callable[[str], bool]
    container: str
    knows: tuple[str, ...] = ()
    instance: Callable[[str], str] = lambda address: address

    def address(self, ports: dict[str, int]) -> str:
        return f"{self.scheme}127.0.0.1:{ports[self.ports[0]]}"


def http_get(url: str, timeout: float = 2.0) -> bytes | None:
    """What a GET of the URL is answered with, None when that is not with 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:  # noqa: S310 - one of our own servers
            return bytes(answer.read()) if answer.status == 200 else None
    except OSError:
        return None


def http_ok(url: str) -> bool:
    """Whether a GET of the URL is answered with 200."""
    return http_get(url) is not None


def broker_answers(bootstrap_servers: str) -> bool:
    """Whether a broker lists its topics within a second."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0}, logger=_silent)
    try:
        admin.list_topics(timeout=1)
    except KafkaException:
        return False
    return True


def _localstack(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    folder = (settings.state / "localstack").resolve()
    environment = {
        "GATEWAY_LISTEN": f"127.0.0.1:{ports['localstack']['localstack_port']}",
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "EAGER_SERVICE_LOADING": "0",
        "LS_LOG": "warning",
        # These keep instances apart where LocalStack believes itself in a container.
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(folder),
        "AWS_CA_BUNDLE": "",
        "KINESIS_URL": f"http://127.0.0.1:{ports['kinesis']['kinesis_port']}",
    }
    server = ROOT / "local" / "localstack_server.py"
    return Launch([str(LOCALSTACK_PYTHON), str(server), str(folder / "s3")], environment, folder)


def _kinesis(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    command = [str(CONTROL_PLANE_PYTHON), "-m", "local.kinesis", "--port", str(ports["kinesis"]["kinesis_port"])]
    command += ["--limits", "yes" if settings.kinesis_limits else "no"]
    return Launch(command, {}, ROOT)


def _control_plane(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    command = [str(CONTROL_PLANE_PYTHON), "-m", "local.control_plane"]
    command += ["--port", str(ports["control_plane"]["control_plane_port"])]
    command += ["--bootstrap-servers", f"127.0.0.1:{ports['kafka']['kafka_port']}"]
    return Launch(command, {}, ROOT)


def _kafka(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    folder = (settings.state / "kafka").resolve()
    own = ports["kafka"]
    properties = _render(
        settings,
        "broker.properties",
        host="127.0.0.1",
        port=own["kafka_port"],
        controller_port=own["controller_port"],
        data=folder / "data",
    )
    if not (folder / "data" / "meta.properties").exists():
        tool = [java_program(), *JVM, "-cp", f"{JAVA / 'kafka'}/*", "kafka.tools.StorageTool", "format"]
        answer = subprocess.run(
            [*tool, "--cluster-id", CLUSTER_ID, "-c", properties],
            env=of_server({}),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise UserError(f"kafka's storage at {folder} could not be formatted: {answer.stderr.strip()}")
    return _jvm("kafka", "kafka.Kafka", properties, "512m", {}, folder)


def _connect(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    properties = _render(
        settings,
        "connect.properties",
        host="127.0.0.1",
        port=ports["connect"]["connect_port"],
        bootstrap_servers=f"127.0.0.1:{ports['kafka']['kafka_port']}",
        plugins=CONNECT_PLUGINS,
    )
    # LocalStack takes any credentials; on AWS the worker's role gives them.
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": settings.aws_region,
    }
    main = "org.apache.kafka.connect.cli.ConnectDistributed"
    return _jvm("connect", main, properties, "384m", environment, (settings.state / "connect").resolve())


def _rest_proxy(settings: Settings, ports: dict[str, dict[str, int]]) -> Launch:
    command = [sys.executable, "-m", "rest_proxy", "--port", str(ports["rest_proxy"]["rest_proxy_port"])]
    command += ["--bootstrap-servers", f"127.0.0.1:{ports['kafka']['kafka_port']}"]
    return Launch(command, {}, ROOT)


def _jvm(name: str, main: str, properties: Path, memory: str, environment: dict[str, str], folder: Path) -> Launch:
    options = [*JVM, f"-Xmx{memory}", f"-Dlog4j2.configurationFile={(KAFKA_FILES / 'log4j2.xml').as_uri()}"]
    command = [java_program(), *options, "-cp", f"{JAVA / 'kafka'}/*", main, str(properties)]
    return Launch(command, environment, folder)


def _render(settings: Settings, template: str, **values: object) -> Path:
    """Fill in a file of local/kafka; the result lies beside the server's data."""
    path = (settings.state / "config" / template).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template((KAFKA_FILES / template).read_text()).substitute(values))
    return path


class _Silent:
    """A logger for librdkafka that says nothing: a broker that is not up yet is no news."""

    def log(self, *_: object) -> None:
        pass


_silent = _Silent()

KINESIS = Service(
    "kinesis",
    ports=("kinesis_port",),
    scheme="http://",
    needs=(),
    launch=_kinesis,
    answers=lambda address: http_ok(f"{address}/health"),
    container="kinesis:4568",
    instance=lambda address: (http_get(f"{address}/health") or b"").decode(),
)
LOCALSTACK = Service(
    "localstack",
    ports=("localstack_port",),
    scheme="http://",
    needs=(),
    launch=_localstack,
    answers=lambda address: http_ok(f"{address}/_localstack/health"),
    container="localstack:4566",
    instance=lambda address: str(json.loads(http_get(f"{address}/_localstack/info") or b"{}").get("session_id")),
    knows=("kinesis",),
)
CONTROL_PLANE = Service(
    "control_plane",
    ports=("control_plane_port",),
    scheme="http://",
    needs=(),
    launch=_control_plane,
    answers=lambda address: http_ok(f"{address}/health"),
    container="control-plane:5000",
    instance=lambda address: (http_get(f"{address}/health") or b"").decode(),
    # Starting anew forgets what it was told, but a moved broker is rare, and Terraform then makes everything again.
    knows=("kafka",),
)
KAFKA = Service(
    "kafka",
    ports=("kafka_port", "controller_port"),
    scheme="",
    needs=(),
    launch=_kafka,
    answers=broker_answers,
    container="kafka:9092",
)
CONNECT = Service(
    "connect",
    ports=("connect_port",),
    scheme="http://",
    needs=("kafka",),
    launch=_connect,
    answers=lambda address: http_ok(f"{address}/health"),
    container="connect:8083",
)
REST_PROXY = Service(
    "rest_proxy",
    ports=("rest_proxy_port",),
    scheme="http://",
    needs=("kafka",),
    launch=_rest_proxy,
    answers=lambda address: http_ok(f"{address}/health"),
    container="rest-proxy:8082",
)
# Each after what it needs; `down` goes the other way, for Connect leaves its groups through the broker.
SERVICES = (KINESIS, LOCALSTACK, CONTROL_PLANE, KAFKA, CONNECT, REST_PROXY)
# What Terraform made is in the memory of these, a part of it in each.
ESTATE_KEEPERS = (KINESIS, LOCALSTACK, CONTROL_PLANE)
