"""What the studio's tests share beside the browser: a page with the grid alone."""

from tests.studio.grid_on_page import grid, grid_address, new_grid

__all__ = ["grid", "grid_address", "new_grid"]
