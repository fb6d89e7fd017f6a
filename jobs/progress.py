"""How far the batch has come: one object in S3, put when all tables hold what it speaks of.

A batch that does not get so far is done again from the same place, and finds its rows in the tables already.
"""

from pydantic import BaseModel

from jobs.figures import Figures
from jobs.landed import LandedObject
from jobs.stored import Objects
from pipeline.estate import Estate


class Progress(BaseModel):
    """`last_read`: folder of a partition → key of its last object read; `figures`: by topic, over all runs;
    `results`: name of an analysis → digest of the rows that its table holds."""

    last_read: dict[str, str] = {}
    figures: dict[str, Figures] = {}
    results: dict[str, str] = {}

    def read(self, objects: list[LandedObject]) -> None:
        """Take note of objects, given in the order they landed."""
        self.last_read |= {landed.folder: landed.key for landed in objects}


def load_progress(estate: Estate) -> Progress:
    """The progress so far; none when no batch ever came to its end."""
    stored = Objects(estate).get(estate.progress_key)
    return Progress() if stored is None else Progress.model_validate_json(stored)


def save_progress(estate: Estate, progress: Progress) -> None:
    Objects(estate).put(estate.progress_key, progress.model_dump_json(indent=2).encode())
