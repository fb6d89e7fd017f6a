"""What the S3 sink landed: objects, and which of them are new.

Objects are named `<topic>+<partition>+<offset of the first record>.json` and hold a line for each offset, empty where
there is no record (see connect/). So a line's offset is the one in its object's name plus its number. Names sort by
offset up to the digits that offsets are padded to, and are compared as numbers.
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
        found = []
        for item in _listed(s3, estate, folder, last_read.get(folder, "")):
            if name := estate.landed(item["Key"]):
                found.append(LandedObject(name, folder, item["Key"], item["Size"], item["LastModified"]))
            else:
                strays.append(item["Key"])
        yield from sorted(found, key=lambda landed: landed.name.first)
    if strays:
        print(f"{topic}: passed over {len(strays):,} objects that the S3 sink did not put, as {strays[0]}", flush=True)


def _listed(s3: Any, estate: Estate, folder: str, last: str) -> list[dict[str, Any]]:
    """What the folder holds after the last one read; all of it, where that one is gone or is not one of the sink's."""

    def after(key: str) -> list[dict[str, Any]]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix=folder, StartAfter=key)
        return [item for page in pages for item in page.get("Contents", [])]

    read = estate.landed(last)
    if read is None:
        return after("")
    found = after(last[:-1])  # begins with it
    if all(item["Key"] != last for item in found):
        return after("")
    names = [name for item in found if (name := estate.landed(item["Key"]))]
    if not max(names, key=lambda name: name.first).sorts_on:
        found = after("")

    def is_new(key: str) -> bool:
        name = estate.landed(key)
        return name.first > read.first if name else key > last

    return [item for item in found if is_new(item["Key"])]


def _folders(s3: Any, estate: Estate, topic: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=estate.bucket, Prefix=estate.topic_prefix(topic), Delimiter="/"
    )
    return [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
