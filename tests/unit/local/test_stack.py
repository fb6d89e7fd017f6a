"""Which servers `up` starts anew when another has moved to a new port; no process is started here."""

import os

import psutil
import pytest

from local import stack
from local.process import Running
from local.services import Launch, Service
from local.stack import Stack
from pipeline.settings import load

DEAD = 0.0  # no process was created then


@pytest.fixture
def started(monkeypatch):
    """Names of the services that were started, in order; each is this very process."""
    names = []

    def service(name, setting, **relations):
        def launch(settings, ports):
            names.append(name)
            return Launch([], {}, settings.state)

        needs = relations.pop("needs", ())
        return Service(name, (setting,), "", needs, launch, lambda address: True, "", **relations)

    services = (
        service("control_plane", "control_plane_port", knows=("kafka",)),
        service("kafka", "kafka_port"),
        service("connect", "connect_port", needs=("kafka",)),
    )
    monkeypatch.setattr(stack, "SERVICES", services)
    monkeypatch.setattr(stack, "start", lambda *_: (os.getpid(), psutil.Process().create_time()))
    monkeypatch.setattr(stack, "stop", lambda _: None)
    return names


@pytest.fixture
def up(tmp_path, started):
    def run(kafka_port, kafka_runs=True):
        """`up` where all three run, Kafka perhaps not, and Kafka was at 1111."""
        mine = Stack(load(state=tmp_path, kafka_port=kafka_port))
        now = psutil.Process().create_time()
        for name, port, created in [
            ("control_plane", 1110, now),
            ("kafka", 1111, now if kafka_runs else DEAD),
            ("connect", 1112, now),
        ]:
            mine.registry.put(name, Running(os.getpid(), created, {f"{name}_port": port}))
        mine.up()
        return sorted(started)

    return run


def test_nothing_that_runs_is_started(up):
    assert up(kafka_port=0) == []


def test_a_broker_that_comes_back_where_it_was_is_started_alone(up, monkeypatch):
    monkeypatch.setattr(stack, "choose_port", lambda wanted, recorded, setting: recorded)
    assert up(kafka_port=0, kafka_runs=False) == ["kafka"]


def test_a_broker_that_moved_is_told_to_those_who_need_it_and_those_who_know_it(up, monkeypatch):
    monkeypatch.setattr(stack, "choose_port", lambda wanted, recorded, setting: wanted)
    assert up(kafka_port=2222, kafka_runs=False) == ["connect", "control_plane", "kafka"]
