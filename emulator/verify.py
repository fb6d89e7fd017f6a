"""`python -m emulator verify`: does Kafka hold every record that was acknowledged?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.destination import records_folder
from emulator.journal import acknowledged
from emulator.kafka import Kafka
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings


@dataclass(frozen=True)
class Comparison:
    """Records of one topic: `missing` were acknowledged and are not there, `extra` are there besides."""

    acknowledged: int
    in_topic: int
    missing: int
    extra: int


def verify(settings: Settings) -> None:
    """Print a line a topic. Raises UserError when an acknowledged record is missing, or none was acknowledged."""
    estate = load_estate(settings)
    kafka, folder = Kafka(estate), records_folder(settings, estate)
    missing = total = 0
    for topic in estate.topics.values():
        compared = compare(acknowledged(folder, topic), kafka.keys(topic))
        print(
            f"{topic}: {compared.acknowledged:,} acknowledged, {compared.in_topic:,} in the topic, "
            f"{compared.missing:,} missing, {compared.extra:,} extra (sent again, or by others)",
            flush=True,
        )
        missing += compared.missing
        total += compared.acknowledged
    if missing:
        raise UserError(f"{missing:,} acknowledged records are not in Kafka")
    if not total:
        raise UserError(f"nothing was acknowledged yet as far as {folder} tells: send something with `make emulate`")


def compare(expected: Mapping[str | None, int], found: Mapping[str | None, int]) -> Comparison:
    """Compare how often each key was acknowledged with how often it is there."""
    return Comparison(
        acknowledged=sum(expected.values()),
        in_topic=sum(found.values()),
        missing=(Counter(expected) - Counter(found)).total(),
        extra=(Counter(found) - Counter(expected)).total(),
    )
