"""Once a day, loads the new objects in S3, checks the load, and publishes the report if the load passes.

| task | does | on failure |
|---|---|---|
| `new_objects` | waits for a new object | none within `wait_hours`: the run is skipped, without an alarm |
| `load` | engine: loads the new objects into the Delta tables, and checks the load | retried, then an alarm |
| `quality_gate` | stops the run if the load breaches a threshold | alarm with the figures; nothing is published |
| `publish` | engine: writes analyses and report to the bucket | retried, then an alarm |
| `notify` | sends the load's figures and the report's location | retried, then an alarm |

Alarms go to the SNS topic `alarm_topic_arn`, also when a run is late. Settings come from section `pin` of Airflow's
configuration. The engine is `emr`, `databricks` (needs the connection `databricks_default`) or `local`.
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
# Not much less: Airflow considers a task lost that runs again before its executor has reported the end of its last run.
POLL = timedelta(seconds=conf.getfloat("pin", "poll_seconds", fallback=60))
LOCAL_COMMAND = conf.get("pin", "local_command", fallback="python3 -m jobs")

TOPICS = [f"{USER_ID}.{name}" for name in ("pin", "geo", "user", "dead-letter")]
# The names of the S3 sink's objects, as in pipeline/landed_name.py.
LANDED = (
    r"(?P<topic>[^/]+)/partition=(?P<partition>0|[1-9][0-9]*)/(?P=topic)\+(?P=partition)"
    r"\+(?P<first>[0-9]{10,19})(\.json|\+(?P<next>[0-9]{10,19})\.missing)"
)
FAR = 10**9  # more than the offsets in one object: with this margin, names of one width sort by offset
PROGRESS = "progress/batch.json"
REPORT = f"s3://{BUCKET}/report/index.html"
ESTATE = f"s3://{BUCKET}/artifacts/estate.json"
CONNECTION = "databricks_default"

JOB_TIMEOUT = timedelta(hours=2)
DONE_WITHIN = WAIT + timedelta(hours=3)
# One id per try. A repeated call has the same id, and starts no second job.
TRY = "{{ ti.id }}"


def progress() -> dict[str, Any]:
    """The batch's progress as `load` saved it; empty before the first load."""
    s3 = S3Hook()
    return json.loads(s3.read_key(PROGRESS, BUCKET)) if s3.check_for_key(PROGRESS, BUCKET) else {}


class NewObjectsSensor(BaseSensorOperator):
    """Waits for an object that the batch has not read; skips the run if none lands.

    It is deferred while it waits. Its trigger is the provider's, so that the triggerer need not import this file.
    """

    def execute(self, context: Context, event: Any = None) -> str:
        """The key of the first new object. Raises TaskDeferred while there is none, AirflowSkipException after WAIT."""
        last_read = progress().get("last_read", {})
        for topic in TOPICS:
            if key := self.first_after(last_read, f"topics/{topic}/"):
                self.log.info("s3://%s/%s is new", BUCKET, key)
                return key
        if datetime.now(UTC) >= context["dag_run"].start_date + WAIT:
            raise AirflowSkipException(f"nothing new has landed in s3://{BUCKET} for {WAIT}")
        raise TaskDeferred(trigger=TimeDeltaTrigger(POLL), method_name="execute")

    def first_after(self, last_read: dict[str, str], prefix: str) -> str | None:
        """The topic's first object after the last one read of its partition; ignores names that the sink does not use.

        If the last one read is gone, the folder was emptied, and all its objects are new.
        """
        s3, after, page, exists = S3Hook().get_conn(), "", 1, {}
        # Without URL encoding: LocalStack 4.7.0 compares encoded names with an unencoded StartAfter.
        s3.meta.events.unregister("before-parameter-build.s3.ListObjectsV2", set_list_objects_encoding_type_url)
        # From partition to partition: one request skips all that is read of a partition.
        while found := s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix, StartAfter=after, MaxKeys=page).get("Contents"):
            for key in (str(item["Key"]) for item in found):
                read = last_read.get(f"{key.rpartition('/')[0]}/", "")
                if _offset(key) > _offset(read):
                    return key
                if read not in exists:
                    exists[read] = _exists(s3, read)
                if _offset(key) >= 0 and not exists[read]:
                    return key
            after, page = (read, 1) if read > key and _sorts_by_offset(read) else (key, 1000)
        return None


