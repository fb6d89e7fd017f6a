"""The batch on Databricks: the bundle's job, started by name. The workspace is that of the person's own login."""

import uuid
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.jobs import Run, RunLifeCycleState, RunResultState

from engines.follow import POLL, follow
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

ENDED = (RunLifeCycleState.TERMINATED, RunLifeCycleState.SKIPPED, RunLifeCycleState.INTERNAL_ERROR)


def batch(settings: Settings, estate: Estate, poll: float = POLL) -> None:
    """Run the job there, and return when it has succeeded.

    Raises UserError when there is no login, no such job, another run of it, or it fails.
    """
    try:
        _run(WorkspaceClient(), settings.databricks_job or f"{estate.user_id}-batch", poll)
    except (DatabricksError, ValueError) as error:  # ValueError: no login
        raise UserError(
            f"Databricks: {' '.join(str(error).split())} (the login is `databricks auth login`'s, "
            "or DATABRICKS_HOST and DATABRICKS_TOKEN)"
        ) from None


def _run(workspace: WorkspaceClient, name: str, poll: float) -> None:
    job = _job(workspace, name)
    for other in workspace.jobs.list_runs(job_id=job, active_only=True):
        raise UserError(f"another batch job is running: {other.run_page_url}: wait for it to end")
    run = workspace.jobs.run_now(job, idempotency_token=str(uuid.uuid4())).run_id
    print(f"{name}: {workspace.jobs.get_run(run).run_page_url}", flush=True)

    def look() -> tuple[str, bool]:
        now = workspace.jobs.get_run(run)
        return _states(now), now.state.life_cycle_state in ENDED

    follow(look, lambda: workspace.jobs.cancel_run(run), poll)
    ended = workspace.jobs.get_run(run)
    if ended.state.result_state != RunResultState.SUCCESS:
        raise UserError(f"{name} {_why(workspace, ended)} ({ended.run_page_url})")


def _job(workspace: WorkspaceClient, name: str) -> int:
    """The job's id."""
    found = [job.job_id for job in workspace.jobs.list(name=name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{len(found)} jobs are called {name} in {workspace.config.host}: delete what is left over")
    raise UserError(
        f"no job {name} in {workspace.config.host}: `databricks bundle deploy` makes it, "
        "and DATABRICKS_JOB names one that is called otherwise"
    )


def _states(run: Run) -> str:
    """The run's state and that of each task."""
    tasks = ", ".join(f"{task.task_key} {_state(task.state)}" for task in run.tasks or [])
    return f"{_state(run.state)} ({tasks})" if tasks else _state(run.state)


def _state(state: Any) -> str:
    return str((state.result_state or state.life_cycle_state).value)


def _why(workspace: WorkspaceClient, run: Run) -> str:
    """What failed first, and what it said."""
    for task in run.tasks or []:
        if task.state.result_state in (RunResultState.FAILED, RunResultState.TIMEDOUT):
            said = workspace.jobs.get_run_output(task.run_id).error or task.state.state_message or "it does not say why"
            return f"failed at {task.task_key}: {' '.join(said.split())}"
    return f"ended as {_state(run.state)}: {run.state.state_message or 'it does not say why'}"
