"""Names of the objects that the S3 sink puts: who reads below a topic's prefix takes nothing else for landed."""

import re
from typing import NamedTuple

# Below topics_dir. connect/.../ObjectNames.java makes them; airflow/dags/pin_dag.py, which runs without us, repeats it.
LANDED = (
    r"(?P<topic>[^/]+)/partition=(?P<partition>0|[1-9][0-9]*)/(?P=topic)\+(?P=partition)"
    r"\+(?P<first>[0-9]{10,19})(\.json|\+(?P<next>[0-9]{10,19})\.missing)"
)

# Offsets: objects of a partition are nearer to each other, or the one before says which offset comes next.
FAR = 10**9


class LandedName(NamedTuple):
    """What a name says. `first`: offset of the first line; offsets count on when a topic is created again.

    `next` is set for an object without lines: Kafka had dropped the offsets from `first` to before it. `digits`: how
    many the offset is written with.
    """

    topic: str
    partition: int
    first: int
    next: int | None
    digits: int = 10

    @property
    def sorts_on(self) -> bool:
        """Whether the name of the next object sorts behind this one. Past the digits that offsets are padded to, names
        grow by one, and sort before shorter ones that begin with a higher digit."""
        return max(self.first, self.next or 0) + FAR < 10**self.digits

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
    first = found["first"]
    name = LandedName(found["topic"], int(found["partition"]), int(first), int(after) if after else None, len(first))
    return name if name.missing >= 0 else None
