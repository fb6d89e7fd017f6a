"""How much each part measures: as much as a figure wants, or as little as shows that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Seconds and numbers of each part; the defaults are for figures."""

    # start
    starts: int = 10  # of each command
    # events
    seconds: float = 8.0  # of each way
    sink_records: int = 200_000
    shard_records: int = 100_000  # that one shard is given through the API
    # stream
    source_records: int = 60_000  # that the source reads
    warm_up: float = 40.0
    measured: float = 180.0  # on Spark
    steady: float = 600.0  # on DuckDB
    idle: float = 30.0
    # batch
    rows: tuple[int, ...] = (10_000, 100_000, 1_000_000)  # of each table


TINY = Sizes(
    starts=1,
    seconds=0.3,
    sink_records=2_000,
    shard_records=10_000,
    source_records=600,
    warm_up=1.0,
    measured=5.0,
    steady=5.0,
    idle=2.0,
    rows=(200,),
)
