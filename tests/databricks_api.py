"""A stand-in of Databricks' Jobs API 2.2 on loopback, for what starts a job and follows its run.

    def work(run: Run, task: str) -> None:  # what a task does: raises when it fails, TimeoutError when it times out
        ...

    with DatabricksApi(work, token="secret") as api:
        job = api.create_job("u-batch", "load", "check", "publish")
        api.fail(503, on="jobs/run-now", times=2)
        ...  # a client with api.url as its host
        assert api.bodies("jobs/run-now") == [{"job_id": job, "only": ["load"]}]
        assert [run.tasks for run in api.runs] == [["load"]]

A run is PENDING when it is first looked at (jobs/runs/get), RUNNING when it is next, and TERMINATED once its work is
done, never sooner than at the third look. The tasks run one after the other; those behind one that failed are
UPSTREAM_FAILED. Cancelling sets `run.cancelled`, which long work waits for. `work` runs in a thread of its own, and
leaving the context ends it.

Standard library alone, since Airflow's virtual environment imports it too.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.json_server import JsonServer, Refused

TOKEN = "dapi-stand-in"
PAGE = 20  # jobs or runs, when no limit is asked for
STARTED = 1_780_000_000_000  # ms; clocks have no part in this


@dataclass(frozen=True)
class Request:
    """One request as it came: `operation` as in jobs/run-now, `body` the query's parameters too."""

    method: str
    operation: str
    body: dict[str, Any]
    authorization: str | None


@dataclass
class Run:
    """A run of a job: its id, the keys of its tasks, and the body of the jobs/run-now that started it."""

    run_id: int
    job_id: int
    name: str
    tasks: list[str]
    body: dict[str, Any]
    cancelled: threading.Event = field(default_factory=threading.Event)
    results: dict[str, tuple[str, str]] = field(default_factory=dict)  # task → result state and message
    looks: int = 0

    @property
    def parameters(self) -> dict[str, str]:
        """The job's parameters that were given to this run."""
        return dict(self.body.get("job_parameters", {}))

    def task_run_id(self, task: str) -> int:
        return self.run_id + 1 + self.tasks.index(task)

    def do(self, work: Callable[["Run", str], None]) -> None:
        """Run its tasks, up to the one that fails."""
        failed = False
        for task in self.tasks:
            if failed:
                self.results[task] = ("UPSTREAM_FAILED", "")
                continue
            try:
                work(self, task)
                self.results[task] = ("CANCELED", "") if self.cancelled.is_set() else ("SUCCESS", "")
            except TimeoutError as error:
                self.results[task] = ("TIMEDOUT", str(error))
            except Exception as error:  # whatever the work raises
                self.results[task] = ("FAILED", str(error))
            failed = self.results[task][0] != "SUCCESS"

    def state(self, task: str | None = None) -> dict[str, str]:
        """State of the run, or of one of its tasks."""
        if self.cancelled.is_set():
            return ended("CANCELED", "Run cancelled.")
        if self.looks <= 1:
            return {"life_cycle_state": "PENDING", "state_message": "Waiting for cluster"}
        if self.looks == 2 or len(self.results) < len(self.tasks):
            return {"life_cycle_state": "RUNNING", "state_message": "In run"}
        if task is not None:
            return ended(*self.results[task])
        for key, (result, _) in self.results.items():
            if result != "SUCCESS":
                return ended(result, f"Task {key} failed with message: Workload failed, see run output for details.")
        return ended("SUCCESS", "")


def ended(result: str, message: str) -> dict[str, str]:
    return {"life_cycle_state": "TERMINATED", "result_state": result, "state_message": message}


