"""The grid by keyboard, pointer and clipboard: select, edit, copy, paste."""

import numpy as np
import pytest

from tests.studio.grid_on_page import known_number


def at(grid, row, column):
    """Select a cell by its keys alone, from wherever the grid is."""
    grid.focus()
    grid.press("ArrowDown", "Control+Home", *["ArrowDown"] * row, *["ArrowRight"] * column)


@pytest.mark.parametrize(
    ("key", "row", "column"),
    [
        ("ArrowUp", 4, 3),
        ("ArrowDown", 6, 3),
        ("ArrowLeft", 5, 2),
        ("ArrowRight", 5, 4),
        ("Home", 5, 0),
        ("End", 5, 99),
        ("Control+Home", 0, 0),
        ("Control+End", 299, 99),
        ("Control+ArrowUp", 0, 3),
        ("Control+ArrowDown", 299, 3),
        ("Control+ArrowLeft", 5, 0),
        ("Control+ArrowRight", 5, 99),
        ("PageUp", 0, 3),
    ],
)
def test_a_key_moves_the_selected_cell(grid, key, row, column):
    grid.show(rows=300, columns=100)
    at(grid, 5, 3)
    grid.press(key)
    assert grid.selected() == (row, column, row, column)
    assert grid.value(row, column) == known_number(row, column)


def test_page_down_goes_on_by_what_is_in_view(grid):
    grid.show(rows=300, columns=100)
    at(grid, 0, 0)
    last = max(grid.rows_in_view())
    grid.press("PageDown")
    row = grid.selected()[0]
    assert last - 12 <= row <= last + 12
    grid.press("PageDown")
    assert grid.selected()[0] == 2 * row


def test_keys_stop_at_the_edges(grid):
    grid.show(rows=3, columns=2)
    at(grid, 0, 0)
    grid.press("ArrowUp", "ArrowLeft", "PageUp")
    assert grid.selected() == (0, 0, 0, 0)
    grid.press(*["ArrowDown"] * 9, *["ArrowRight"] * 9)
    assert grid.selected() == (2, 1, 2, 1)


def test_shift_and_arrows_select_a_range_in_any_direction(grid):
    grid.show()
    at(grid, 5, 3)
    grid.press("Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft")
    assert grid.selected() == (3, 2, 5, 3)
    grid.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    assert grid.selected() == (5, 2, 6, 3)


def test_escape_makes_a_range_one_cell_again(grid):
    grid.show()
    at(grid, 5, 3)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight", "Escape")
    assert grid.selected() == (5, 3, 5, 3)


def test_control_a_selects_the_whole_table(grid):
    grid.show(rows=9, columns=4)
    at(grid, 1, 1)
    grid.press("Control+a")
    assert grid.selected() == (0, 0, 8, 3)


@pytest.mark.parametrize("key", ["Control+g", "Control+k", "?", "F10", "Control+[", "x", "Escape"])
def test_keys_without_a_use_pass_on_to_the_page(grid, key):
    grid.show()
    grid.run("window.passed = []; window.heard = new AbortController();"
             "addEventListener('keydown', (event) => {"
             " if (!event.defaultPrevented) passed.push(event.key); event.preventDefault(); },"
             " {signal: heard.signal})")
    at(grid, 1, 1)
    grid.run("passed.length = 0;")
    grid.press(key)
    assert grid.run("passed")[-1] == key.split("+")[-1]
    grid.run("heard.abort()")  # the page is kept for other tests


def test_tab_comes_into_the_grid_and_leaves_it(grid):
    grid.show()
    grid.page.locator("#before").focus()
    grid.press("Tab")
    assert grid.page.evaluate("() => document.activeElement.role") == "grid"
    assert grid.selected() == (0, 0, 0, 0)
    grid.press("Tab")
    assert grid.page.evaluate("() => document.activeElement.id") == "after"
    grid.press("Shift+Tab")
    assert grid.page.evaluate("() => document.activeElement.role") == "grid"


def test_a_click_selects_a_cell_and_takes_the_focus(grid):
    grid.show()
    grid.page.mouse.click(*grid.middle(7, 4))
    assert grid.selected() == (7, 4, 7, 4)
    grid.press("ArrowDown")
    assert grid.selected() == (8, 4, 8, 4)


def test_a_drag_selects_a_range(grid):
    grid.show()
    grid.page.mouse.move(*grid.middle(9, 6))
    grid.page.mouse.down()
    grid.page.mouse.move(*grid.middle(4, 2), steps=4)
    grid.wait("model.get('selected').column === 2")
    grid.page.mouse.up()
    assert grid.selected() == (4, 2, 9, 6)


def test_a_drag_beyond_the_edge_scrolls_on(grid):
    grid.show()
    frame = grid.grid.bounding_box()
    grid.page.mouse.move(*grid.middle(9, 6))
    grid.page.mouse.down()
    grid.page.mouse.move(600, frame["y"] + frame["height"] + 40)
    grid.wait("model.get('selected').row_end > 200")
    grid.page.mouse.up()
    assert grid.selected()[0] == 9


