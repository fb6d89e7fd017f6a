"""How far the batch has come: one object in S3, put when all tables hold what it speaks of.

A batch that does not get so far is done again from the same place, and finds its rows in the tables already.
"""

from botocore.exceptions import ClientError
from pydantic import BaseModel

from jobs.landed import LandedObject
from pipeline.estate import Estate


class Figures(BaseModel, frozen=True):
    """Records of a topic: `records_in` = `clean` + `rejected` + `superseded`.

    `clean`: rows of the table; `rejected`: rows of the table `rejected`, dead letters among them; `superseded`:
    events of a key that has a later event, or that came again.
    """

    records_in: int = 0
    clean: int = 0
    rejected: int = 0
    superseded: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value + getattr(other, name) for name, value in self})

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value - getattr(other, name) for name, value in self})


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
    try:
        stored = estate.client("s3").get_object(Bucket=estate.bucket, Key=estate.progress_key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return Progress()
        raise
    return Progress.model_validate_json(stored["Body"].read())


def save_progress(estate: Estate, progress: Progress) -> None:
    estate.client("s3").put_object(
        Bucket=estate.bucket, Key=estate.progress_key, Body=progress.model_dump_json(indent=2).encode()
    )
