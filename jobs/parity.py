"""`python -m jobs parity`: are the rows of the stream lane's tables the very rows that the batch lane's tables hold?"""

from jobs.embedded.database import database
from jobs.embedded.tables import Table
from jobs.progress import generation_of
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import load_estate
from pipeline.settings import Settings


def parity(settings: Settings) -> None:
    """Compare the rows of all keys that the stream lane holds, value by value.

    Raises UserError when one differs, is in the stream lane alone, or when there is nothing to compare.
    """
    estate = load_estate(settings)
    compared, differing = 0, 0
    of_batch, of_stream = generation_of(estate, "batch"), generation_of(estate, "stream")
    with database(settings.state) as connection:
        for entity in ENTITIES:
            streamed = Table(estate, entity.name, "stream", of_stream)
            batch = Table(estate, entity.name, "batch", of_batch)
            connection.register("streamed", streamed.rows(*streamed.columns))
            connection.register("batch", batch.rows(*batch.columns))
            connection.execute("create or replace temp table streamed_rows as from streamed")
            others = connection.sql("from streamed_rows except all from batch").count("*").fetchall()[0][0]
            rows = connection.sql("from streamed_rows").count("*").fetchall()[0][0]
            print(
                f"{entity.name}: {rows:,} rows of the stream lane, {rows - others:,} the same in the batch lane",
                flush=True,
            )
            compared, differing = compared + rows, differing + others
    if differing:
        raise UserError(f"{differing:,} rows of the stream lane are not so in the batch lane")
    if not compared:
        raise UserError("the stream lane has no rows yet: `make emulate LANE=stream`, then `make stream`")
