"""What the studio's tests share: a real browser whose pages report every fault."""

from tests.studio.browser import (
    chromium,
    faults,
    free_event_loop,
    new_page,
    page,
    pytest_runtest_call,
)
from tests.studio.grid_on_page import grid, grid_address, new_grid

__all__ = [
    "chromium",
    "faults",
    "free_event_loop",
    "grid",
    "grid_address",
    "new_grid",
    "new_page",
    "page",
    "pytest_runtest_call",
]
