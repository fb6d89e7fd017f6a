"""The estate offline: applied to LocalStack and the control plane, then the topics and connectors that AWS would make.

Terraform describes the same estate as on AWS. What the control plane only remembers is done here for real: the topics
on the local broker, and each connector, with the very configuration that MSK Connect has, on the local Connect worker.
"""

import json
import shutil
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from emulator.destination import records_folder
from infra.environment import terraform, variables
from local.connectors import ConnectWorker
from local.services import CONNECT, CONTROL_PLANE, ESTATE_KEEPERS, LOCALSTACK, REST_PROXY, SERVICES
from local.stack import servers
from pipeline.errors import UserError
from pipeline.estate import Estate, estate_file, load_estate
from pipeline.settings import Settings

# How the sink makes itself known to MSK; the broker on loopback asks nobody.
KAFKA_LOGIN = (
    "kafka.admin.security.protocol",
    "kafka.admin.sasl.mechanism",
    "kafka.admin.sasl.jaas.config",
    "kafka.admin.sasl.client.callback.handler.class",
)


def where(settings: Settings) -> dict[str, Any]:
    """Terraform's variables for the offline estate: the addresses of its servers, which are started if need be."""
    stack = servers(settings)
    if not all(map(stack.is_up, SERVICES)):
        stack.up()
    return variables(settings) | {
        "localstack_url": stack.address(LOCALSTACK),
        "control_plane_url": stack.address(CONTROL_PLANE),
        "kafka_rest_url": stack.address(REST_PROXY),
    }


def forget_what_is_gone(settings: Settings) -> None:
    """Drop Terraform's state when the servers that it speaks of have started anew, and remember nothing of it.

    Nor do they remember what the streams were given: what the emulator notes of that goes too.
    """
    folder = terraform(settings).folder
    folder.mkdir(parents=True, exist_ok=True)
    stack = servers(settings)
    now = json.dumps([keeper.instance(stack.address(keeper)) for keeper in ESTATE_KEEPERS])
    then = folder / "servers.json"
    if not then.exists() or then.read_text() != now:
        for state in folder.glob("estate.tfstate*"):
            state.unlink()
        streams = settings.model_copy(update={"lane": "stream", "api_url": None})
        shutil.rmtree(records_folder(streams, estate=None), ignore_errors=True)
        then.write_text(now)


def make_real(settings: Settings, changed: bool) -> None:
    """Make the topics and run the connectors; `changed`: the estate under them is not the one that it was.

    Raises UserError when a connector does not run.
    """
    estate = load_estate(settings)
    make_topics(estate)
    worker = ConnectWorker(servers(settings).address(CONNECT))
    for name, configuration in estate.connectors.items():
        worker.configure(name, offline(configuration, str(estate.aws_endpoint_url)), restart=changed)
        print(f"connector {name}: running", flush=True)


def offline(configuration: dict[str, str], s3: str) -> dict[str, str]:
    """A connector's configuration with the offline endpoints: LocalStack's S3 at `s3`, the broker on loopback."""
    kept = {name: value for name, value in configuration.items() if name not in KAFKA_LOGIN}
    return kept | {"store.url": s3, "s3.path.style.access.enabled": "true"}


def is_ready(settings: Settings) -> bool:
    """Whether nothing is left to do: every server answers, the bucket is there, every connector runs."""
    stack = servers(settings)
    if not estate_file(settings).exists() or not all(map(stack.is_up, SERVICES)):
        return False
    estate = load_estate(settings)
    if estate.aws_endpoint_url != stack.address(LOCALSTACK):
        return False
    buckets = [bucket["Name"] for bucket in estate.client("s3").list_buckets()["Buckets"]]
    worker = ConnectWorker(stack.address(CONNECT))
    return estate.bucket in buckets and all(map(worker.runs, estate.connectors))


def make_topics(estate: Estate) -> None:
    """Create the missing topics; give the others their configuration, and partitions where the estate asks for more."""
    admin = AdminClient({"bootstrap.servers": estate.bootstrap_servers})
    wanted = dict.fromkeys(estate.topics.values(), estate.topic_partitions) | {estate.dead_letter_topic: 1}
    configs = dict.fromkeys(estate.topics.values(), estate.topic_config)
    configs[estate.dead_letter_topic] = estate.dead_letter_topic_config
    have = {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=10).topics.items()}
    missing = [
        NewTopic(topic, partitions, 1, config=configs[topic])
        for topic, partitions in wanted.items()
        if topic not in have
    ]
    changed = [_changes(topic, configs[topic]) for topic in wanted if topic in have]
    grown = [NewPartitions(topic, n) for topic, n in wanted.items() if have.get(topic, n) < n]
    pending = [
        *(admin.create_topics(missing) if missing else {}).items(),
        *(admin.create_partitions(grown) if grown else {}).items(),
        *((of.name, done) for of, done in (admin.incremental_alter_configs(changed) if changed else {}).items()),
    ]
    for topic, done in pending:
        try:
            done.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise UserError(f"topic {topic} could not be made: {error.args[0].str()}") from None
    print(f"topics: {', '.join(wanted)}", flush=True)


def _changes(topic: str, config: dict[str, str]) -> ConfigResource:
    """The request that sets these configurations of a topic."""
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
    return ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
