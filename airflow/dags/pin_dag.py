"""Loads what has landed in S3, judges it, and publishes the report if it is fit for that: once a day.

| task | does | when it does not work out |
|---|---|---|
| `new_objects` | waits until something new has landed | nothing for `wait_hours`: the run is skipped, no alarm |
| `load` | engine: what is new into the Delta tables, and judges it | retried, then alarm |
| `quality_gate` | lets only a load without a breach through | alarm with the figures; nothing is published |
| `publish` | engine: analyses and report into the bucket | retried, then alarm |
| `notify` | sends the load's figures, and where the report is | retried, then alarm |

Alarms go to the SNS topic `alarm_topic_arn`, one also when a run is not done in time. Settings are those of Airflow's
configuration section `pin`. The engine is `emr`, `databricks` (needs the connection `databricks_default`) or `local`.
"""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.configuration import conf
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import (
    DAG,
    AsyncCallback,
    BaseHook,
    BaseOperator,
    BaseSensorOperator,
    Context,
    DeadlineAlert,
    DeadlineReference,
    task,
)
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
    TaskDeferred,
)
from botocore.handlers import set_list_objects_encoding_type_url

USER_ID = conf.get("pin", "user_id", fallback="0a1b2c3d4e5f")
BUCKET = conf.get("pin", "bucket", fallback=f"user-{USER_ID}-bucket")
ENGINE = conf.get("pin", "engine", fallback="local")
ALARM_TOPIC = conf.get("pin", "alarm_topic_arn", fallback="")
EMR = json.loads(conf.get("pin", "emr", fallback="{}"))
DATABRICKS_JOB = conf.get("pin", "databricks_job", fallback=f"{USER_ID}-batch")
MAX_REJECTED_SHARE = conf.getfloat("pin", "max_rejected_share", fallback=0.05)
MAX_AGE_HOURS = conf.getfloat("pin", "max_age_hours", fallback=36)
WAIT = timedelta(hours=conf.getfloat("pin", "wait_hours", fallback=6))
# Not much less: Airflow takes a task for lost that runs again before its executor has told of the end of its last run.
POLL = timedelta(seconds=conf.getfloat("pin", "poll_seconds", fallback=60))
LOCAL_COMMAND = conf.get("pin", "local_command", fallback="python3 -m jobs")

TOPICS = [f"{USER_ID}.{name}" for name in ("pin", "geo", "user", "dead-letter")]
# How the S3 sink names what it puts: the pattern of pipeline/landed_name.py.
LANDED = (
    r"(?P<topic>[^/]+)/partition=(?P<partition>0|[1-9][0-9]*)/(?P=topic)\+(?P=partition)"
    r"\+(?P<first>[0-9]{10,19})(\.json|\+(?P<next>[0-9]{10,19})\.missing)"
)
FAR = 10**9  # further than an object's offset from the next one's: beyond it, names of one width sort
PROGRESS = "progress/batch.json"
REPORT = f"s3://{BUCKET}/report/index.html"
ESTATE = f"s3://{BUCKET}/artifacts/estate.json"
CONNECTION = "databricks_default"

JOB_TIMEOUT = timedelta(hours=2)
DONE_WITHIN = WAIT + timedelta(hours=3)
# One id a try, which a call that is sent again carries too: it starts no second job.
TRY = "{{ ti.id }}"


def progress() -> dict[str, Any]:
    """How far the batch has come, as `load` leaves it; empty before the first one."""
    s3 = S3Hook()
    return json.loads(s3.read_key(PROGRESS, BUCKET)) if s3.check_for_key(PROGRESS, BUCKET) else {}


class NewObjectsSensor(BaseSensorOperator):
    """Waits until an object has landed that the batch has not read; skips the run when none does.

    It holds no worker while it waits, and its trigger is the provider's: a triggerer need not find this file.
    """

    def execute(self, context: Context, event: Any = None) -> str:
        """The first such object. Raises TaskDeferred while there is none, AirflowSkipException after WAIT."""
        last_read = progress().get("last_read", {})
        for topic in TOPICS:
            if key := self.first_behind(last_read, f"topics/{topic}/"):
                self.log.info("s3://%s/%s is new", BUCKET, key)
                return key
        if datetime.now(UTC) >= context["dag_run"].start_date + WAIT:
            raise AirflowSkipException(f"nothing new has landed in s3://{BUCKET} for {WAIT}")
        raise TaskDeferred(trigger=TimeDeltaTrigger(POLL), method_name="execute")

    def first_behind(self, last_read: dict[str, str], prefix: str) -> str | None:
        """The topic's first object, of those that the sink named, after the last one read of its partition.

        Where that one is gone, the folder was emptied, and what it holds is new.
        """
        s3, behind, at_once, there = S3Hook().get_conn(), "", 1, {}
        # Names as they are: LocalStack 4.7.0 compares encoded ones with a StartAfter that is not.
        s3.meta.events.unregister("before-parameter-build.s3.ListObjectsV2", set_list_objects_encoding_type_url)
        # From partition to partition: what is read of one is passed over at once, however much that is.
        while found := s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix, StartAfter=behind, MaxKeys=at_once).get(
            "Contents"
        ):
            for key in (str(item["Key"]) for item in found):
                read = last_read.get(f"{key.rpartition('/')[0]}/", "")
                if _offset(key) > _offset(read):
                    return key
                if read not in there:
                    there[read] = _is_there(s3, read)
                if _offset(key) >= 0 and not there[read]:
                    return key
            behind, at_once = (read, 1) if read > key and _sorts_on(read) else (key, 1000)
        return None


def _offset(key: str) -> int:
    """By which names are compared; -1 where the sink did not name it."""
    named = re.fullmatch(LANDED, key.removeprefix("topics/"))
    return int(named["first"]) if named else -1


