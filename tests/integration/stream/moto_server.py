"""moto's services on one port: python -m tests.integration.stream.moto_server --port PORT.

Runs in the control plane's virtual environment. Kinesis is mended by `moto_kinesis`.
"""

import argparse
import io
import os
import threading

from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

os.environ["MOTO_ACCOUNT_ID"] = "000000000000"  # moto reads it when it is imported

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

from tests.integration.stream import moto_kinesis


class Handler(MotoRequestHandler):
    """Answers one request at a time, for moto's backends know no locks, and keeps connections as AWS does.

    werkzeug's own closes each connection, and would read what comes next on it for a rest of the request.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    moto = DomainDispatcherApplication(create_backend_app)
    lock = threading.Lock()

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        # Read whole before the lock is taken: a slow client holds up no other.
        chunked = environ.get("wsgi.input_terminated")
        length = -1 if chunked else int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with self.lock:
            content, status, headers = run_wsgi_app(self.moto, environ, buffered=True)
        body = b"".join(content)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        if "Content-Length" not in headers and self.command != "HEAD":
            headers["Content-Length"] = str(len(body))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.integration.stream.moto_server")
    parser.add_argument("--port", type=int, required=True, help="port to listen on, on the loopback address")
    options = parser.parse_args()
    moto_kinesis.apply()
    make_server("127.0.0.1", options.port, Handler.moto, threaded=True, request_handler=Handler).serve_forever()


if __name__ == "__main__":
    main()
