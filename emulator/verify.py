"""`python -m emulator verify`: does Kafka, or Kinesis, hold every record that was acknowledged?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.destination import records_folder, targets
from emulator.journal import acknowledged
from pipeline.errors import UserError
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings

if TYPE_CHECKING:
    from emulator.kafka import Kafka
    from emulator.kinesis import Kinesis


@dataclass(frozen=True)
class Comparison:
    """Records of one topic or stream: `missing` were acknowledged and are not there, `extra` are there besides."""

    acknowledged: int
    found: int
    missing: int
    extra: int


def verify(settings: Settings) -> None:
    """Print a line a topic or stream. Raises UserError when an acknowledged record is missing, or there is none."""
    estate = load_estate(settings)
    stream = settings.lane == "stream"
    store = _store(stream, estate)
    folder = records_folder(settings, estate)
    missing = total = 0
    for target in targets(settings, estate).values():
        compared = compare(acknowledged(folder, target), store.keys(target))
        print(
            f"{target}: {compared.acknowledged:,} acknowledged, "
            f"{compared.found:,} in the {'stream' if stream else 'topic'}, "
            f"{compared.missing:,} missing, {compared.extra:,} extra (sent again, or by others)",
            flush=True,
        )
        missing += compared.missing
        total += compared.acknowledged
    if missing:
        lost = "Kinesis, unless they were there for longer than it keeps records" if stream else "Kafka"
        raise UserError(f"{missing:,} acknowledged records are not in {lost}")
    if not total:
        command = "make emulate LANE=stream" if stream else "make emulate"
        raise UserError(f"nothing was acknowledged yet as far as {folder} tells: send something with `{command}`")


def _store(stream: bool, estate: Estate) -> "Kafka | Kinesis":
    """One alone: Kafka's library and the AWS SDK take their time."""
    if stream:
        from emulator.kinesis import Kinesis

        return Kinesis(estate)
    from emulator.kafka import Kafka

    return Kafka(estate)


def compare(expected: Mapping[str | None, int], found: Mapping[str | None, int]) -> Comparison:
    """Compare how often each key was acknowledged with how often it is there."""
    return Comparison(
        acknowledged=sum(expected.values()),
        found=sum(found.values()),
        missing=(Counter(expected) - Counter(found)).total(),
        extra=(Counter(found) - Counter(expected)).total(),
    )
