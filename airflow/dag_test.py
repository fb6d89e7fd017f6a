"""`make dag-test`: runs the DAG once with Airflow on the offline stack of STATE, and prints the state of each task.

It runs with .build/airflow's Python, on Airflow and the standard library. Airflow's database is temporary; its output
goes to $STATE/logs/airflow.log.
"""

import functools
import importlib
import json
import os
import re
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pipeline.dotenv import folder, setting
from pipeline.environment import go_offline

ROOT = Path(__file__).resolve().parents[1]
DAGS = ROOT / "airflow" / "dags"
PYTHON = ROOT / ".build" / "venv" / "bin" / "python"


def environment(state: Path, home: str, estate: dict[str, Any]) -> dict[str, str]:
    """Environment variables: where Airflow finds its files, the estate and the jobs."""
    region, endpoint = estate["region"], estate["aws_endpoint_url"]
    aws = {"conn_type": "aws", "login": "test", "password": "test"}  # LocalStack accepts any: not a secret
    return {
        "STATE": str(state),
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(aws | {"extra": {"region_name": region, "endpoint_url": endpoint}}),
        "AIRFLOW__PIN__USER_ID": estate["user_id"],
        "AIRFLOW__PIN__BUCKET": estate["bucket"],
        "AIRFLOW__PIN__ENGINE": "local",
        "AIRFLOW__PIN__ALARM_TOPIC_ARN": estate["alarm_topic_arn"],
        "AIRFLOW__PIN__MAX_REJECTED_SHARE": setting("MAX_REJECTED_SHARE", "0.05"),
        "AIRFLOW__PIN__MAX_AGE_HOURS": setting("MAX_AGE_HOURS", "36"),
        "AIRFLOW__PIN__WAIT_HOURS": "0",
        "AIRFLOW__PIN__LOCAL_COMMAND": f"cd {shlex.quote(str(ROOT))} && {shlex.quote(str(PYTHON))} -m jobs",
    }


class Progress:
    """Prints when a task starts and ends; `reasons` has each task's last error."""

    def __init__(self, shown: TextIO, log: Path) -> None:
        self.shown = shown
        self.log = log
        self.reasons: dict[str, str] = {}
        self._began = 0.0
        self._offset = 0

    def running(self, task: str) -> None:
        self._began, self._offset = time.monotonic(), self.log.stat().st_size
        print(f"{task} ...", file=self.shown, flush=True)

    def ended(self, task: str, state: str) -> None:
        print(f"{task}: {state} after {time.monotonic() - self._began:.1f} s", file=self.shown, flush=True)

    def failed(self, task: str, again: bool, error: object) -> None:
        reason = self.reasons[task] = self._error() or " ".join(str(error).split())
        self.ended(task, f"failed, will be retried ({reason})," if again else "failed")

    def _error(self) -> str | None:
        """The error of the task's command, of which Airflow knows only the exit code."""
        with self.log.open(errors="replace") as log:
            log.seek(self._offset)
            errors = re.findall(r"\] error: (.+?) +\[\S+SubprocessHook\]", log.read())
        return errors[-1] if errors else None


def listener(progress: Progress) -> object:
    """An Airflow listener that reports to `progress`."""
    from airflow.listeners import hookimpl

    class Listener:
        @hookimpl
        def on_task_instance_running(self, task_instance: Any) -> None:
            progress.running(task_instance.task_id)

        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            progress.ended(task_instance.task_id, "success")

        @hookimpl
        def on_task_instance_skipped(self, task_instance: Any) -> None:
            progress.ended(task_instance.task_id, "skipped")

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: Any) -> None:
            progress.failed(task_instance.task_id, task_instance.state == "up_for_retry", error)

    return Listener()


def run(progress: Progress) -> tuple[str, list[Any]]:
    """Run the DAG. Returns the run's state and its task instances, in the order of the DAG."""
    from airflow.sdk.execution_time import supervisor
    from airflow.sdk.listener import get_listener_manager
    from airflow.utils.db import initdb

    initdb()
    # One API server for all tasks: `DAG.test` starts one per task, which takes longer than most tasks.
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
    get_listener_manager().add_listener(listener(progress))
    sys.path.insert(0, str(DAGS))
    dag = importlib.import_module("pin_dag").dag
    dag.deadline = []  # `DAG.test` of Airflow 3.2.1 cannot end a run that has one
    finished = dag.test()
    order = [task.task_id for task in dag.topological_sort()]
    return str(finished.state), sorted(finished.get_task_instances(), key=lambda task: order.index(task.task_id))


def table(tasks: list[Any]) -> str:
    rows = [("task", "state", "tries", "seconds")]
    for task in tasks:
        seconds = f"{task.duration:.1f}" if task.try_number else ""
        rows.append((task.task_id, str(task.state), str(task.try_number), seconds))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}" for row in rows
    )


@contextmanager
def output_to(log: Path) -> Iterator[TextIO]:
    """Redirect the output of this process and its children to the log; yields the terminal."""
    saved = os.dup(1), os.dup(2)
    try:
        with log.open("w") as file, os.fdopen(os.dup(1), "w") as shown:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            try:
                yield shown
            except Exception:
                traceback.print_exc()
                raise
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
    finally:
        for number, copy in enumerate(saved, start=1):
            os.dup2(copy, number)
            os.close(copy)


def main() -> None:
    state = folder("STATE", ".state").resolve()
    try:
        estate = json.loads((state / "estate.json").read_text())
    except FileNotFoundError:
        sys.exit(f"error: no estate at {state}/estate.json: create one with `make infra`")
    log = state / "logs" / "airflow.log"
    log.parent.mkdir(exist_ok=True)
    print(f"{estate['user_id']}_dag with Airflow, jobs on this machine, in {state}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="airflow-", dir=state) as home, output_to(log) as shown:
            go_offline()
            os.environ |= environment(state, home, estate)
            progress = Progress(shown, log)
            state_of_run, tasks = run(progress)
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except Exception as error:
        sys.exit(f"error: Airflow could not run the DAG: {' '.join(str(error).split())[:300]} (log: {log})")
    print(f"\n{table(tasks)}\n", flush=True)
    failed = next((task for task in tasks if task.state == "failed"), None)
    if failed:
        reason = progress.reasons.get(failed.task_id, "no reason given")
        sys.exit(f"error: {failed.task_id} failed: {reason} (log: {log})")
    if tasks[0].state == "skipped":
        print(
            f"run: {state_of_run}; skipped: nothing new has landed since the last load (send rows with `make emulate`)"
        )
    else:
        print(f"run: {state_of_run}; report: {state}/report/index.html, published in s3://{estate['bucket']}/report/")


if __name__ == "__main__":
    main()