def test_a_click_with_shift_reaches_from_the_active_cell(grid):
    grid.show()
    grid.page.mouse.click(*grid.middle(7, 4))
    grid.page.keyboard.down("Shift")
    grid.page.mouse.click(*grid.middle(3, 6))
    grid.page.keyboard.up("Shift")
    assert grid.selected() == (3, 4, 7, 6)


def test_a_click_on_a_header_selects_the_row_or_the_column(grid):
    grid.show(rows=300, columns=100)
    frame = grid.grid.bounding_box()
    x, y = grid.middle(6, 3)
    grid.page.mouse.click(frame["x"] + 20, y)
    assert grid.selected() == (6, 0, 6, 99)
    grid.page.mouse.click(x, frame["y"] + 10)
    assert grid.selected() == (0, 3, 299, 3)
    grid.page.mouse.click(frame["x"] + 20, frame["y"] + 10)
    assert grid.selected() == (0, 0, 299, 99)


def test_selecting_by_a_header_does_not_scroll(grid):
    grid.show()
    grid.run("document.querySelector('[role=grid]').scrollTo(5000, 9000)")
    grid.settle()
    frame = grid.grid.bounding_box()
    grid.page.mouse.click(frame["x"] + 20, frame["y"] + 200)
    assert grid.run("document.querySelector('[role=grid]').scrollTop") == 9000
    assert grid.run("document.querySelector('[role=grid]').scrollLeft") == 5000


def test_what_the_model_selects_is_selected_without_an_echo(grid):
    grid.show()
    grid.run("model.set('selected', {row: 2, column: 1, row_end: 3, column_end: 4})")
    grid.wait("document.querySelectorAll('[aria-selected=true]').length === 8")
    assert grid.run("model.saved") == 0
    grid.run("model.set('selected', null)")
    grid.wait("document.querySelectorAll('[aria-selected=true]').length === 0")


def test_a_selection_outside_of_a_table_that_became_smaller_moves_to_its_edge(grid):
    grid.show(rows=100, columns=10)
    grid.run("model.set('selected', {row: 90, column: 4, row_end: 99, column_end: 9})")
    grid.wait("document.querySelector('[aria-selected=true]')")
    grid.run("model.set('table', {...model.get('table'), version: 2, rows: 95, columns: 5});")
    assert grid.selected() == (90, 4, 94, 4)


def test_typing_a_number_and_enter_changes_the_cell(grid):
    grid.show()
    at(grid, 2, 1)
    grid.page.keyboard.type("-0.25")
    grid.press("Enter")
    assert grid.sent("edit") == [
        {"do": "edit", "key": "big", "row": 2, "column": 1, "row_end": 2, "column_end": 1,
         "text": "-0.25"}
    ]
    grid.wait("document.querySelector('[data-value=\"-0.25\"]')")
    assert grid.value(2, 1) == np.float32(-0.25)
    grid.press("ArrowDown")
    assert grid.selected() == (3, 1, 3, 1)


@pytest.mark.parametrize("key", ["Enter", "F2"])
def test_the_editor_begins_with_the_whole_number(grid, key):
    grid.show(prepare="model.number = () => Math.fround(0.1834123);")
    at(grid, 2, 1)
    grid.press(key)
    field = grid.page.get_by_label("New value of row 2, column 1")
    assert np.float32(field.input_value()) == np.float32(0.1834123)
    grid.page.keyboard.type("7")
    assert field.input_value() == "7"


def test_escape_leaves_a_number_as_it_was(grid):
    grid.show()
    at(grid, 2, 1)
    grid.page.keyboard.type("12")
    grid.press("Escape")
    assert grid.page.locator("input").count() == 0
    assert grid.sent("edit") == []
    grid.press("ArrowRight")
    assert grid.selected() == (2, 2, 2, 2)


def test_enter_on_an_unchanged_number_sends_nothing(grid):
    grid.show()
    at(grid, 2, 1)
    grid.press("F2", "Enter")
    assert grid.sent("edit") == []


def test_a_click_elsewhere_keeps_what_was_typed(grid):
    grid.show()
    at(grid, 2, 1)
    grid.page.keyboard.type("3")
    grid.page.mouse.click(*grid.middle(9, 5))
    assert [(edit["row"], edit["text"]) for edit in grid.sent("edit")] == [(2, "3")]
    assert grid.selected() == (9, 5, 9, 5)


def test_a_double_click_edits(grid):
    grid.show()
    grid.page.mouse.dblclick(*grid.middle(4, 4))
    assert grid.page.get_by_label("New value of row 4, column 4").is_visible()


def test_the_editor_stays_on_its_cell_while_the_grid_scrolls(grid):
    grid.show()
    at(grid, 20, 4)
    grid.press("F2")
    before = grid.page.locator("input").bounding_box()
    grid.run("document.querySelector('[role=grid]').scrollTo(0, 110)")
    grid.wait(f"document.querySelector('input').getBoundingClientRect().y < {before['y'] - 109}")
    assert grid.page.locator("input").bounding_box()["y"] == before["y"] - 110