def _sorts_on(key: str) -> bool:
    """Whether the names of later offsets sort behind this one, as in pipeline/landed_name.py."""
    named = re.fullmatch(LANDED, key.removeprefix("topics/"))
    return named is not None and int(named["next"] or named["first"]) + FAR < 10 ** len(named["first"])


def _is_there(s3: Any, key: str) -> bool:
    """Asked by a listing, for which the environment has the permission."""
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=key, MaxKeys=1).get("Contents", [])
    return any(item["Key"] == key for item in found)


class EmrJobOperator(EmrServerlessStartJobOperator):
    """The provider's, which would fail by KeyError instead of saying why the job failed."""

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str | None:
        if event and event["status"] != "success":
            raise AirflowException(event["message"])
        return super().execute_complete(context, event)


def engine_job(step: str, *thresholds: str) -> BaseOperator:
    """A step of the batch, on the engine."""
    always: dict[str, Any] = {"task_id": step, "execution_timeout": JOB_TIMEOUT}
    if ENGINE == "local":
        return BashOperator(**always, bash_command=" ".join([LOCAL_COMMAND, step, *thresholds]), append_env=True)
    if ENGINE == "emr":
        return EmrJobOperator(
            **always,
            application_id=EMR["application_id"],
            execution_role_arn=EMR["role_arn"],
            name=f"{USER_ID}-{step}",
            job_driver={
                "sparkSubmit": {
                    "entryPoint": EMR["entry_point"],
                    "entryPointArguments": [step, "--engine", "spark", "--estate", ESTATE, *thresholds],
                    "sparkSubmitParameters": EMR["spark_parameters"],
                }
            },
            configuration_overrides={
                "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": EMR["log_uri"]}}
            },
            # EMR itself ends a job that hangs; `client_request_token` would be no template.
            config={"clientToken": TRY, "executionTimeoutMinutes": JOB_TIMEOUT // timedelta(minutes=1)},
            waiter_delay=math.ceil(POLL.total_seconds()),
            waiter_max_attempts=math.ceil(JOB_TIMEOUT / POLL) + 10,
            deferrable=True,
        )
    if ENGINE == "databricks":
        # Managed Airflow has this provider for this engine alone.
        from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

        return DatabricksRunNowOperator(
            **always,
            databricks_conn_id=CONNECTION,
            job_name=DATABRICKS_JOB,
            json={"only": [step]},
            idempotency_token=TRY,
            polling_period_seconds=math.ceil(POLL.total_seconds()),
            pre_execute=require_connection,
            deferrable=True,
        )
    raise ValueError(f"pin.engine is {ENGINE!r}: it must be emr, databricks or local")


def require_connection(context: Context) -> None:
    """Raises AirflowFailException, which no retry follows, unless there is a connection with a host and a login."""
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        connection = None
    if not (connection and connection.host and (connection.password or connection.extra_dejson)):
        raise AirflowFailException(
            f"Airflow has no connection {CONNECTION} with the workspace as host and a token as password: make it, "
            f"on Managed Airflow as the secret {USER_ID}/airflow/connections/{CONNECTION} in Secrets Manager, "
            '{"conn_type": "databricks", "host": "<workspace>", "password": "<token>"}'
        )


def alarm(what: str, why: str) -> dict[str, str]:
    """Arguments of the notifier for an alarm."""
    return {"target_arn": ALARM_TOPIC, "subject": f"{USER_ID}_dag: {what}", "message": why}


with DAG(
    dag_id=f"{USER_ID}_dag",
    description="Daily batch: load what has landed, judge it, publish the report",
    doc_md=__doc__,
    tags=["pin", "batch", ENGINE],
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,  # Managed Airflow's web server, where one would start it, is within the VPC
    max_active_runs=1,
    dagrun_timeout=DONE_WITHIN + timedelta(hours=6),
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=DONE_WITHIN,
        callback=AsyncCallback(
            SnsNotifier, alarm("late", f"Run {{{{ dag_run.dag_run_id }}}} is not done after {DONE_WITHIN}.")
        ),
    ),
    default_args={
        "owner": USER_ID,
        "retries": 2,  # the first after core.default_task_retry_delay, which is 5 minutes
        "retry_exponential_backoff": 2.0,  # True would be 1.0, which is none
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": SnsNotifier(
            **alarm(
                "{{ ti.task_id }} failed",
                "Run {{ run_id }}, try {{ ti.try_number }}: {{ exception | default('no reason given', true) }}\n"
                "Log: {{ ti.log_url }}",
            )
        ),
    },
) as dag:

    @task
    def quality_gate() -> str:
        """The load's figures, in one line. Raises AirflowFailException, which no retry follows, on a breach."""
        quality = progress().get("quality")
        if quality is None:
            raise AirflowFailException(f"no load has been judged yet: there is no quality in s3://{BUCKET}/{PROGRESS}")
        if quality["breaches"]:
            raise AirflowFailException(f"{'; '.join(quality['breaches'])} ({quality['summary']})")
        return str(quality["summary"])

    new_objects = NewObjectsSensor(task_id="new_objects")
    load = engine_job(
        "load", "--max-rejected-share", f"{MAX_REJECTED_SHARE:g}", "--max-age-hours", f"{MAX_AGE_HOURS:g}"
    )
    fit = quality_gate()
    publish = engine_job("publish")
    notify = SnsPublishOperator(
        task_id="notify",
        target_arn=ALARM_TOPIC,
        subject=f"{USER_ID}_dag: report published",
        message=f"{{{{ ti.xcom_pull(task_ids='quality_gate') }}}}\nReport: {REPORT}",
    )
    new_objects >> load >> fit >> publish >> notify
