"""`make infra` offline: apply the estate to LocalStack, then make in Kafka and Connect what AWS would make itself."""

import json
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from local.connectors import ConnectWorker
from local.services import CONNECT, KAFKA, LOCALSTACK, REST_PROXY, SERVICES
from local.stack import Stack
from local.terraform import Terraform
from pipeline.errors import UserError
from pipeline.estate import Estate, estate_file, load_estate
from pipeline.settings import Settings


def apply(settings: Settings) -> None:
    """Apply the estate, write its outputs to estate.json, make the topics and the connectors.

    Raises UserError when the stack is down, Terraform fails or a connector does not run.
    """
    stack = Stack(settings)
    for service in SERVICES:
        if not stack.is_up(service):
            raise UserError(f"{service.name} is not running: start the offline stack with `make up`")
    terraform = Terraform(settings)
    changes = terraform.apply(
        {
            "user_id": settings.user_id,
            "region": settings.aws_region,
            "localstack_url": stack.address(LOCALSTACK),
            "kafka_rest_url": stack.address(REST_PROXY),
            "bootstrap_servers": stack.address(KAFKA),
        }
    )
    write_outputs(settings, terraform.outputs()["estate"])
    estate = load_estate(settings)
    make_topics(estate)
    worker = ConnectWorker(stack.address(CONNECT))
    for name, configuration in estate.connectors.items():
        worker.configure(name, configuration, restart=changes > 0)
        print(f"connector {name}: running", flush=True)


def is_ready(settings: Settings) -> bool:
    """Whether `apply` has nothing to do: every server answers, the bucket is there, every connector runs."""
    stack = Stack(settings)
    if not estate_file(settings).exists() or not all(map(stack.is_up, SERVICES)):
        return False
    estate = load_estate(settings)
    if estate.aws_endpoint_url != stack.address(LOCALSTACK):
        return False
    buckets = [bucket["Name"] for bucket in estate.client("s3").list_buckets()["Buckets"]]
    worker = ConnectWorker(stack.address(CONNECT))
    return estate.bucket in buckets and all(map(worker.runs, estate.connectors))


def destroy(settings: Settings) -> None:
    """Destroy the estate and forget its outputs; the topics stay in Kafka until `make clean`."""
    Terraform(settings).destroy()
    estate_file(settings).unlink(missing_ok=True)


def write_outputs(settings: Settings, outputs: dict[str, Any]) -> None:
    """Leave the outputs where every other part reads them."""
    path = estate_file(settings)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(outputs, indent=2) + "\n")
    temporary.replace(path)


def make_topics(estate: Estate) -> None:
    """Create the topics that are not there, and add partitions where the estate now asks for more."""
    admin = AdminClient({"bootstrap.servers": estate.bootstrap_servers})
    wanted = dict.fromkeys(estate.topics.values(), estate.topic_partitions) | {estate.dead_letter_topic: 1}
    have = {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=10).topics.items()}
    missing = [
        NewTopic(topic, partitions, 1, config=estate.topic_config)
        for topic, partitions in wanted.items()
        if topic not in have
    ]
    grown = [NewPartitions(topic, n) for topic, n in wanted.items() if have.get(topic, n) < n]
    pending = (admin.create_topics(missing) if missing else {}) | (admin.create_partitions(grown) if grown else {})
    for topic, done in pending.items():
        try:
            done.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise UserError(f"topic {topic} could not be made: {error.args[0].str()}") from None
    print(f"topics: {', '.join(wanted)}", flush=True)
