"""The machine's name, and waiting for it to become quiet."""

import os
import time

import pytest
from bench import machine
from bench.machine import Watch, this_machine, wait_until_quiet


def test_the_machine_names_its_cores_and_the_libraries_that_are_installed():
    found = this_machine()
    assert found.cores == os.cpu_count()
    assert "numpy" in found.versions
    assert f"{found.cores} cores" in str(found)


def test_waiting_ends_when_others_are_quiet_and_says_once_that_it_waits():
    loads, said = [0.9, 0.5, 0.01], []
    assert wait_until_quiet(60, said.append, foreign=lambda _: loads.pop(0))
    assert len(said) == 1
    assert "0.90 of a core" in said[0]


def test_a_quiet_machine_is_not_talked_about():
    said: list[str] = []
    assert wait_until_quiet(60, said.append, foreign=lambda _: 0.0)
    assert said == []


def test_patience_ends():
    said: list[str] = []
    assert not wait_until_quiet(0, said.append, foreign=lambda _: 1.5)
    assert said == ["The machine has not become quiet: others use 1.50 of a core."]


@pytest.mark.parametrize(("busy", "own", "expected"), [
    (2.0, 1.0, 0.97),    # one second of others in one second, less what counting may be off by
    (1.0, 1.0, 0.0),
    (0.5, 1.0, 0.0)])    # the system's ticks are coarse: never below nothing
def test_what_others_use_is_what_is_busy_less_ones_own(monkeypatch, busy, own, expected):
    now = {"time": 0.0, "busy": 0.0, "own": 0.0}
    monkeypatch.setattr(machine.time, "perf_counter", lambda: now["time"])
    monkeypatch.setattr(machine, "busy_seconds", lambda: now["busy"])
    monkeypatch.setattr(machine, "own_seconds", lambda process: now["own"])
    watch = Watch(1)
    now.update(time=1.0, busy=busy, own=own)
    assert watch.foreign_cores() == pytest.approx(expected)


def test_ones_own_work_is_counted_as_such():
    before = machine.own_seconds(os.getpid())
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    assert machine.own_seconds(os.getpid()) - before >= 0.1
