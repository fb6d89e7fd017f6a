"""Which source the settings ask for."""

from emulator.files import FileSource
from emulator.generated import GeneratedSource
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
        from emulator.database import DatabaseSource  # SQLAlchemy takes half a second, and only this needs it

        return DatabaseSource(settings.source, refuse)
    return GeneratedSource(settings.state / "source", settings.seed, settings.rows)