def _offset(key: str) -> int:
    """The first offset in the name; -1 for a name that the sink does not use."""
    named = re.fullmatch(LANDED, key.removeprefix("topics/"))
    return int(named["first"]) if named else -1


def _sorts_by_offset(key: str) -> bool:
    """Whether the names of later offsets sort after this one, as in pipeline/landed_name.py."""
    named = re.fullmatch(LANDED, key.removeprefix("topics/"))
    return named is not None and int(named["next"] or named["first"]) + FAR < 10 ** len(named["first"])


def _exists(s3: Any, key: str) -> bool:
    """Whether the object exists. It lists, for which the environment has the permission."""
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=key, MaxKeys=1).get("Contents", [])
    return any(item["Key"] == key for item in found)


class EmrJobOperator(EmrServerlessStartJobOperator):
    """The provider's operator, which would raise KeyError in place of the job's reason."""

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str | None:
        if event and event["status"] != "success":
            raise AirflowException(event["message"])
        return super().execute_complete(context, event)


def engine_job(step: str, *thresholds: str) -> BaseOperator:
    """A step of the batch as a task on the engine. Raises ValueError for an unknown engine."""
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
            # EMR ends a job that hangs. The argument `client_request_token` is not a template field.
            config={"clientToken": TRY, "executionTimeoutMinutes": JOB_TIMEOUT // timedelta(minutes=1)},
            waiter_delay=math.ceil(POLL.total_seconds()),
            waiter_max_attempts=math.ceil(JOB_TIMEOUT / POLL) + 10,
            deferrable=True,
        )
    if ENGINE == "databricks":
        # Managed Airflow installs this provider only for this engine.
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
    """Raises AirflowFailException, which is not retried, unless the connection has a host and a login."""
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        connection = None
    if not (connection and connection.host and (connection.password or connection.extra_dejson)):
        raise AirflowFailException(
            f"Airflow has no connection {CONNECTION} with the workspace as host and a token as password: create it, "
            f"on Managed Airflow as the secret {USER_ID}/airflow/connections/{CONNECTION} in Secrets Manager, "
            '{"conn_type": "databricks", "host": "<workspace>", "password": "<token>"}'
        )


def alarm(what: str, why: str) -> dict[str, str]:
    """The notifier's arguments for an alarm."""
    return {"target_arn": ALARM_TOPIC, "subject": f"{USER_ID}_dag: {what}", "message": why}


with DAG(
    dag_id=f"{USER_ID}_dag",
    description="Daily batch: load new objects, check the load, publish the report",
    doc_md=__doc__,
    tags=["pin", "batch", ENGINE],
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,  # the web server to start it in is only reachable in the VPC
    max_active_runs=1,
    dagrun_timeout=DONE_WITHIN + timedelta(hours=6),
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=DONE_WITHIN,
        callback=AsyncCallback(
            SnsNotifier, alarm("late", f"Run {{{{ dag_run.dag_run_id }}}} has not finished after {DONE_WITHIN}.")
        ),
    ),
    default_args={
        "owner": USER_ID,
        "retries": 2,  # the first after core.default_task_retry_delay, 5 minutes
        "retry_exponential_backoff": 2.0,  # True would be 1.0: no backoff
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
        """The load's figures in one line. Raises AirflowFailException, which is not retried, on a breach."""
        quality = progress().get("quality")
        if quality is None:
            raise AirflowFailException(f"no load has been checked yet: there is no quality in s3://{BUCKET}/{PROGRESS}")
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
