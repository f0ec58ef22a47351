"""Contestants in turn, A B A B ..., and what came of it: medians, ratios and how they spread.

A machine is faster in one minute than in the next. So contestants are compared within a round,
and a ratio is the median of the rounds' ratios.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bench.machine import SPOILT_CORES, Watch, tell, wait_until_quiet
from bench.random_model import SIZES, random_folder
from bench.worker import NotHere, Worker

from cutaway.models.config import Config

PAUSE_SECONDS = 0.3     # other libraries' threads turn for up to 0.2 s after their work
SHORT_SECONDS = 0.3     # a shorter work is repeated until so much time has passed


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure.

    rounds            how often each contestant has its turn, after one to warm up
    patience_seconds  how long to wait for a quiet machine
    repetitions       how often a spoilt turn is measured again
    size              the model's, one of bench/random_model.py's
    """

    rounds: int = 5
    patience_seconds: float = 600.0
    repetitions: int = 4
    size: str = "124 M"

    @property
    def config(self) -> Config:
        return SIZES[self.size]

    def folder(self, work: Path) -> Path:
        """The model's files."""
        return random_folder(work / self.size.replace(" ", ""), self.config)


QUICK = Effort(1, 1.0, 0, "4 M")  # to see that everything works; its figures say little


@dataclass(frozen=True)
class Spread:
    """A median, and the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


@dataclass
class Race:
    """How long each contestant took in each round.

    seconds   by contestant, one number a round
    repeated  how many turns others' work had spoiled and were measured again
    spoilt    how many were spoiled to the last
    left_out  why, by contestant
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    repeated: int = 0
    spoilt: int = 0
    left_out: dict[str, str] = field(default_factory=dict)

    def spread(self, name: str) -> Spread:
        return Spread.of(self.seconds[name])

    def ratio(self, name: str, to: str) -> Spread:
        """How many times as fast as another one, round by round: 2 is half the time."""
        pairs = zip(self.seconds[to], self.seconds[name], strict=True)
        return Spread.of([theirs / ours for theirs, ours in pairs])

    def fastest(self, names: list[str]) -> str | None:
        """The one with the shortest median among those that took part."""
        here = [name for name in names if name in self.seconds]
        return min(here, key=lambda name: self.spread(name).median, default=None)

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def of(cls, record: dict) -> "Race":
        """What `to_dict` gave, other entries aside."""
        return cls(**{one.name: record[one.name] for one in fields(cls)})


@dataclass(frozen=True)
class Entry:
    """A contestant that may take part: a class of bench/contestants, and its settings."""

    contestant: str
    settings: dict[str, Any] = field(default_factory=dict)


def start(entries: Mapping[str, Entry], say: Callable[[str], None] = tell
          ) -> tuple[dict[str, Worker], dict[str, str]]:
    """The contestants that can be made, and why the others cannot."""
    workers: dict[str, Worker] = {}
    left_out: dict[str, str] = {}
    for name, entry in entries.items():
        try:
            workers[name] = Worker(entry.contestant, **entry.settings)
        except NotHere as error:
            left_out[name] = str(error)
            say(f"  {name} is left out: {error}")
        except BaseException:  # Ctrl-C: those that run already must not be left behind
            stop(workers)
            raise
    return workers, left_out


@contextmanager
def started(entries: Mapping[str, Entry], say: Callable[[str], None] = tell
            ) -> Iterator[tuple[dict[str, Worker], dict[str, str]]]:
    """The contestants that can be made, and why the others cannot; ended in the end."""
    workers, left_out = start(entries, say)
    try:
        yield workers, left_out
    finally:
        stop(workers)


def drop(workers: dict[str, Worker], left_out: dict[str, str], name: str, why: str) -> None:
    """A contestant takes part no longer."""
    left_out[name] = why
    tell(f"  {name} is left out: {why}")
    workers.pop(name).close()


def stop(workers: Mapping[str, Worker]) -> None:
    for worker in workers.values():
        worker.close()


def race(workers: Mapping[str, Worker], effort: Effort, *, say: Callable[[str], None] = tell,
         **arguments: Any) -> Race:
    """Every contestant's `run`, once a round, with the same arguments.

    One that fails is left out from then on. The first round warms up, and does not count.
    """
    result, racing = Race(), dict(workers)
    wait_until_quiet(effort.patience_seconds, say)
    for number in range(effort.rounds + 1):
        for name, worker in list(racing.items()):
            try:
                repetitions = effort.repetitions if number else 0
                seconds, tries, load = turn(worker, repetitions, arguments)
            except NotHere as error:
                result.left_out[name] = str(error)
                result.seconds.pop(name, None)
                del racing[name]
                say(f"  {name} is left out: {error}")
                continue
            if number:
                result.seconds.setdefault(name, []).append(seconds)
                result.repeated += tries - 1
                result.spoilt += load > SPOILT_CORES
    if result.repeated or result.spoilt:
        say(f"  {result.repeated} turns were measured again, because others used the machine; "
            f"{result.spoilt} remained disturbed.")
    return result


def turn(worker: Worker, repetitions: int, arguments: dict[str, Any]) -> tuple[float, int, float]:
    """How long one contestant's work takes, of the tries the one that others disturbed least.

    returns  the seconds, how many tries it took, and the others' load in cores
    """
    tries: list[tuple[float, float]] = []
    while len(tries) <= repetitions and (not tries or min(tries)[0] > SPOILT_CORES):
        time.sleep(PAUSE_SECONDS)
        watch = Watch(worker.process.pid)
        seconds = statistics.median(worker.times("run", SHORT_SECONDS, **arguments))
        tries.append((watch.foreign_cores(), seconds))
    load, seconds = min(tries)
    return seconds, len(tries), load
