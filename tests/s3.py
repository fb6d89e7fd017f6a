"""Listings of a bucket in memory, as S3 gives them; for tests that need no server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

AT = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryS3:
    """The listing and the heads of a boto3 client, over keys with their metadata."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, str]] = {}

    def put(self, key: str, **metadata: str) -> None:
        self.objects[key] = {name.replace("_", "-"): value for name, value in metadata.items()}

    def delete_object(self, Bucket: str, Key: str) -> None:
        del self.objects[Key]

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Metadata": self.objects[Key]}

    def get_paginator(self, operation: str) -> "MemoryS3":
        assert operation == "list_objects_v2"
        return self

    def paginate(
        self, Bucket: str, Prefix: str, StartAfter: str = "", Delimiter: str | None = None
    ) -> Iterator[dict[str, Any]]:
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > StartAfter)
        if Delimiter is None:
            yield {"Contents": [{"Key": key, "Size": 3, "LastModified": AT} for key in keys]}
            return
        rests = [key.removeprefix(Prefix) for key in keys]
        folders = {Prefix + rest.partition(Delimiter)[0] + Delimiter for rest in rests if Delimiter in rest}
        yield {"CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)]}
