"""ENGINE=local with Airflow's real operators, and a command that records its arguments."""

from datetime import timedelta


def test_a_run_loads_checks_publishes_and_notifies(stage, command):
    stage.land("geo", 1, 500)
    stage.put_progress(summary="10 in = 9 clean + 1 rejected + 0 superseded")

    run = stage.run(command.dag())

    assert run.state == "success"
    assert run.tasks == dict.fromkeys(["new_objects", "load", "quality_gate", "publish", "notify"], ("success", 1))
    assert command.calls() == ["load --max-rejected-share 0.05 --max-age-hours 36", "publish"]
    assert stage.messages() == [
        (
            "0a1b2c3d4e5f_dag: report published",
            f"10 in = 9 clean + 1 rejected + 0 superseded\nReport: s3://{stage.bucket}/report/index.html",
        )
    ]


def test_airflow_sets_the_thresholds(stage, command):
    stage.land("geo", 1, 500)
    stage.put_progress()

    assert stage.run(command.dag(max_rejected_share=0.2, max_age_hours=48)).state == "success"

    assert command.calls() == ["load --max-rejected-share 0.2 --max-age-hours 48", "publish"]


def test_a_job_that_fails_once_is_retried(stage, command):
    stage.land("pin", 0, 0)
    stage.put_progress()
    command.write('[ $(grep -c "^$1" calls) -gt 1 ]')

    run = stage.run(command.dag())

    assert run.state == "success"
    assert (run.tasks["load"], run.tasks["publish"]) == (("success", 2), ("success", 2))
    assert [call.split()[0] for call in command.calls()] == ["load", "load", "publish", "publish"]
    assert [subject for subject, _ in stage.messages()] == ["0a1b2c3d4e5f_dag: report published"]


def test_a_job_that_hangs_is_stopped(stage, command):
    stage.land("pin", 0, 0)
    command.write("exec sleep 60")
    module = command.dag()
    load = module.dag.get_task("load")
    load.execution_timeout, load.retries = timedelta(seconds=1), 0

    run = stage.run(module)

    assert run.state == "failed"
    assert run.tasks["load"] == ("failed", 1)
    assert run.tasks["publish"][0] == "upstream_failed"
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: load failed"
    assert "Timeout" in text
