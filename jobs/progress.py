"""How far the batch has come: one object in S3, put when all tables hold what it speaks of.

A batch that does not get so far is done again from the same place, and finds its rows in the tables already.
"""

from datetime import datetime

from pydantic import BaseModel

from jobs.figures import Figures
from jobs.landed import LandedObject
from jobs.quality import Quality
from jobs.stored import Objects
from jobs.stream_progress import load_stream_lane
from pipeline.estate import Estate
from pipeline.settings import Lane


class Progress(BaseModel):
    """`last_read`: folder of a partition → key of its last object read; `newest`: by topic, when the newest object with
    records that was read landed; `figures`: by topic, over all loads, and `loaded`: of the last one; `quality`: what
    that was judged to be; `results`: name of an analysis → digest of the rows that its table holds; `published`:
    whether the report shows all that the tables hold; `generation`: where the tables are, "" until they were rebuilt;
    `contract`: digest of the SQL that made them."""

    last_read: dict[str, str] = {}
    newest: dict[str, datetime] = {}
    figures: dict[str, Figures] = {}
    loaded: dict[str, Figures] = {}
    quality: Quality | None = None
    results: dict[str, str] = {}
    published: bool = False
    generation: str = ""
    contract: str | None = None

    def read(self, objects: list[LandedObject]) -> None:
        """Take note of objects, given in the order they landed."""
        self.last_read |= {landed.folder: landed.key for landed in objects}
        for landed in (landed for landed in objects if not landed.name.missing):
            self.newest[landed.topic] = max(landed.at, self.newest.get(landed.topic, landed.at))


def load_progress(estate: Estate) -> Progress:
    """The progress so far; none when no batch ever came to its end."""
    stored = Objects(estate).get(estate.progress_key)
    return Progress() if stored is None else Progress.model_validate_json(stored)


def generation_of(estate: Estate, lane: Lane) -> str:
    """Where the lane's tables are now: "" until they were rebuilt."""
    return (load_progress(estate) if lane == "batch" else load_stream_lane(estate)).generation


def save_progress(estate: Estate, progress: Progress) -> None:
    Objects(estate).put(estate.progress_key, progress.model_dump_json(indent=2).encode())
