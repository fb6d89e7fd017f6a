"""The sensor: which objects are new, how it waits, and that a run without new objects is skipped."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred

from pipeline.landed_name import LANDED

# Keys below topics/; {} is the topic.
STRAYS = [
    "topics/{0}/README.txt",
    "topics/{0}/partition=0/",
    "topics/{0}/partition=0/README.txt",
    "topics/{0}/partition=0/_SUCCESS",
    "topics/{0}/partition=0/{0}+0+00000abc12.json",
    "topics/{0}/partition=0/{0}+0+7.json",
    "topics/{0}/partition=0/{0}+1+0000000007.json",
    "topics/{0}/partition=0/{0}+0+0000000007.json.tmp",
    "topics/{0}/partition=0/more/{0}+0+0000000007.json",
    "topics/{0}/partition=x/{0}+x+0000000007.json",
    "topics/{0}/partition=0/zzz.json",
]


def sensor(stage, **settings):
    return stage.parse(**settings).dag.get_task("new_objects")


def look(sensor, waited=timedelta(0)):
    """Executes it in a run that started this long ago."""
    return sensor.execute({"dag_run": SimpleNamespace(start_date=datetime.now(UTC) - waited)})


def test_before_the_first_load_every_object_is_new(stage):
    key = stage.land("user", 2, 0)
    assert look(sensor(stage)) == key


def test_an_object_after_the_last_one_read_of_its_partition_is_new(stage):
    read = [stage.land(topic, number, 900) for topic in ("pin", "geo") for number in range(12)]
    for topic in ("pin", "geo"):
        for number in range(12):
            stage.land(topic, number, 100)
    stage.put_progress(last_read=read)
    with pytest.raises(AirflowSkipException):
        look(sensor(stage))
    key = stage.land("geo", 7, 901)
    assert look(sensor(stage)) == key


def test_an_unread_partition_is_new(stage):
    stage.put_progress(last_read=[stage.land("pin", 0, 0), stage.land("pin", 2, 0)])
    key = stage.land("pin", 1, 0)
    assert look(sensor(stage)) == key


def test_dead_letters_are_new_too(stage):
    key = stage.land("dead-letter", 0, 0)
    assert look(sensor(stage)) == key


def test_other_topics_are_ignored(stage):
    stage.s3.put_object(Bucket=stage.bucket, Key="topics/other.pin/partition=0/other.pin+0+0000000000.json", Body=b"{}")
    with pytest.raises(AirflowSkipException):
        look(sensor(stage))


def test_names_that_the_sink_does_not_use_are_not_new(stage):
    folder = "topics/0a1b2c3d4e5f.pin/partition=0/"
    for stray in (*STRAYS, f"{folder}0a1b2c3d4e5f.geo+0+0000000009.json"):
        stage.s3.put_object(Bucket=stage.bucket, Key=stray.format("0a1b2c3d4e5f.pin"), Body=b"do not touch")
    with pytest.raises(AirflowSkipException):
        look(sensor(stage))

    key = stage.land("pin", 0, 7)
    assert look(sensor(stage)) == key


def test_the_dag_and_the_jobs_have_the_same_pattern_of_names(stage):
    assert sensor(stage) and stage.parse().LANDED == LANDED


def test_it_lists_one_object_per_partition_and_skips_the_rest(stage):
    last_read = {}
    for partition in range(3):
        for offset in range(40):
            key = stage.land("pin", partition, offset)
            last_read[f"topics/0a1b2c3d4e5f.pin/partition={partition}/"] = key
    asked = []
    stage.s3.meta.events.register("before-call.s3.ListObjectsV2", lambda params, **_: asked.append(params))
    stage.monkeypatch.setattr("airflow.providers.amazon.aws.hooks.s3.S3Hook.get_conn", lambda self: stage.s3)

    assert sensor(stage).first_after(last_read, "topics/0a1b2c3d4e5f.pin/") is None

    assert len(asked) == 7  # the start of each partition, whether its last object read exists, and the end
    for request in asked:
        assert request["query_string"]["max-keys"] == 1
        assert "encoding-type" not in request["query_string"]


def test_it_waits_with_the_trigger_of_the_provider(stage):
    with pytest.raises(TaskDeferred) as deferred:
        look(sensor(stage, wait_hours=6, poll_seconds=90), waited=timedelta(hours=5, minutes=59))
    path, arguments = deferred.value.trigger.serialize()
    assert path == "airflow.providers.standard.triggers.temporal.DateTimeTrigger"
    assert timedelta(seconds=80) < arguments["moment"] - datetime.now(UTC) <= timedelta(seconds=90)


def test_it_stops_waiting_after_the_limit(stage):
    with pytest.raises(AirflowSkipException, match=rf"nothing new has landed in s3://{stage.bucket} for 6:00:00"):
        look(sensor(stage, wait_hours=6), waited=timedelta(hours=6))


def test_a_run_without_new_objects_is_skipped_without_an_alarm(stage, command):
    stage.put_progress(last_read=[stage.land("pin", 0, 0)])

    run = stage.run(command.dag())

    assert run.state == "success"
    assert run.tasks.pop("new_objects") == ("skipped", 1)
    assert {state for state, _ in run.tasks.values()} == {"skipped"}
    assert command.calls() == []
    assert stage.messages() == []


def test_a_run_continues_when_an_object_lands_while_it_waits(stage, command):
    stage.put_progress()
    module = command.dag(wait_hours=1, poll_seconds=1)
    triggers = []

    def land_and_wait(delta):
        stage.land("geo", 0, 0)
        triggers.append(trigger(delta))
        return triggers[-1]

    trigger, module.TimeDeltaTrigger = module.TimeDeltaTrigger, land_and_wait

    run = stage.run(module)

    assert len(triggers) == 1
    assert run.state == "success"
    assert run.tasks["new_objects"] == ("success", 1)
    assert len(command.calls()) == 2


def test_failed_requests_to_s3_are_retried(stage, command, moto):
    stage.land("pin", 0, 0)
    stage.put_progress()
    module = command.dag()
    stage.connect_aws("http://127.0.0.1:1")
    module.dag.get_task("new_objects").on_retry_callback = [lambda context: stage.connect_aws(moto)]

    run = stage.run(module)

    assert run.state == "success"
    assert run.tasks["new_objects"] == ("success", 2)
    assert [subject for subject, _ in stage.messages()] == ["0a1b2c3d4e5f_dag: report published"]


def test_the_run_fails_with_the_reason_if_s3_never_answers(stage, command, moto):
    module = command.dag()
    stage.connect_aws(moto, s3="http://127.0.0.1:1")

    run = stage.run(module)

    assert run.state == "failed"
    assert run.tasks["new_objects"] == ("failed", 3)
    assert command.calls() == []
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: new_objects failed"
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/' in text


def test_every_object_in_an_emptied_folder_is_new(stage):
    read = [stage.land("pin", number, 900) for number in range(2)]
    stage.put_progress(last_read=read)
    stage.s3.delete_object(Bucket=stage.bucket, Key=read[1])
    key = stage.land("pin", 1, 0)
    assert look(sensor(stage)) == key


def test_offsets_beyond_ten_digits_are_compared_as_numbers(stage):
    before = [stage.land("pin", partition, 9_999_990_000) for partition in range(2)]
    after = [stage.land("pin", partition, 10_000_000_000) for partition in range(2)]
    for read, new in (
        (before, after[0]),
        ([after[0], before[1]], after[1]),
        ([before[0], after[1]], after[0]),
        (after, None),
    ):
        stage.put_progress(last_read=read)
        if new:
            assert look(sensor(stage)) == new
        else:
            with pytest.raises(AirflowSkipException):
                look(sensor(stage))


def test_a_gap_may_reach_beyond_ten_digits(stage):
    folder = "topics/0a1b2c3d4e5f.pin/partition=0/"
    gap = f"{folder}0a1b2c3d4e5f.pin+0+5000000000+20000000000.missing"
    stage.s3.put_object(Bucket=stage.bucket, Key=gap, Body=b"")
    stage.put_progress(last_read=[gap])
    with pytest.raises(AirflowSkipException):
        look(sensor(stage))
    key = stage.land("pin", 0, 20_000_000_000)
    assert look(sensor(stage)) == key
