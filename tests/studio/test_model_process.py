"""Work on models in a process of its own, which may end in any way."""

import pytest

from cutaway.errors import WorkerError, WorkerStopped
from cutaway.studio.models.tasks import ModelProcess
from tests.studio.dropping import run


@pytest.mark.parametrize(("program", "words"), [
    ("exit 3", "The process that reads models ended with exit status 3. Nothing was changed."),
    ("kill -9 $$", "The process that reads models ended by signal 9 (SIGKILL)"),
    (None, "The process that reads models cannot start: No such file or directory. Nothing was")])
def test_a_process_that_ends_without_an_answer_says_how(tmp_path, monkeypatch, program, words):
    python = tmp_path / "python"
    if program:
        python.write_text(f"#!/bin/sh\n{program}\n")
        python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(WorkerStopped) as caught:
        run(ModelProcess("list", {"store": "x"}).run(print))
    assert str(caught.value).startswith(words)


def test_a_mistake_of_our_own_is_told_without_a_traceback(tmp_path):
    with pytest.raises(WorkerError, match=r"Cutaway failed at this \(KeyError: 'store'\)"):
        run(ModelProcess("list", {}).run(print))
