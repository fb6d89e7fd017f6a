"""A client of one service of the control plane, without a server between them."""

from urllib.parse import quote

import pytest

from local.control_plane.rest import Answer, Call, Service


class Client:
    """Calls a service as an SDK would: what stands in the path is quoted."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def answer(self, method: str, path: str, *names: str, query: dict | None = None, **body: object) -> Answer:
        filled = path.format(*(quote(name, safe="") for name in names))
        return self.service.answer(Call(method, filled, query or {}, body))

    def ok(self, method: str, path: str, *names: str, query: dict | None = None, **body: object) -> dict:
        answer = self.answer(method, path, *names, query=query, **body)
        assert (answer.status, answer.error) == (200, None), answer.body
        return answer.body

    def error(self, method: str, path: str, *names: str, query: dict | None = None, **body: object) -> tuple:
        answer = self.answer(method, path, *names, query=query, **body)
        return answer.status, answer.error, answer.body["message"]


@pytest.fixture
def client_of():
    return Client
