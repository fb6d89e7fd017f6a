"""Which source the settings ask for."""

import sqlalchemy as sa

from emulator.database import DatabaseSource
from emulator.files import FileSource
from emulator.generated import generated_tables
from emulator.refusals import Refuse, end_at_once
from emulator.source import Source
from pipeline.errors import UserError
from pipeline.settings import Settings


def open_source(settings: Settings, refuse: Refuse = end_at_once) -> Source:
    """Open the folder, the database or the generated rows. Raises UserError when that cannot be read.

    `refuse` gets a line for each row that cannot be sent.
    """
    if settings.data and settings.source:
        raise UserError("both DATA and SOURCE are set: give the one to read")
    if settings.data:
        return FileSource(settings.data, refuse)
    if settings.source:
        return DatabaseSource(settings.source, refuse)
    path = generated_tables(settings.state / "source", settings.seed, settings.rows)
    return DatabaseSource(sa.URL.create("sqlite", database=str(path)))
