"""Kinesis of a test's own, with moto's S3 beside it: free port, nothing on disk but a log, ended by its pid."""

from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

from local.process import Running, choose_port, start, stop, wait_ready
from local.services import http_ok
from local.setup import CONTROL_PLANE_PYTHON, ROOT
from pipeline.entities import ENTITIES

REGION = "us-east-1"


def client(service: str, url: str, **config: Any) -> Any:
    """A boto3 client of a server on this machine, straight to it; `config` as botocore's Config takes it."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=config.pop("region_name", REGION),
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(**{"proxies": {}, "s3": {"addressing_style": "path"}} | config),
    )


def outputs(user_id: str, url: str) -> dict[str, Any]:
    """An estate's outputs with S3 and Kinesis at `url`, for what needs no more of one."""
    return {
        "user_id": user_id,
        "region": REGION,
        "bucket": f"{user_id}-bucket",
        "topics": {entity.name: f"{user_id}.{entity.name}" for entity in ENTITIES},
        "dead_letter_topic": f"{user_id}.dlq",
        "topic_partitions": 1,
        "topic_config": {},
        "topics_dir": "topics",
        "streams": {entity.name: f"{user_id}-{entity.name}" for entity in ENTITIES},
        "invoke_url": "http://127.0.0.1:1",
        "api_key_secret": "none",
        "bootstrap_servers": "127.0.0.1:1",
        "aws_endpoint_url": url,
        "connectors": {},
    }


class Moto:
    """One server (`local.kinesis`): empty at first, and all that it holds is gone at its end."""

    def __init__(self, folder: Path, limits: bool = False) -> None:
        self._limits = "yes" if limits else "no"
        self._log = folder / "moto.log"
        self._port = choose_port(0, None, "")
        self._running: Running | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "Moto":
        command = [str(CONTROL_PLANE_PYTHON), "-m", "local.kinesis", "--port", str(self._port)]
        command += ["--limits", self._limits]
        self._running = Running(*start(command, {}, self._log, ROOT), {"port": self._port})
        try:
            wait_ready("moto", self._running, lambda: http_ok(f"{self.url}/health"), self._log)
        except BaseException:
            stop(self._running)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            stop(self._running)

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client of it."""
        return client(service, self.url, **config)
