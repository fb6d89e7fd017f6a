"""The WSGI application: by a request's SigV4 signing name, one of our own services answers it, else moto."""

import io
import json
import re
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from local.control_plane import moto_patches
from local.control_plane.msk import Msk
from local.control_plane.msk_connect import MskConnect
from local.control_plane.mwaa import Mwaa
from local.control_plane.rest import Answer, Call, Service, unknown
from local.control_plane.validation import refused

REMEMBERED = 500  # answers, for clients that send a call again
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")


class App:
    """All services of all regions; `bootstrap_servers` is the broker's host:port.

    `GET /health` tells which start of it this is: what an earlier one was told is forgotten.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        moto_patches.apply()
        self._makers: dict[str, Callable[[str], Service]] = {
            "kafka": lambda region: Msk(region, bootstrap_servers),
            "kafkaconnect": MskConnect,
            "airflow": Mwaa,
        }
        self._services: dict[tuple[str, str], Service] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._answered: dict[str, Response] = {}
        self._instance = str(uuid.uuid4())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        scope = SCOPE.search(request.headers.get("Authorization", ""))
        if scope is None and request.path == "/health":
            return Response(self._instance)(environ, start_response)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)

        def answer() -> Response:
            if scope and (wrong := refused(request, scope[2])):
                return wrong
            if scope and scope[2] in self._makers:
                return _response(self._service(scope[2], scope[1]).answer(_call(request, body)))
            return Response.from_app(self._moto, environ, buffered=True)

        # moto's backends know no locks, and the body is read by now: no slow client holds this one.
        try:
            with self._lock:
                return self._once(request, answer)(environ, start_response)
        except NotImplementedError as error:
            print(f"moto: {error}", file=sys.stderr, flush=True)
            return _in_the_clients_words(request, unknown(str(error)))(environ, start_response)

    def _once(self, request: Request, answer: Callable[[], Response]) -> Response:
        """The answer. A client that grew tired of waiting sends again, and is told what the first one was."""
        call = request.headers.get("amz-sdk-invocation-id", "")
        if call in self._answered:
            return self._answered[call]
        response = answer()
        if call and response.status_code < 500:
            self._answered[call] = response
            while len(self._answered) > REMEMBERED:
                self._answered.pop(next(iter(self._answered)))
        return response

    def _service(self, name: str, region: str) -> Service:
        if (name, region) not in self._services:
            self._services[name, region] = self._makers[name](region)
        return self._services[name, region]


def _call(request: Request, body: bytes) -> Call:
    # Not request.path, which is unquoted. Sent through a proxy, the request's target is a whole URL.
    path = urlsplit(request.environ["REQUEST_URI"]).path
    return Call(request.method, path, request.args.to_dict(flat=False), json.loads(body) if body else {})


def _response(answer: Answer) -> Response:
    headers = {"x-amzn-ErrorType": answer.error} if answer.error else {}
    return Response(json.dumps(answer.body), answer.status, headers, content_type="application/json")


def _in_the_clients_words(request: Request, answer: Answer) -> Response:
    """An error such that the clients of EC2, IAM and others, who read XML, can show it to a person too."""
    if request.mimetype != "application/x-www-form-urlencoded":
        return _response(answer)
    error = f"<Error><Code>{answer.error}</Code><Message>{escape(answer.body['message'])}</Message></Error>"
    # EC2's clients look in Errors, those of the others do not.
    xml = f"<ErrorResponse>{error}<Errors>{error}</Errors></ErrorResponse>"
    return Response(xml, answer.status, content_type="text/xml")
