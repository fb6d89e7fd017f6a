"""The gate: a load that breaches a threshold raises an alarm with its figures, and nothing is published."""

SUMMARY = "1,000 in = 880 clean + 120 rejected + 0 superseded; newest records landed: u.pin 0.2 h ago"
BREACHES = [
    "u.pin: 120 of 1,000 records rejected, 12.0%: more than 5.0% (MAX_REJECTED_SHARE)",
    "u.geo: the newest record landed 40.0 h ago: more than 36 h (MAX_AGE_HOURS)",
]


def test_a_breach_stops_the_run_and_reports_the_figures(stage, command):
    stage.land("pin", 0, 0)
    stage.put_progress(breaches=BREACHES, summary=SUMMARY)

    run = stage.run(command.dag())

    assert run.state == "failed"
    assert run.tasks["load"] == ("success", 1)
    assert run.tasks["quality_gate"] == ("failed", 1)  # a retry would give the same result
    assert {run.tasks["publish"][0], run.tasks["notify"][0]} == {"upstream_failed"}
    assert [call.split()[0] for call in command.calls()] == ["load"]
    [(subject, text)] = stage.messages()
    assert subject == "0a1b2c3d4e5f_dag: quality_gate failed"
    assert f"{BREACHES[0]}; {BREACHES[1]} ({SUMMARY})" in text
    listed = stage.s3.list_objects_v2(Bucket=stage.bucket, Prefix="report/")
    assert listed["KeyCount"] == 0


def test_an_unchecked_load_does_not_pass(stage, command):
    stage.land("pin", 0, 0)

    run = stage.run(command.dag())

    assert run.tasks["quality_gate"] == ("failed", 1)
    [(_, text)] = stage.messages()
    assert f"no load has been checked yet: there is no quality in s3://{stage.bucket}/progress/batch.json" in text
