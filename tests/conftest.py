"""What holds for all tests: no network, GPU tests only where there is one, no skips in CI."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tests.studio.browser"]  # one Chromium a process, for whatever draws a page

# A slow machine is no mistake, and nothing is to be written beside the tests.
settings.register_profile("cutaway", deadline=None, database=None)
settings.load_profile("cutaway")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"


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


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """Every test has an empty model store of its own."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "store"))
