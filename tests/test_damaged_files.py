"""Damaged files of every format: our own error or none, in bounded time and memory, nothing half.

`make test-long` tries some 1,100 of them; an ordinary run five of each format.
"""

import os
import random
import resource
import shutil
import signal
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest

from cutaway.errors import CutawayError
from cutaway.weights import Store
from tests.damaged import FORMATS, spoil
from tests.profiles import many
from tests.weights.peers import OPENAI

SECONDS = 5
MOST_BYTES = 2**30
SHORT, LONG = 5, 85  # of each format; 13 formats


class TooLong(BaseException):
    """A file took more than SECONDS of the processor's time; no reader may catch it."""


@contextmanager
def bounded():
    """Within it, as much of the processor's time and of memory as one file may take."""
    def stop(number, frame):
        raise TooLong

    before, limits = signal.signal(signal.SIGPROF, stop), resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, limits[1]))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGPROF, before)


def faults_of(name: str, number: int, good: Path, place: Path, store: Store) -> str:
    """What is wrong with how one damaged file is met; "" when nothing is."""
    kind, folder = FORMATS[name], place / "spoiled"
    shutil.copytree(good, folder)
    how = spoil(folder, kind.spoil, random.Random(f"{name} {number}"))
    found = ""
    try:
        with bounded(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind.open(folder, store)
    except CutawayError as error:
        if not str(error).isprintable() or len(str(error)) > 4_000:
            found = f"its message is {str(error)[:200]!r}"
        if os.listdir(store.folder) != ["good"] and "new" not in store.names():
            found = f"{os.listdir(store.folder)} is left in the store"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        found = f"{type(error).__name__}: {str(error)[:200]}"
    if [model.name for model in store.models() if model.name != "new"] != ["good"]:
        found = "the store's other model is not listed"
    shutil.rmtree(store.folder / "new", ignore_errors=True)
    shutil.rmtree(folder)
    return f"{name} {number}, {how}: {found}" if found else ""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")
@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_refused_by_our_own_errors_and_leave_nothing(name, tmp_path):
    good, store = tmp_path / "good", Store(tmp_path / "kept")
    good.mkdir()
    FORMATS[name].make(good)
    store.add(OPENAI, "good")
    FORMATS[name].open(good, store)  # which is what makes the damaged ones' refusals tell something
    shutil.rmtree(store.folder / "new", ignore_errors=True)
    faults = [faults_of(name, number, good, tmp_path, store) for number in range(many(SHORT, LONG))]
    assert [fault for fault in faults if fault] == []
