"""A fake EMR Serverless with job runs. (moto's end as soon as they start, and each call starts another one.)

    with EmrApi(lambda step: None) as api:  # what a step does: raises when its job run fails
        api.fail(429)
        ...  # botocore with api.url as the endpoint of emr-serverless
        assert [run["name"] for run in api.started] == ["u-load"]

A job run is RUNNING when it is first looked at, then at its end.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.json_server import JsonServer, Refused

APPLICATION = "00fapplication"
JOB_RUNS = f"/applications/{APPLICATION}/jobruns"


class EmrApi(JsonServer):
    """`requested`: bodies of all StartJobRun, `started`: of those that started one; `states`: of each job run."""

    def __init__(self, work: Callable[[str], None] = lambda step: None) -> None:
        super().__init__()
        self.requested: list[dict[str, Any]] = []
        self.started: list[dict[str, Any]] = []
        self.states: list[tuple[str, str]] = []
        self._work = work
        self._failing: list[int] = []

    def fail(self, *statuses: int) -> None:
        """Start the next requested job runs, but answer with this."""
        self._failing += statuses

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str | None) -> dict[str, Any]:
        if (method, path) == ("GET", f"/applications/{APPLICATION}"):
            return {"application": {"applicationId": APPLICATION, "state": "STARTED"}}
        if (method, path) == ("POST", JOB_RUNS):
            return self._start(body)
        if run := re.fullmatch(rf"{JOB_RUNS}/run(\d+)", path):
            return self._look(int(run[1]))
        raise Refused(404, {"message": f"{method} {path}"}, {"x-amzn-ErrorType": "ResourceNotFoundException"})

    def _start(self, body: dict[str, Any]) -> dict[str, Any]:
        self.requested.append(body)
        tokens = [started["clientToken"] for started in self.started]
        if body["clientToken"] not in tokens:
            self.started.append(body)
            self.states.append(("SCHEDULED", ""))
            tokens.append(body["clientToken"])
        if self._failing:
            raise Refused(
                self._failing.pop(0), {"message": "Rate exceeded"}, {"x-amzn-ErrorType": "ThrottlingException"}
            )
        number = tokens.index(body["clientToken"])
        return {"applicationId": APPLICATION, "jobRunId": f"run{number}", "arn": f"arn:aws:emr-serverless:::/{number}"}

    def _look(self, number: int) -> dict[str, Any]:
        state = self.states[number][0]
        if state == "SCHEDULED":
            self.states[number] = ("RUNNING", "")
        elif state == "RUNNING":
            self.states[number] = self._end(self.started[number])
        state, details = self.states[number]
        return {
            "jobRun": {
                "applicationId": APPLICATION,
                "jobRunId": f"run{number}",
                "name": self.started[number]["name"],
                "state": state,
                "stateDetails": details,
            }
        }

    def _end(self, started: dict[str, Any]) -> tuple[str, str]:
        try:
            self._work(started["jobDriver"]["sparkSubmit"]["entryPointArguments"][0])
        except Exception as error:  # all that the work raises
            return "FAILED", str(error)
        return "SUCCESS", ""
