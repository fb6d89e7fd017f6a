"""Names of the objects that the S3 sink puts: who reads below a topic's prefix takes nothing else for landed."""

import re
from typing import NamedTuple

# Below topics_dir. connect/.../ObjectNames.java makes them; airflow/dags/pin_dag.py, which runs without us, repeats it.
LANDED = (
    r"(?P<topic>[^/]+)/partition=(?P<partition>0|[1-9][0-9]*)/(?P=topic)\+(?P=partition)"
    r"\+(?P<first>[0-9]{10,19})(\.json|\+(?P<next>[0-9]{10,19})\.missing)"
)


class LandedName(NamedTuple):
    """What a name says. `first`: offset of the first line; offsets count on when a topic is created again.

    `next` is set for an object without lines: Kafka had dropped the offsets from `first` to before it.
    """

    topic: str
    partition: int
    first: int
    next: int | None

    @property
    def missing(self) -> int:
        """Number of offsets that never landed."""
        return 0 if self.next is None else self.next - self.first


def landed_name(topics_dir: str, key: str) -> LandedName | None:
    """What the object's key says, None when the sink did not name it."""
    found = re.fullmatch(LANDED, key.removeprefix(f"{topics_dir}/")) if key.startswith(f"{topics_dir}/") else None
    if found is None:
        return None
    after = found["next"]
    name = LandedName(found["topic"], int(found["partition"]), int(found["first"]), int(after) if after else None)
    return name if name.missing >= 0 else None
