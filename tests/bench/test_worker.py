"""A contestant in a process of its own: asked, answered, and ended."""

import psutil
import pytest
from bench.worker import NotHere, Worker

PRETENDER = "tests.bench.pretender:Pretender"


@pytest.fixture(scope="module")
def worker():
    with Worker(PRETENDER, greeting="hello") as made:
        yield made


def test_a_contestant_answers_however_much_it_prints(worker):
    assert worker.call("run", count=3) == [0, 1, 2]


def test_short_work_is_repeated_until_the_time_is_spent(worker):
    seconds = worker.times("slow", 0.05)
    assert len(seconds) > 1
    assert sum(seconds) >= 0.05


def test_everybody_has_the_same_number_of_threads(worker, monkeypatch):
    assert worker.call("threads") == "2"


def test_a_failure_is_told_in_a_line_and_the_contestant_goes_on(worker):
    with pytest.raises(NotHere, match=r"^ValueError: it cannot be done$"):
        worker.call("fail")
    assert worker.call("run", count=1) == [0]


def test_a_contestant_whose_library_is_absent_says_so():
    with pytest.raises(NotHere, match="no_such_library is not installed"):
        Worker("no_such_library:Contestant")


def test_one_that_ends_by_itself_is_told_with_its_code():
    with Worker(PRETENDER) as one, pytest.raises(NotHere, match="ended with code 3"):
        one.call("end")


def test_a_closed_worker_leaves_no_process():
    with Worker(PRETENDER) as one:
        process = one.process.pid
        assert psutil.pid_exists(process)
    assert not psutil.pid_exists(process)
