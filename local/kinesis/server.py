"""The server: Kinesis' calls are answered by `calls` as far as it has them, all others by moto.

moto is not asked for Kinesis' own work. It numbers each shard's records 1, 2, 3 ..., goes on putting into shards that
were split or merged, lets no iterator expire, and looks at all that a shard holds for each record of GetRecords.
"""

import functools
import io
import json
import re
import threading
import traceback
import uuid
from collections.abc import Callable
from typing import Any

from botocore.session import Session
from moto.kinesis import models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import run_wsgi_app

from local.control_plane.rest import ACCOUNT
from local.kinesis.calls import Calls, Refused
from local.kinesis.shards import Shards

TARGET = "Kinesis_20131202."
JSON = "application/x-amz-json-1.1"
REGION = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/")

FAILED = ("InternalFailure", 500)

Answer = tuple[int, list[tuple[str, str]], bytes]


class Stream(models.Stream):
    """What moto remembers of a stream, with shards of ours."""

    def init_shards(self, shard_count: int) -> None:
        self.shards = Shards(shard_count)

    def to_json_summary(self) -> dict[str, Any]:
        self.shard_count = len(self.shards.open)
        return super().to_json_summary()


class Consumer(models.Consumer):
    """Its ARN ends, as AWS's, with when it was made: LocalStack takes no other."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.consumer_arn += f":{self.created.timestamp():.0f}"


class App:
    """All streams of all regions. What is no call of Kinesis goes to moto too: tests have its S3 beside the streams.

    `GET /health` tells which start of it this is: what an earlier one held is forgotten.
    """

    def __init__(self, limited: bool) -> None:
        models.Stream, models.Consumer = Stream, Consumer
        model = Session().get_service_model("kinesis")
        self._calls = functools.cache(lambda region: Calls(model, _finder(region), limited))
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._instance = str(uuid.uuid4())
        self._lock = threading.Lock()

    def answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """What a request is answered with; what goes wrong in moto is an answer too, and stands in the log."""
        try:
            return self._answer(environ, body)
        except Exception as error:
            traceback.print_exc()
            code, status = ("NotImplementedException", 501) if isinstance(error, NotImplementedError) else FAILED
            return status, [("Content-Type", JSON)], json.dumps({"__type": code, "message": str(error)}).encode()

    def _answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """One request at a time: neither moto's backends nor our shards know locks."""
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target.startswith(TARGET):
            return self._kinesis(target.removeprefix(TARGET), environ, body)
        if environ["PATH_INFO"] == "/health":
            return 200, [("Content-Type", "text/plain")], self._instance.encode()
        with self._lock:
            return self._of_moto(environ, body)

    def _kinesis(self, operation: str, environ: dict[str, Any], body: bytes) -> Answer:
        signed = REGION.search(environ.get("HTTP_AUTHORIZATION", ""))
        headers = [("Content-Type", JSON), ("x-amzn-RequestId", str(uuid.uuid4()))]
        try:
            if signed is None:
                raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
            asked = _decoded(environ, body)
            with self._lock:
                told = self._calls(signed[1]).answer(operation, asked)
                return self._of_moto(environ, body) if told is None else (200, headers, told)
        except Refused as refused:
            said = json.dumps({"__type": refused.code, "message": str(refused)})
            return refused.status, [*headers, ("x-amzn-ErrorType", refused.code)], said.encode()

    def _of_moto(self, environ: dict[str, Any], body: bytes) -> Answer:
        environ["wsgi.input"] = io.BytesIO(body)
        content, status, headers = run_wsgi_app(self._moto, environ, buffered=True)
        return int(status.partition(" ")[0]), list(headers), b"".join(content)


def _finder(region: str) -> Callable[[str | None, str | None], Stream]:
    streams = models.kinesis_backends[ACCOUNT][region].streams

    def find(name: str | None, arn: str | None) -> Stream:
        if name is None and arn is None:
            raise Refused("InvalidArgumentException", "Either StreamName or StreamARN must be given.")
        name = name or str(arn).rpartition("/")[2]
        if name not in streams:
            raise Refused("ResourceNotFoundException", f"Stream {name} under account {ACCOUNT} not found.")
        found: Stream = streams[name]
        return found

    return find


def _decoded(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    if environ.get("CONTENT_TYPE", JSON).partition(";")[0] not in (JSON, "application/json"):
        raise Refused("SerializationException", f"only {JSON} is understood here")
    try:
        decoded = json.loads(body or b"{}")
    except ValueError:
        decoded = None
    if not isinstance(decoded, dict):
        raise Refused("SerializationException", "the request is no JSON object")
    return decoded


class Handler(MotoRequestHandler):
    """Keeps connections as AWS does.

    werkzeug's own closes each connection, and would read what comes next on it for a rest of the request.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        chunked = environ.get("wsgi.input_terminated")
        length = -1 if chunked else int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)  # whole before anything is done: a slow client holds up no other
        status, headers, answer = self.server.app.answer(environ, body)
        self.send_response(status)
        if "content-length" not in {name.lower() for name, _ in headers} and self.command != "HEAD":
            headers.append(("Content-Length", str(len(answer))))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def log_request(self, *_: object) -> None:
        pass


def server(host: str, port: int, limited: bool) -> BaseWSGIServer:
    """It, ready to serve; `limited`: shards take and give what AWS's do."""
    return make_server(host, port, App(limited), threaded=True, request_handler=Handler)
