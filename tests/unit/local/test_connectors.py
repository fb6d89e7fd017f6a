"""Why a connector does not run, as a person reads it in `make status`."""

import pytest

from local.connectors import ConnectWorker

SINK = "org.apache.kafka.connect.errors.ConnectException"
MOVED = f"""{SINK}: Exiting WorkerSinkTask due to unrecoverable exception.
\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)
Caused by: {SINK}: S3 bucket b: PUT k failed: the bucket is in region eu-west-1: set s3.region to it
\tat org.pinpipeline.connect.S3Store.failure(S3Store.java:82)
Caused by: software.amazon.awssdk.services.s3.model.S3Exception: null (Status Code: 301)
"""


@pytest.mark.parametrize(
    ("connector", "task", "said"),
    [
        (
            {"state": "RUNNING"},
            {"state": "FAILED", "trace": MOVED},
            "S3 bucket b: PUT k failed: the bucket is in region eu-west-1: set s3.region to it",
        ),
        ({"state": "FAILED", "trace": f"{SINK}: no bucket\n\tat x"}, {"state": "UNASSIGNED"}, "no bucket"),
        ({"state": "FAILED", "trace": "OutOfMemoryError"}, {"state": "RUNNING"}, "OutOfMemoryError"),
        ({"state": "PAUSED"}, {"state": "PAUSED"}, "PAUSED, PAUSED"),
    ],
)
def test_a_failed_task_says_why_also_where_its_connector_runs(monkeypatch, connector, task, said):
    worker = ConnectWorker("http://127.0.0.1:1")
    monkeypatch.setattr(worker, "status", lambda name: {"connector": connector, "tasks": [task]})
    assert worker.runs("sink") is False
    assert worker.trouble("sink") == said
