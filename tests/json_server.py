"""What stands in for a service on loopback: JSON over HTTP, in the process of the test.

A connection ends with its request, and leaving the context ends all threads: nothing is left open.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


class JsonServer:
    """A subclass carries out one request at a time in `answer`; `threads`: what it has started itself."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer((HOST, 0), type("Handler", (_Handler,), {"answers": self}))
        self._server.daemon_threads = False  # closing the server waits for the requests under way

    @property
    def host(self) -> str:
        return HOST

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str | None) -> dict[str, Any]:
        """Carry out a request; `body`: the query's parameters too. Raises Refused."""
        raise NotImplementedError

    def stop(self) -> None:
        """Tell the threads to end."""

    def __enter__(self) -> Self:
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._serving.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.stop()
        for thread in (self._serving, *self.threads):
            thread.join(30)
            assert not thread.is_alive(), "something goes on after it was told to end"


class _Handler(BaseHTTPRequestHandler):
    answers: JsonServer  # by HTTP/1.0, its default, which keeps no connection

    def do_GET(self) -> None:
        # Also its body, in which Airflow's triggers send what belongs into the query.
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self._answer(dict(parse_qsl(urlsplit(self.path).query)) | body)

    do_POST = do_DELETE = do_GET

    def _answer(self, body: dict[str, Any]) -> None:
        status, headers = 200, {}
        try:
            with self.answers.lock:
                path = urlsplit(self.path).path
                answer = self.answers.answer(str(self.command), path, body, self.headers.get("Authorization"))
        except Refused as refused:
            status, headers, answer = refused.status, refused.headers, refused.body
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
