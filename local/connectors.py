"""A Connect worker's REST API: gives connectors their configuration and tells whether they run."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

from pipeline.errors import UserError

PATIENCE = 180.0  # seconds for a worker on a busy machine to do as it is told


class ConnectWorker:
    """The worker at `url`. Every call raises UserError when the worker refuses or does not answer."""

    def __init__(self, url: str) -> None:
        self.url = url

    def configure(self, name: str, configuration: dict[str, str], restart: bool) -> None:
        """Give a connector its configuration and return when its tasks run.

        `restart`: the tasks read S3's truth anew, as they must when the estate was made again under them.
        """
        self._call("PUT", f"/connectors/{name}/config", configuration)
        if restart:
            self._patiently("POST", f"/connectors/{name}/restart?includeTasks=true")
        deadline = time.monotonic() + PATIENCE
        while not self.runs(name):
            if time.monotonic() > deadline:
                raise UserError(f"connector {name} does not run: {self.trouble(name)}")
            time.sleep(0.2)

    def pause(self, name: str) -> None:
        """Let a connector rest; returns when it does."""
        self._switch(name, "pause", "PAUSED")

    def resume(self, name: str) -> None:
        """Let a connector that rests go on; returns when it does."""
        self._switch(name, "resume", "RUNNING")

    def _switch(self, name: str, action: str, state: str) -> None:
        self._call("PUT", f"/connectors/{name}/{action}")
        deadline = time.monotonic() + PATIENCE
        while self._states(name) != {state}:
            if time.monotonic() > deadline:
                raise UserError(f"connector {name} does not {action}: {self.trouble(name)}")
            time.sleep(0.05)

    def runs(self, name: str) -> bool:
        """Whether the connector and at least one task of it are there, and all run."""
        status = self.status(name)
        return bool(status and status["tasks"]) and self._states(name) == {"RUNNING"}

    def _states(self, name: str) -> set[str]:
        status = self.status(name)
        return {part["state"] for part in [status["connector"], *status["tasks"]]} if status else set()

    def trouble(self, name: str) -> str:
        """Why a connector does not run: the cause in its trace, or its states."""
        status = self.status(name)
        if not status:
            return "the worker does not know it"
        parts = [status["connector"], *status["tasks"]]
        traces = [_cause(part["trace"]) for part in parts if part.get("trace")]
        return traces[0] if traces else ", ".join(part["state"] for part in parts)

    def status(self, name: str) -> dict[str, Any] | None:
        """The connector's status as the worker gives it, None while it has none."""
        try:
            status: dict[str, Any] = self._call("GET", f"/connectors/{name}/status")
        except UnknownConnector:
            return None
        return status

    def _patiently(self, method: str, path: str) -> None:
        """Call again while the worker rebalances or has not yet heard of the connector."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._call(method, path)
                return
            except (UnknownConnector, Rebalancing):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the worker's own address
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")
            kind = {404: UnknownConnector, 409: Rebalancing}.get(error.code, UserError)
            raise kind(f"Connect refuses {method} {path}: {reason}") from None
        except OSError as error:
            raise UserError(f"Connect at {self.url} does not answer: {error}") from None


class UnknownConnector(UserError):
    """The worker has no such connector, or not yet."""


class Rebalancing(UserError):
    """The worker is taking up its tasks; the call may go through in a moment."""


def _cause(trace: str) -> str:
    """The first cause in a Java trace, without its class: Connect's own words come before it, and say nothing."""
    causes = [line.removeprefix("Caused by: ") for line in trace.splitlines() if line.startswith("Caused by: ")]
    said = (causes or trace.splitlines())[0]
    return said.partition(": ")[2] or said
