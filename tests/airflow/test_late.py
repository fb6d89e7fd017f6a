"""The alarm for a late run, by Airflow's own scheduler and triggerer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models import Deadline
from airflow.models.dagbag import DBDagBag
from airflow.triggers.callback import CallbackTrigger
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def session(database):
    with create_session() as session:
        yield session


@pytest.fixture
def queued(stage, session, numbers):
    """A run that the scheduler has just queued, of a stored DAG."""
    user_id = f"late-{next(numbers)}"
    stage.set(user_id=user_id, engine="local", wait_hours=6)
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(DagBag(), "dags-folder", None, session=session)
    dag = DBDagBag().get_latest_version_of_dag(f"{user_id}_dag", session=session)
    run = dag.create_dagrun(
        run_id="scheduled__2026-11-24",
        logical_date=MIDNIGHT,
        data_interval=(MIDNIGHT, MIDNIGHT),
        run_after=MIDNIGHT,
        run_type=DagRunType.SCHEDULED,
        triggered_by=DagRunTriggeredByType.TIMETABLE,
        state=DagRunState.QUEUED,
        session=session,
    )
    session.flush()
    return run


def deadlines(session, run):
    return session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).all()


def test_a_late_run_is_reported(stage, session, queued):
    [deadline] = deadlines(session, queued)
    assert deadline.deadline_time - queued.queued_at == timedelta(hours=9)

    deadline.handle_miss(session)

    waiting = deadline.callback.trigger
    assert waiting.classpath == "airflow.triggers.callback.CallbackTrigger"

    async def trigger():
        return [event.payload["state"] async for event in CallbackTrigger(**waiting.kwargs).run()]

    assert asyncio.run(trigger()) == ["running", "success"]
    assert stage.messages() == [
        (f"{queued.dag_id}: late", "Run scheduled__2026-11-24 has not finished after 9:00:00."),
    ]


def test_a_run_that_finishes_in_time_is_not_reported(stage, session, queued):
    queued.state = DagRunState.RUNNING
    for instance in queued.get_task_instances(session=session):
        instance.state = TaskInstanceState.SUCCESS
    session.flush()

    queued.update_state(session=session)

    assert queued.state == DagRunState.SUCCESS
    assert deadlines(session, queued) == []
    assert stage.messages() == []
