"""What the S3 sink landed: objects, and which of them are new.

Objects are named `<topic>+<partition>+<offset of the first record>.json` and hold a line for each offset, empty where
there is no record (see connect/). So a line's offset is the one in its object's name plus its number, and names sort by
offset.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.estate import Estate
from pipeline.landed_name import LandedName


@dataclass(frozen=True)
class LandedObject:
    """An object of a topic; `folder` is its partition's prefix, `size` in bytes, `at` when it landed."""

    name: LandedName
    folder: str
    key: str
    size: int
    at: datetime

    @property
    def topic(self) -> str:
        return self.name.topic


def objects_behind(estate: Estate, topic: str, last_read: dict[str, str]) -> Iterator[LandedObject]:
    """The topic's objects after the last one read of each partition (folder → key), in the order they landed.

    Where that one is gone, the folder was emptied, and what it holds is new, whatever its name. What the sink did not
    name is passed over, and said to be.
    """
    s3 = estate.client("s3")
    strays = []
    for folder in _folders(s3, estate, topic):
        for item in _listed(s3, estate, folder, last_read.get(folder, "")):
            if name := estate.landed(item["Key"]):
                yield LandedObject(name, folder, item["Key"], item["Size"], item["LastModified"])
            else:
                strays.append(item["Key"])
    if strays:
        print(f"{topic}: passed over {len(strays):,} objects that the S3 sink did not put, as {strays[0]}", flush=True)


def _listed(s3: Any, estate: Estate, folder: str, last: str) -> Iterator[dict[str, Any]]:
    """What the folder holds after the last one read; all of it, where that one is gone or is not one of the sink's."""

    def after(key: str) -> Iterator[dict[str, Any]]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix=folder, StartAfter=key)
        return (item for page in pages for item in page.get("Contents", []))

    if estate.landed(last):
        from_last = after(last[:-1])  # begins with it
        if any(item["Key"] == last for item in from_last):
            yield from from_last
            return
    yield from after("")


def _folders(s3: Any, estate: Estate, topic: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=estate.bucket, Prefix=estate.topic_prefix(topic), Delimiter="/"
    )
    return [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
