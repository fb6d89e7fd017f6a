"""`python -m jobs parity`: are the rows of the stream lane's tables the very rows that the batch lane's tables hold?"""

from jobs.session import session
from jobs.tables import Table
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings


def parity(settings: Settings) -> None:
    """Compare the rows of all keys that the stream lane holds, value by value.

    Raises UserError when one differs, is in the stream lane alone, or when there is nothing to compare.
    """
    estate = load_estate(settings)
    compared = differing = 0
    with session(settings, estate, "parity", records=0) as spark:
        for entity in ENTITIES:
            streamed = Table(spark, estate, entity.name, "stream").rows()
            batch = Table(spark, estate, entity.name).rows()
            rows, others = streamed.count(), streamed.exceptAll(batch).count()
            print(
                f"{entity.name}: {rows:,} rows of the stream lane, {rows - others:,} the same in the batch lane",
                flush=True,
            )
            compared, differing = compared + rows, differing + others
    if differing:
        raise UserError(f"{differing:,} rows of the stream lane are not so in the batch lane")
    if not compared:
        raise UserError("the stream lane has no rows yet: `make emulate LANE=stream`, then `make stream`")
