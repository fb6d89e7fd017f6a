"""Small objects in the estate's bucket."""

from botocore.exceptions import ClientError

from pipeline.estate import Estate


class Objects:
    """Reads and writes them; may be used by several threads."""

    def __init__(self, estate: Estate) -> None:
        self._bucket = estate.bucket
        self._s3 = estate.client("s3")

    def get(self, key: str) -> bytes | None:
        """The object's bytes; None when there is none."""
        try:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def names(self, prefix: str) -> list[str]:
        """What follows the prefix in the keys below it."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]
