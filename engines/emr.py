"""Runs the batch on EMR Serverless with the estate's application, image and role. Logs go to the estate's bucket."""

import uuid
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from engines.follow import POLL, follow
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

STEPS = ("batch", "load", "publish")  # each writes the tables: only one may run at a time
ACTIVE = ["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING"]
FINISHED = ("SUCCESS", "FAILED", "CANCELLED")
TIMEOUT_MINUTES = 120


def batch(settings: Settings, estate: Estate, poll: float = POLL) -> None:
    """Run the batch, and return when it has succeeded. `poll` is in seconds.

    Raises UserError when it cannot start, while another run is active, and when it fails.
    """
    try:
        _run(estate.client("emr-serverless"), settings, estate, poll)
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"EMR Serverless: {error}") from None


def _run(emr: Any, settings: Settings, estate: Estate, poll: float) -> None:
    application = estate.spark_application_id
    _require_image(emr, application)
    _require_no_other(emr, estate)
    run = emr.start_job_run(
        applicationId=application,
        clientToken=str(uuid.uuid4()),
        name=job_name(estate, "batch"),
        executionRoleArn=estate.spark_role_arn,
        executionTimeoutMinutes=TIMEOUT_MINUTES,
        jobDriver={
            "sparkSubmit": {
                "entryPoint": estate.spark_entry_point,
                "entryPointArguments": [
                    *("batch", "--engine", "spark", "--estate", str(estate.estate_uri)),
                    *("--max-rejected-share", str(settings.max_rejected_share)),
                    *("--max-age-hours", f"{settings.max_age_hours:g}"),
                    *(["--rebuild"] if settings.rebuild else []),
                ],
                "sparkSubmitParameters": estate.spark_parameters,
            }
        },
        configurationOverrides={
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": estate.spark_log_uri}}
        },
    )["jobRunId"]
    where = {"applicationId": application, "jobRunId": run}
    logs = f"{estate.spark_log_uri}applications/{application}/jobs/{run}/"
    print(f"{job_name(estate, 'batch')}: job run {run} of application {application}; logs: {logs}", flush=True)

    def poll_state() -> tuple[str, bool]:
        state = str(emr.get_job_run(**where)["jobRun"]["state"])
        return state, state in FINISHED

    follow(poll_state, lambda: emr.cancel_job_run(**where), poll)
    finished = emr.get_job_run(**where)["jobRun"]
    if finished["state"] != "SUCCESS":
        details = " ".join(finished.get("stateDetails", "").split()) or "no reason given"
        raise UserError(f"job run {run} ended as {finished['state']}: {details} (logs: {logs})")


def job_name(estate: Estate, step: str) -> str:
    """The name of the job run of a step."""
    return f"{estate.user_id}-{step}"


def _require_image(emr: Any, application: str | None) -> None:
    if application is None:
        raise UserError("this estate has no EMR application: create it with `make infra ENV=aws`")
    found = emr.get_application(applicationId=application)["application"]
    if "imageUri" not in found.get("imageConfiguration", {}):
        raise UserError(
            "the EMR application has no image with the jobs: run `make images push IMAGES=jobs-emr ENV=aws`, "
            "then `make infra ENV=aws`"
        )


def _require_no_other(emr: Any, estate: Estate) -> None:
    names = {job_name(estate, step) for step in STEPS}
    pages = emr.get_paginator("list_job_runs").paginate(applicationId=estate.spark_application_id, states=ACTIVE)
    for run in (run for page in pages for run in page["jobRuns"]):
        if run.get("name") in names:
            raise UserError(
                f"another batch job is running: {run['name']}, job run {run['id']}: wait until it has finished"
            )