def refused(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Refused:
    return Refused(status, {"error_code": code, "message": message}, headers)


def invalid(message: str) -> Refused:
    return refused(400, "INVALID_PARAMETER_VALUE", message)


@dataclass(frozen=True)
class Fault:
    """What a request is answered with instead; `carried_out`: it is done all the same, only its answer is lost."""

    status: int
    on: str | None
    retry_after: float | None
    carried_out: bool

    def refusal(self) -> Refused:
        codes = {429: "REQUEST_LIMIT_EXCEEDED", 503: "TEMPORARILY_UNAVAILABLE"}
        headers = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        return refused(self.status, codes.get(self.status, "INTERNAL_ERROR"), "Try again later.", headers)


class DatabricksApi(JsonServer):
    """The server. `requests`: all that came, in order; `runs`: what they started, `jobs`: id → settings."""

    def __init__(self, work: Callable[[Run, str], None] = lambda run, task: None, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.requests: list[Request] = []
        self.jobs: dict[int, dict[str, Any]] = {}
        self.runs: list[Run] = []
        self._work = work
        self._faults: list[Fault] = []

    def stop(self) -> None:
        for run in self.runs:
            run.cancelled.set()

    def create_job(self, name: str, *tasks: str) -> int:
        """Make a job as jobs/create does, of tasks that follow one another; its id."""
        keys = [{"task_key": task} for task in tasks]
        return int(self._create({"name": name, "tasks": keys})["job_id"])

    def fail(
        self,
        status: int,
        on: str | None = None,
        times: int = 1,
        retry_after: float | None = None,
        carried_out: bool = False,
    ) -> None:
        """Answer the next requests with this status, of the operation `on` or of all; as in `Fault`."""
        self._faults += [Fault(status, on, retry_after, carried_out)] * times

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """Bodies of all requests for an operation."""
        return [request.body for request in self.requests if request.operation == operation]

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str | None) -> dict[str, Any]:
        request = Request(method, path.removeprefix("/api/2.2/"), body, authorization)
        self.requests.append(request)
        if authorization is None:
            raise refused(401, "401", "Credential was not sent or was of an unsupported type for this API.")
        if authorization != f"Bearer {self.token}":
            raise refused(403, "403", "Invalid access token.")
        fault = next((fault for fault in self._faults if fault.on in (None, request.operation)), None)
        if fault:
            self._faults.remove(fault)
            if not fault.carried_out:
                raise fault.refusal()
        answer = self._carry_out(request)
        if fault:
            raise fault.refusal()
        return answer

    def _carry_out(self, request: Request) -> dict[str, Any]:
        operations: dict[tuple[str, str], Callable[[dict[str, Any]], dict[str, Any]]] = {
            ("POST", "jobs/create"): self._create,
            ("GET", "jobs/get"): self._get,
            ("GET", "jobs/list"): self._list,
            ("POST", "jobs/run-now"): self._run_now,
            ("GET", "jobs/runs/list"): self._runs_list,
            ("GET", "jobs/runs/get"): self._runs_get,
            ("GET", "jobs/runs/get-output"): self._runs_get_output,
            ("POST", "jobs/runs/cancel"): self._runs_cancel,
        }
        operation = operations.get((request.method, request.operation))
        if operation is None:
            raise refused(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {request.operation}'")
        try:
            return operation(request.body)
        except KeyError as error:
            raise invalid(f"{error} is missing") from None

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        job_id = 100 + len(self.jobs)
        self.jobs[job_id] = body
        return {"job_id": job_id}

    def _job(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        job_id = int(body["job_id"])
        if job_id not in self.jobs:
            raise invalid(f"Job {job_id} does not exist.")
        return job_id, self.jobs[job_id]

    def _get(self, body: dict[str, Any]) -> dict[str, Any]:
        job_id, settings = self._job(body)
        return {"job_id": job_id, "created_time": STARTED, "settings": settings}

    def _list(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [
            {"job_id": job_id, "created_time": STARTED, "settings": {"name": settings["name"]}}
            for job_id, settings in self.jobs.items()
            if body.get("name", settings["name"]).lower() == settings["name"].lower()
        ]
        return page_of("jobs", found, body)

    def _run_now(self, body: dict[str, Any]) -> dict[str, Any]:
        token = body.get("idempotency_token")
        if token and len(token) > 64:
            raise invalid("idempotency_token has more than 64 characters.")
        job_id, settings = self._job(body)
        for run in self.runs:
            if token and run.body.get("idempotency_token") == token:
                return {"run_id": run.run_id, "number_in_job": run.run_id}
        there = [task["task_key"] for task in settings.get("tasks", [])]
        only = body.get("only", there)
        if unknown := set(only) - set(there):
            raise invalid(f"no task {', '.join(sorted(unknown))} in job {job_id}")
        run_id = 1000 * (1 + len(self.runs))  # those of its tasks follow
        run = Run(run_id, job_id, settings["name"], [task for task in there if task in only], body)
        self.runs.append(run)
        self.threads.append(threading.Thread(target=run.do, args=(self._work,)))
        self.threads[-1].start()
        return {"run_id": run_id, "number_in_job": run_id}

    def _run(self, body: dict[str, Any]) -> tuple[Run, str | None]:
        """The run, and the task when it is a task's run that is asked for."""
        run_id = int(body["run_id"])
        for run in self.runs:
            if run.run_id == run_id:
                return run, None
            for task in run.tasks:
                if run.task_run_id(task) == run_id:
                    return run, task
        raise invalid(f"Run {run_id} does not exist.")

    def _view(self, run: Run) -> dict[str, Any]:
        return {
            "job_id": run.job_id,
            "run_id": run.run_id,
            "run_name": run.name,
            "run_page_url": f"{self.url}/?o=1#job/{run.job_id}/run/{run.run_id}",
            "start_time": STARTED,
            "state": run.state(),
            "tasks": [
                {"task_key": task, "run_id": run.task_run_id(task), "attempt_number": 0, "state": run.state(task)}
                for task in run.tasks
            ],
        }

    def _runs_list(self, body: dict[str, Any]) -> dict[str, Any]:
        views = [self._view(run) for run in reversed(self.runs) if run.job_id == int(body.get("job_id", run.job_id))]
        if body.get("active_only") == "true":
            views = [view for view in views if view["state"]["life_cycle_state"] != "TERMINATED"]
        return page_of("runs", views, body)

    def _runs_get(self, body: dict[str, Any]) -> dict[str, Any]:
        run, task = self._run(body)
        if task is not None:
            return self._task_view(run, task)
        run.looks += 1
        return self._view(run)

    def _task_view(self, run: Run, task: str) -> dict[str, Any]:
        return self._view(run) | {"run_id": run.task_run_id(task), "state": run.state(task), "tasks": []}

    def _runs_get_output(self, body: dict[str, Any]) -> dict[str, Any]:
        run, task = self._run(body)
        if task is None:
            raise invalid("Retrieving the output of runs with multiple tasks is not supported.")
        result, message = run.results.get(task, ("", ""))
        said = {"error": message} if result in ("FAILED", "TIMEDOUT") else {}
        return {"metadata": self._task_view(run, task)} | said

    def _runs_cancel(self, body: dict[str, Any]) -> dict[str, Any]:
        run, _ = self._run(body)
        if run.state()["life_cycle_state"] != "TERMINATED":
            run.cancelled.set()
        return {}


def page_of(name: str, found: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
    """The page that is asked for; `name` is left out when it is empty, as Databricks does."""
    first, limit = int(body.get("page_token", 0)), int(body.get("limit", PAGE))
    here, last = found[first : first + limit], first + limit >= len(found)
    following = {} if last else {"next_page_token": str(first + limit)}
    return {"has_more": not last} | ({name: here} if here else {}) | following
