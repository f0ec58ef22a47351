"""Turns, medians, ratios and what others' work spoils, with contestants that only pretend."""

from typing import Any, cast

import pytest
from bench import rounds
from bench.rounds import Effort, Race, Spread
from bench.worker import NotHere, Worker

EFFORT = Effort(rounds=3, patience_seconds=0, repetitions=2)


class Pretender:
    """A contestant whose turns take what a list says; an error ends it."""

    class process:  # as a worker's is called
        pid = 0

    def __init__(self, name: str, seconds: list[Any], order: list[str]):
        self.name, self.seconds, self.order = name, list(seconds), order

    def times(self, method, at_least_seconds, **arguments):
        self.order.append(self.name)
        now = self.seconds.pop(0)
        if isinstance(now, Exception):
            raise now
        return now if isinstance(now, list) else [now]


@pytest.fixture
def loads(monkeypatch):
    """How busy others are in each coming turn; 0 when the list is at its end."""
    coming: list[float] = []

    class Watch:
        def __init__(self, process):
            pass

        def foreign_cores(self):
            return coming.pop(0) if coming else 0.0

    monkeypatch.setattr(rounds, "Watch", Watch)
    monkeypatch.setattr(rounds, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(rounds, "wait_until_quiet", lambda *_: True)
    return coming


def raced(seconds: dict[str, list[Any]], effort: Effort = EFFORT) -> tuple[Race, list[str]]:
    order: list[str] = []
    workers = {name: cast(Worker, Pretender(name, own, order)) for name, own in seconds.items()}
    return rounds.race(workers, effort, say=lambda _: None), order


def test_contestants_take_turns_and_the_first_round_does_not_count(loads):
    result, order = raced({"A": [9, 1, 2, 3], "B": [9, 4, 5, 6]})
    assert order == ["A", "B"] * 4
    assert result.seconds == {"A": [1, 2, 3], "B": [4, 5, 6]}


def test_a_turn_of_several_short_works_counts_as_their_median(loads):
    result, _ = raced({"A": [9, [1, 7, 2], 2, 3]})
    assert result.seconds["A"] == [2, 2, 3]


def test_a_turn_that_others_spoiled_is_measured_again(loads):
    loads += [0, 0.5, 0.0]
    result, _ = raced({"A": [9, 8, 1, 2, 3]})
    assert result.seconds["A"] == [1, 2, 3]
    assert (result.repeated, result.spoilt) == (1, 0)


def test_of_spoilt_turns_the_least_disturbed_one_counts(loads):
    loads += [0, 0.9, 0.3, 0.6]
    result, _ = raced({"A": [9, 30, 10, 20, 2, 3]})
    assert result.seconds["A"] == [10, 2, 3]
    assert (result.repeated, result.spoilt) == (2, 1)


def test_one_that_fails_is_left_out_with_its_reason(loads):
    result, order = raced({"A": [9, 1, 2, 3], "B": [9, 4, NotHere("out of memory")]})
    assert result.left_out == {"B": "out of memory"}
    assert list(result.seconds) == ["A"]
    assert order[-1] == "A"


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    race = Race({"A": [1.0, 2.0, 10.0], "B": [2.0, 3.0, 5.0]})
    assert race.ratio("A", "B") == Spread(1.5, 0.5, 2.0)


def test_the_fastest_is_the_one_with_the_shortest_median():
    race = Race({"A": [1.0, 9.0, 9.0], "B": [5.0, 5.0, 5.0]})
    assert race.fastest(["A", "B", "not here"]) == "B"
    assert race.fastest(["not here"]) is None


def test_a_race_comes_back_from_its_record():
    race = Race({"A": [1.0]}, repeated=2, spoilt=1, left_out={"B": "why"})
    assert Race.of({**race.to_dict(), "bytes": 7}) == race
