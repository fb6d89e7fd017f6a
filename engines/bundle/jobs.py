"""What is asked of a job beside the API's types: its tasks, and what they run on, fit one another."""

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from zoneinfo import available_timezones

from engines.bundle import cron
from engines.bundle.config import Block, Problem, Target, path_from
from engines.bundle.wheel import of_wheel

COMPUTE = ("environment_key", "job_cluster_key", "existing_cluster_id", "new_cluster")
SHARED = {"environments": "environment_key", "job_clusters": "job_cluster_key"}
# Tasks that name a file of the bundle, and by which key.
FILES = {"notebook_task": "notebook_path", "spark_python_task": "python_file"}
STARTS = ("schedule", "continuous", "trigger")


@dataclass(frozen=True)
class Job:
    """A job of the bundle, whose keys and types are those of the API."""

    target: Target
    name: str
    settings: Block

    def problems(self) -> Iterator[Problem]:
        yield from self._order()
        yield from self._compute()
        yield from self._start()
        for path, task in self._tasks.items():
            yield from self._files(path, task)
            if "python_wheel_task" in task:
                yield from of_wheel(self.target, self.settings, path, task)

    @property
    def _path(self) -> str:
        return f"jobs.{self.name}"

    @property
    def _tasks(self) -> dict[str, Block]:
        return {f"{self._path}.tasks[{n}]": task for n, task in enumerate(self.settings["tasks"])}

    def _order(self) -> Iterator[Problem]:
        waits = {
            task["task_key"]: [on["task_key"] for on in task.get("depends_on", [])] for task in self._tasks.values()
        }
        for path, task in self._tasks.items():
            for other in waits[task["task_key"]]:
                if other not in waits:
                    yield Problem(task.places["depends_on"], f"{path}.depends_on", f"there is no task {other}")
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            circle = " after ".join(error.args[1][::-1])
            yield Problem(self.settings.places["tasks"], f"{self._path}.tasks", f"they wait for one another: {circle}")

    def _compute(self) -> Iterator[Problem]:
        for path, task in self._tasks.items():
            chosen = [key for key in COMPUTE if key in task]
            if len(chosen) > 1 or (not chosen and "notebook_task" not in task):
                what = f"runs on {' and '.join(chosen) or 'nothing'}: it takes one of {', '.join(COMPUTE)}"
                yield Problem(task.places["task_key"], path, what)
            if "environment_key" in task and "libraries" in task:
                what = "are for clusters: an environment has dependencies"
                yield Problem(task.places["libraries"], f"{path}.libraries", what)
        for kind, key in SHARED.items():
            there = {item[key]: item for item in self.settings.get(kind, [])}
            for path, task in self._tasks.items():
                if key in task and task[key] not in there:
                    yield Problem(task.places[key], f"{path}.{key}", f"there is no {task[key]} among the {kind}")
            for unused in there.keys() - {task.get(key) for task in self._tasks.values()}:
                yield Problem(there[unused].places[key], f"{self._path}.{kind}", f"no task runs on {unused}")

    def _start(self) -> Iterator[Problem]:
        schedule = self.settings.block("schedule")
        if schedule:
            trouble = cron.trouble(schedule["quartz_cron_expression"])
            if trouble:
                path = f"{self._path}.schedule.quartz_cron_expression"
                yield Problem(schedule.places["quartz_cron_expression"], path, trouble)
            if schedule["timezone_id"] not in available_timezones():
                path = f"{self._path}.schedule.timezone_id"
                yield Problem(schedule.places["timezone_id"], path, f"{schedule['timezone_id']} is no time zone")
        for start in STARTS:
            # In development the CLI pauses what does not say otherwise.
            status = self.settings.block(start).get("pause_status", "PAUSED")
            if self.target.mode == "development" and status != "PAUSED":
                what = f"is {status} in {self.target.name}: a copy for development starts nothing by itself"
                yield Problem(self.settings.places[start], f"{self._path}.{start}.pause_status", what)

    def _files(self, path: str, task: Block) -> Iterator[Problem]:
        for kind, key in FILES.items():
            below = task.block(kind)
            named = below.get(key)
            if named and not named.startswith("/"):
                place = below.places[key]
                if not (self.target.root / path_from(place, named)).is_file():
                    yield Problem(place, f"{path}.{kind}.{key}", f"there is no file {named}")
