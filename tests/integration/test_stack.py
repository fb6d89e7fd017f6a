"""The commands of the offline stack as a person meets them."""

import socket

from local.services import SERVICES


def test_a_second_up_finds_the_running_servers(running):
    before = {service.name: running.stack.registry.live(service.name) for service in SERVICES}

    shown = running.run("local", "up").stdout

    assert shown.count("already running") == len(SERVICES)
    assert {service.name: running.stack.registry.live(service.name) for service in SERVICES} == before


def test_status_shows_every_part_with_its_address_and_counts(running):
    lines = running.run("local", "status").stdout.splitlines()

    shown = {line.split()[0]: line for line in lines}
    for service in SERVICES:
        assert running.stack.address(service) in shown[service.name]
    user_id = running.settings.user_id
    for entity in ("pin", "geo", "user"):
        assert any(line.startswith(f"topic {user_id}.{entity}") and line.endswith("records") for line in lines)
        assert any(line.startswith(f"stream {user_id}-{entity}") and "2 open shards" in line for line in lines)
        assert any(line.startswith(f"s3 topics/{user_id}.{entity}/") and line.endswith("MB") for line in lines)
    assert [line.split()[2] for line in lines if line.startswith("connector ")] == ["up", "up"]


def test_infra_a_second_time_changes_nothing(running):
    assert "no changes" in running.run("infra", "apply").stdout


def test_a_taken_port_is_one_clear_line(running, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        answer = running.run("local", "up", check=False, STATE=tmp_path / "state", KAFKA_PORT=port)

    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith("error: ")
    assert f"{port}" in answer.stderr
    assert "KAFKA_PORT" in answer.stderr


def test_a_state_without_servers_says_so(running, tmp_path):
    for command in (("local", "status"), ("emulator",), ("jobs", "batch")):
        answer = running.run(*command, check=False, STATE=tmp_path / "state")
        assert answer.returncode == 1
        assert answer.stderr.startswith("error: ")
        assert answer.stderr.count("\n") == 1
        assert "make " in answer.stderr  # what to do
