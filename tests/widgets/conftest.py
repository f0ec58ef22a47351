"""What the widget's tests share: a real browser whose pages report every fault."""

from tests.studio.browser import chromium, faults, free_event_loop, new_page, pytest_runtest_call

__all__ = ["chromium", "faults", "free_event_loop", "new_page", "pytest_runtest_call"]
