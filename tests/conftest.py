"""What holds for all tests: no network, GPU tests only where there is one, no skips in CI.

docs/testing.md tells how they are run, and what processes and tests share.
"""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test

from tests import profiles

pytest_plugins = ["tests.studio.browser"]  # one Chromium a process, for whatever draws a page

profiles.register()
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"


def pytest_configure(config):
    """One process a core: more threads would be in the way, and sum in another order.

    Set where the processes are started from: in each of them NumPy may be loaded already. Ctrl-C,
    which tests press, is heard in whatever way the run was started.
    """
    if config.getoption("numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # so begins a shell what it leaves
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item):
    """Mark what hypothesis draws examples for as `long`: the long profile draws more of them."""
    if is_hypothesis_test(getattr(item, "obj", None)):
        item.add_marker("long")


def pytest_collection_modifyitems(config, items):
    """Take tests with the marker `gpu` out of the run where there is no CUDA device."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        config.hook.pytest_deselected(items=marked)
        items[:] = [item for item in items if item not in marked]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """With CUTAWAY_NO_SKIPS set, a skipped test fails the run: it has shown nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CUTAWAY_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory) -> Path:
    """A folder of the whole run, which all of its processes have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session", autouse=True)
def own_key(whole_run) -> None:
    """One key of hidden folders for all processes of the run, and none beside the user's own."""
    file = whole_run / "state" / "cutaway" / "leftovers.key"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"draft {os.getpid()}")
    draft.write_bytes(b"k" * 32)
    draft.replace(file)
    os.environ["XDG_STATE_HOME"] = str(whole_run / "state")


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """Every test has an empty model store of its own, and an empty Hugging Face cache."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "store"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
