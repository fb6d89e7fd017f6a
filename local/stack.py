"""Starts and stops the servers of one STATE, or finds those that run as containers."""

import concurrent.futures
import contextlib
import fcntl
import time
from collections.abc import Iterable, Iterator

from local.process import Registry, Running, choose_port, start, stop, wait_ready
from local.services import ESTATE_KEEPERS, SERVICES, Service
from pipeline.errors import UserError
from pipeline.settings import Settings


class Stack:
    """The offline servers; `address` and `is_up` speak of what runs now."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.registry = Registry(settings.state)

    def address(self, service: Service) -> str:
        """Where the service listens, or listened last. Raises UserError when it never ran in this STATE."""
        running = self.registry.load().get(service.name)
        if running is None:
            raise UserError(f"the offline stack of {self.settings.state} is not running: start it with `make up`")
        return service.address(running.ports)

    def is_up(self, service: Service) -> bool:
        """Whether the service runs and answers."""
        return self._lives(service) and service.answers(self.address(service))

    def up(self) -> None:
        """Start what does not run, side by side where nothing waits on another, and await that all answers."""
        with self._lock():
            if not all(map(self._lives, ESTATE_KEEPERS)):  # half an estate is worth nothing
                self._stop(ESTATE_KEEPERS)
            before = self.registry.load()
            started: dict[str, concurrent.futures.Future[bool]] = {}
            with concurrent.futures.ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
                ports = {s.name: self._ports(s, before.get(s.name)) for s in SERVICES}
                for service in SERVICES:
                    waits_for = [started[name] for name in service.needs]
                    started[service.name] = pool.submit(self._ensure, service, ports, before, waits_for)
                for done in started.values():
                    done.result()

    def down(self) -> None:
        """Stop every server that this STATE started."""
        with self._lock():
            self._stop(reversed(SERVICES))

    def _lives(self, service: Service) -> bool:
        return self.registry.live(service.name) is not None

    def _stop(self, services: Iterable[Service]) -> None:
        for service in services:
            if running := self.registry.live(service.name):
                stop(running)
                print(f"{service.name}: stopped", flush=True)

    def _ports(self, service: Service, last: Running | None) -> dict[str, int]:
        if last and last.process():
            return last.ports
        recorded = last.ports if last else {}
        return {
            port: choose_port(getattr(self.settings, port, 0), recorded.get(port), port.upper())
            for port in service.ports
        }

    def _ensure(
        self,
        service: Service,
        ports: dict[str, dict[str, int]],
        before: dict[str, Running],
        waits_for: list[concurrent.futures.Future[bool]],
    ) -> bool:
        """Start the service unless it runs; true when what depends on it must start anew."""
        moved = any(dependency.result() for dependency in waits_for)
        moved |= any(_moved(before.get(name), ports[name]) for name in service.knows)
        last = before.get(service.name)
        address = service.address(ports[service.name])
        if last and last.process():
            if service.answers(address) and not moved:
                print(f"{service.name}: already running at {address}", flush=True)
                return False
            stop(last)
        began = time.monotonic()
        launch = service.launch(self.settings, ports)
        log = self.settings.state / "logs" / f"{service.name}.log"
        pid, created = start(launch.command, launch.environment, log, launch.folder)
        running = Running(pid, created, ports[service.name])
        self.registry.put(service.name, running)
        wait_ready(service.name, running, lambda: service.answers(address), log)
        print(f"{service.name}: up at {address} in {time.monotonic() - began:.0f} s", flush=True)
        return _moved(last, ports[service.name])

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One `up` or `down` at a time in one STATE."""
        self.settings.state.mkdir(parents=True, exist_ok=True)
        with (self.settings.state / "stack.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Containers:
    """The same servers as containers of docker/compose.yaml, seen from within its network; they are started outside."""

    def address(self, service: Service) -> str:
        """Where the service listens."""
        return f"{service.scheme}{service.container}"

    def is_up(self, service: Service) -> bool:
        """Whether the service answers."""
        return service.answers(self.address(service))

    def up(self) -> None:
        """Raise UserError unless all answer."""
        if down := [service.name for service in SERVICES if not self.is_up(service)]:
            raise UserError(f"not answering: {', '.join(down)}; start them with `make up RUNTIME=docker`")


def servers(settings: Settings) -> Stack | Containers:
    """The offline servers of these settings."""
    return Containers() if settings.runtime == "docker" else Stack(settings)


def _moved(last: Running | None, ports: dict[str, int]) -> bool:
    """Whether a server that ran before now has other ports."""
    return last is not None and last.ports != ports
