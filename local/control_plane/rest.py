"""What MSK, MSK Connect and MWAA have in common: calls, routes, errors, tags, and the shape of AWS's identifiers."""

import copy
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

ACCOUNT = "000000000000"

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request: `path` as it came, still quoted, since an ARN's slashes are quoted in it."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the service says; `error` is the code that the SDKs read from a header."""

    status: int
    body: Json
    error: str | None = None


class ServiceError(Exception):
    """An error as AWS answers it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def route(method: str, template: str) -> Callable[[Any], Any]:
    """Mark the method of a Service that answers this; each {} of the template becomes an argument of it."""

    def mark(function: Any) -> Any:
        function.routes = [*getattr(function, "routes", []), (method, template)]
        return function

    return mark


class Service:
    """One AWS service in one region, in memory; one call at a time."""

    invalid: ClassVar[str] = "BadRequestException"
    missing: ClassVar[str] = "NotFoundException"

    def __init__(self, region: str) -> None:
        self.region = region
        self.tags: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()
        members = [getattr(self, name) for name in dir(type(self))]
        self._routes = [
            (method, template.split("/"), member)
            for member in members
            for method, template in getattr(member, "routes", [])
        ]

    def answer(self, call: Call) -> Answer:
        """Answer a call of the service, known or not."""
        path = [unquote(segment) for segment in call.path.split("/")]
        for method, template, member in self._routes:
            if method == call.method and _fits(path, template):
                arguments = [given for given, wanted in zip(path, template, strict=True) if wanted == "{}"]
                try:
                    with self._lock:
                        # A copy: what is kept may change before the answer is written.
                        return Answer(200, copy.deepcopy(member(call, *arguments)))
                except ServiceError as error:
                    return Answer(error.status, {"message": str(error)}, error.code)
        return unknown(f"{call.method} {call.path} is not known here")

    def required(self, call: Call, name: str) -> Any:
        """A field of the body. Raises ServiceError when it is not there."""
        value = call.body.get(name)
        if value is None:
            raise self.bad_request(f"{name} is required")
        return value

    def bad_request(self, message: str) -> ServiceError:
        return ServiceError(400, self.invalid, message)

    def not_found(self, what: str) -> ServiceError:
        return ServiceError(404, self.missing, f"{what} does not exist.")

    def conflict(self, what: str) -> ServiceError:
        return ServiceError(409, "ConflictException", f"{what} already exists.")

    def arn(self, service: str, kind: str, name: str) -> str:
        """A new ARN of the form that MSK and MSK Connect use."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{kind}/{name}/{uuid.uuid4()}-1"

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of what has this ARN. Raises ServiceError when nothing has."""
        if arn not in self.tags:
            raise self.not_found(f"The resource {arn}")
        return self.tags[arn]

    def untag(self, call: Call, arn: str) -> None:
        """Take away the tags that the query's tagKeys name."""
        tags = self.tags_of(arn)
        for key in call.query.get("tagKeys", []):
            tags.pop(key, None)


class KafkaService(Service):
    """MSK or MSK Connect: both keep tags in the same way."""

    @route("GET", "/v1/tags/{}")
    def list_tags(self, call: Call, arn: str) -> Json:
        return {"tags": self.tags_of(arn)}

    @route("POST", "/v1/tags/{}")
    def add_tags(self, call: Call, arn: str) -> Json:
        self.tags_of(arn).update(self.required(call, "tags"))
        return {}

    @route("DELETE", "/v1/tags/{}")
    def remove_tags(self, call: Call, arn: str) -> Json:
        self.untag(call, arn)
        return {}


def unknown(message: str) -> Answer:
    """The answer to what the control plane cannot do: 501, which the SDKs do not try again."""
    return Answer(501, {"message": f"the offline control plane cannot do this: {message}"}, "NotImplementedException")


def now() -> str:
    """The time as MSK and MSK Connect write it, in milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_version() -> str:
    """A version as MSK and MSK Connect give it to what can be updated."""
    return f"K{uuid.uuid4().hex[:13].upper()}"


def merge(old: Json, new: Json) -> Json:
    """`old` with the values of `new` over it, objects within objects too; null changes nothing."""
    result = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            result[key] = merge(old[key], value)
        elif value is not None:
            result[key] = value
    return result


def _fits(path: list[str], template: list[str]) -> bool:
    return len(path) == len(template) and all(
        wanted in ("{}", given) for given, wanted in zip(path, template, strict=True)
    )
