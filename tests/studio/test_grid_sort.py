"""A column sorts the rows of the grid, by pointer and keyboard; a cell stays the table's."""

import numpy as np

from tests.studio.grid_on_page import known_number


def first_rows(grid, count=3):
    """The table's rows that are seen first, by their headers."""
    return [int(grid.row_header(place).text_content().split()[1]) for place in range(count)]


def test_a_columns_head_and_the_key_s_sort_and_a_cell_stays_the_tables(grid):
    numbers = np.array([known_number(row, 2) for row in range(300)])
    up, down = np.argsort(numbers, kind="stable"), np.argsort(-numbers, kind="stable")
    grid.show(rows=300, columns=100)
    frame, head = grid.grid.bounding_box(), grid.column_header(2)
    left = head.bounding_box()["x"]
    grid.page.mouse.click(left + 8, frame["y"] + 10)
    head.and_(grid.page.locator("[aria-sort=ascending]")).wait_for(state="attached")
    grid.settle()
    assert first_rows(grid) == up[:3].tolist()
    assert [grid.value(place, 2) for place in range(3)] == numbers[up[:3]].tolist()
    # A cell is the table's: its number, the change of it, and the way to it.
    grid.page.mouse.click(*grid.middle(1, 5))
    assert grid.selected() == (up[1], 5, up[1], 5)
    grid.press("ArrowLeft", "ArrowLeft", "ArrowLeft", "s")
    head.and_(grid.page.locator("[aria-sort=descending]")).wait_for(state="attached")
    grid.settle()
    assert first_rows(grid) == down[:3].tolist() and grid.selected() == (up[1], 2, up[1], 2)
    assert grid.cell(298, 2).get_attribute("aria-selected") == "true"
    grid.run(f"model.set('reveal', {{row: {down[1]}, column: 2, nonce: 1}})")
    grid.wait("document.querySelector('[aria-rowindex=\"3\"] > [aria-selected=true]')")
    grid.focus().press("9", "Enter")
    assert [(sent["row"], sent["row_end"], sent["text"]) for sent in grid.sent("edit")] == [
        (down[1], down[1], "9")]
    grid.settle()  # sorted again: the row that was changed is the first, and still selected
    assert first_rows(grid) == [down[1], down[0], down[2]]
    assert grid.selected() == (down[1], 2, down[1], 2)
    # Some rows of a sorted table are no block of it.
    grid.press("Shift+ArrowDown", "Delete")
    assert "sorted table" in grid.sent("say")[0]["text"] and len(grid.sent("edit")) == 1
    grid.press("s")
    grid.wait("!document.querySelector('[aria-sort]')")
    grid.settle()
    assert first_rows(grid) == [0, 1, 2]