def test_an_edit_of_a_range_fills_the_whole_range(grid):
    grid.show()
    at(grid, 2, 1)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight")
    grid.page.keyboard.type("5")
    assert grid.page.get_by_label("New value of 4 cells").is_visible()
    grid.press("Enter")
    assert grid.sent("edit")[0]["row_end"] == 3
    grid.wait("document.querySelectorAll('[data-value=\"5\"]').length === 4")


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_delete_writes_zeros(grid, key):
    grid.show()
    at(grid, 2, 1)
    grid.press("Shift+ArrowRight", key)
    assert [(edit["column"], edit["column_end"], edit["text"]) for edit in grid.sent("edit")] == [
        (1, 2, "0")
    ]


def test_a_table_that_cannot_be_edited_is_not(grid):
    grid.show(editable=False)
    at(grid, 2, 1)
    grid.press("Enter", "F2", "5", "Delete")
    grid.page.mouse.dblclick(*grid.middle(4, 4))
    assert grid.page.locator("input").count() == 0
    assert grid.sent("edit") == []
    assert grid.grid.get_attribute("aria-readonly") == "true"


@pytest.fixture
def clipboard_grid(new_grid):
    return new_grid(
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )


def copied(grid):
    return grid.page.evaluate("() => navigator.clipboard.readText()")


def test_copy_gives_the_whole_numbers_in_rows_and_columns(clipboard_grid):
    grid = clipboard_grid.show()
    at(grid, 1, 1)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "Control+c")
    rows = [[np.float32(text) for text in line.split("\t")] for line in copied(grid).split("\n")]
    assert rows == [[known_number(row, column) for column in (1, 2, 3)] for row in (1, 2)]


def test_copy_fetches_what_is_not_in_view(clipboard_grid):
    grid = clipboard_grid.show(rows=3000, columns=5)
    at(grid, 0, 2)
    grid.press("Control+Shift+ArrowDown", "Control+c")
    grid.page.evaluate("""async () => {
      while ((await navigator.clipboard.readText()).length < 9000) {
        await new Promise(requestAnimationFrame);
      }
    }""")
    numbers = [np.float32(text) for text in copied(grid).split("\n")]
    assert numbers == [known_number(row, 2) for row in range(3000)]


def test_too_large_a_copy_says_so_and_what_to_do(grid):
    grid.show()
    at(grid, 0, 0)
    grid.press("Control+a", "Control+c")
    told = grid.sent("say")[0]["text"]
    assert told == ("38,597,376 numbers are too many to copy (at most 500,000): "
                    "save the table as CSV.")


def test_paste_sends_the_block_and_the_cell_where_it_begins(clipboard_grid):
    grid = clipboard_grid.show()
    at(grid, 3, 2)
    grid.page.evaluate("() => navigator.clipboard.writeText('1\\t2\\n3\\t4')")
    grid.press("Control+v")
    assert grid.sent("paste") == [
        {"do": "paste", "key": "big", "row": 3, "column": 2, "text": "1\t2\n3\t4"}
    ]


def test_paste_into_a_table_that_cannot_be_edited_sends_nothing(clipboard_grid):
    grid = clipboard_grid.show(editable=False)
    at(grid, 3, 2)
    grid.page.evaluate("() => navigator.clipboard.writeText('1')")
    grid.press("Control+v")
    assert grid.sent("paste") == []


def test_a_copy_elsewhere_on_the_page_is_left_alone(clipboard_grid):
    grid = clipboard_grid.show()
    at(grid, 1, 1)
    grid.page.locator("h1").select_text()
    grid.page.locator("#after").focus()
    grid.run("getSelection().selectAllChildren(document.querySelector('h1'))")
    grid.press("Control+c")
    assert copied(grid).strip() == "A grid by itself"


def test_resting_on_a_cell_tells_its_number_and_its_place(grid):
    grid.show(prepare="model.labels.row = (at) => ` t${at}`; model.ids.row = (at) => at;")
    grid.page.mouse.move(*grid.middle(5, 2))
    note = grid.page.locator(".cutaway-grid-note")
    note.wait_for(state="visible")
    assert note.inner_text() == (
        "−0.311\n"
        "row 5 (the 6th vocabulary), “·t5”, id 5\n"
        "column 2 (the 3rd embed)"
    )
    grid.press("Escape")
    grid.page.mouse.move(*grid.middle(9, 9))
    note.wait_for(state="hidden")


def test_resting_on_a_changed_cell_tells_what_it_was(grid):
    grid.show(compare=True, prepare="model.edits.set('5 2', 0.125);")
    grid.page.mouse.move(*grid.middle(5, 2))
    note = grid.page.locator(".cutaway-grid-note")
    note.wait_for(state="visible")
    assert note.inner_text().split("\n")[:2] == ["now 0.125", "was −0.311"]


def test_a_finger_selects_by_a_tap(new_grid):
    grid = new_grid(has_touch=True).show()
    grid.page.touchscreen.tap(*grid.middle(6, 2))
    grid.wait("model.get('selected')")
    assert grid.selected() == (6, 2, 6, 2)
