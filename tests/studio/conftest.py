"""What the studio's tests share beside the browser: the grid by itself, a stage for a panel."""

from tests.studio.grid_on_page import grid, grid_address, new_grid
from tests.studio.stages import stage, stage_server

__all__ = ["grid", "grid_address", "new_grid", "stage", "stage_server"]
