"""One variable of the environment switches every fast path off."""

import pytest

from cutaway.fast_paths import fast_paths


@pytest.mark.parametrize("engine", [None, "", "compiled", "numpy64"])
def test_fast_paths_are_taken_unless_they_are_switched_off(engine, monkeypatch):
    monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)
    if engine is not None:
        monkeypatch.setenv("CUTAWAY_ENGINE", engine)
    assert fast_paths()


def test_the_numpy_engine_by_name_switches_them_off(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    assert not fast_paths()
