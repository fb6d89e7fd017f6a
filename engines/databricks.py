"""Runs the batch on Databricks: the bundle's job, by name, in the workspace of the user's login."""

import uuid
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.jobs import Run, RunLifeCycleState, RunResultState

from engines.follow import POLL, follow
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

FINISHED = (RunLifeCycleState.TERMINATED, RunLifeCycleState.SKIPPED, RunLifeCycleState.INTERNAL_ERROR)


def batch(settings: Settings, estate: Estate, poll: float = POLL) -> None:
    """Run the job, and return when it has succeeded. `poll` is in seconds.

    Raises UserError without a login or the job, while another run is active, and when the run fails.
    """
    try:
        _run(WorkspaceClient(), settings.databricks_job or f"{estate.user_id}-batch", poll)
    except (DatabricksError, ValueError) as error:  # ValueError: no login
        raise UserError(
            f"Databricks: {' '.join(str(error).split())} (log in with `databricks auth login`, "
            "or set DATABRICKS_HOST and DATABRICKS_TOKEN)"
        ) from None


def _run(workspace: WorkspaceClient, name: str, poll: float) -> None:
    job = _job(workspace, name)
    for other in workspace.jobs.list_runs(job_id=job, active_only=True):
        raise UserError(f"another batch job is running: {other.run_page_url}: wait until it has finished")
    run = workspace.jobs.run_now(job, idempotency_token=str(uuid.uuid4())).run_id
    print(f"{name}: {workspace.jobs.get_run(run).run_page_url}", flush=True)

    def poll_state() -> tuple[str, bool]:
        now = workspace.jobs.get_run(run)
        return _states(now), now.state.life_cycle_state in FINISHED

    follow(poll_state, lambda: workspace.jobs.cancel_run(run), poll)
    finished = workspace.jobs.get_run(run)
    if finished.state.result_state != RunResultState.SUCCESS:
        raise UserError(f"{name} {_failure(workspace, finished)} ({finished.run_page_url})")


def _job(workspace: WorkspaceClient, name: str) -> int:
    """The job's id. Raises UserError unless exactly one job has the name."""
    found = [job.job_id for job in workspace.jobs.list(name=name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{len(found)} jobs are named {name} in {workspace.config.host}: delete all but one")
    raise UserError(
        f"no job {name} in {workspace.config.host}: `databricks bundle deploy` creates it; "
        "DATABRICKS_JOB sets another name"
    )


def _states(run: Run) -> str:
    """The state of the run and of each task."""
    tasks = ", ".join(f"{task.task_key} {_state(task.state)}" for task in run.tasks or [])
    return f"{_state(run.state)} ({tasks})" if tasks else _state(run.state)


def _state(state: Any) -> str:
    return str((state.result_state or state.life_cycle_state).value)


def _failure(workspace: WorkspaceClient, run: Run) -> str:
    """The first task that failed with its error, or else how the run ended."""
    for task in run.tasks or []:
        if task.state.result_state in (RunResultState.FAILED, RunResultState.TIMEDOUT):
            error = workspace.jobs.get_run_output(task.run_id).error or task.state.state_message or "no reason given"
            return f"failed at {task.task_key}: {' '.join(error.split())}"
    return f"ended as {_state(run.state)}: {run.state.state_message or 'no reason given'}"
