"""The grid for those who do not see the canvas: real rows and cells, true to what is shown."""

from tests.studio.grid_on_page import known_number


def test_the_grid_tells_its_size_and_its_name(grid):
    grid.show(label="wte, the token embeddings")
    assert grid.page.get_by_role("grid", name="wte, the token embeddings").count() == 1
    # The headers are a row and a column of their own.
    assert grid.grid.get_attribute("aria-rowcount") == "50258"
    assert grid.grid.get_attribute("aria-colcount") == "769"


def test_rows_and_columns_in_view_have_headers(grid):
    grid.show()
    assert grid.row_header(4).text_content() == "row 4 (the 5th vocabulary)"
    assert grid.column_header(2).text_content() == "column 2 (the 3rd embed)"
    assert grid.page.locator("[role=columnheader]").first.text_content() == "vocabulary by embed"


def test_the_active_cell_is_a_real_element_wherever_it_is(grid):
    grid.show().focus()
    grid.press("ArrowDown", "Control+End")
    grid.settle()
    assert grid.value(50256, 767) == known_number(50256, 767)
    active = grid.page.locator(f"[id='{grid.grid.get_attribute('aria-activedescendant')}']")
    assert active.get_attribute("role") == "gridcell"
    assert active.get_attribute("aria-colindex") == "769"
    assert active.get_attribute("aria-selected") == "true"
    assert active.get_attribute("data-value") == str(known_number(50256, 767))


def test_the_active_cell_stays_real_when_it_is_scrolled_out_of_view(grid):
    grid.show().focus()
    grid.press("ArrowDown")
    grid.run("document.querySelector('[role=grid]').scrollTo(9000, 90000)")
    grid.settle()
    assert grid.value(1, 0) == known_number(1, 0)
    assert grid.value(4095, 115) == known_number(4095, 115)


def test_a_growing_range_makes_its_moving_end_the_active_element(grid):
    grid.show().focus()
    grid.press("ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    grid.wait("document.querySelectorAll('[aria-selected=true]').length === 4")
    grid.wait("document.querySelector('[role=grid]').getAttribute('aria-activedescendant')")
    active = grid.grid.get_attribute("aria-activedescendant")
    assert grid.cell(2, 1).get_attribute("id") == active


def test_rows_of_the_mirror_are_in_order_and_of_bounded_number(grid):
    grid.show().focus()
    grid.press("ArrowDown", "Control+End")
    grid.run("document.querySelector('[role=grid]').scrollTo(0, 500)")
    grid.settle()
    rows = grid.rows_in_view()
    assert rows == sorted(rows)
    assert 50256 in rows
    assert len(rows) <= 31
    assert grid.page.locator("[role=gridcell]").count() <= 31 * 13


def test_it_is_busy_until_the_numbers_are_there(grid):
    grid.show(rows=5, columns=5)
    grid.run("model.silent = true; model.set('table', {...model.get('table'), version: 2})")
    grid.page.wait_for_selector("[role=grid][aria-busy=true]")
    grid.run("model.release()")
    grid.page.wait_for_selector("[role=grid][aria-busy=false]")


def test_the_focus_is_seen(grid):
    grid.show()
    grid.page.locator("#before").focus()
    grid.press("Tab")
    outline = grid.run("getComputedStyle(document.querySelector('canvas')).outlineWidth")
    assert outline == "2px"


def test_the_buttons_of_a_heat_map_have_names_and_come_after_it(grid):
    grid.show(mode="heat").focus()
    grid.press("Tab")
    assert grid.page.evaluate("() => document.activeElement.ariaLabel") == "Smaller cells"
    grid.press("Tab")
    assert grid.page.evaluate("() => document.activeElement.ariaLabel") == "Larger cells"


def test_twice_the_zoom_shows_half_as_much_and_all_of_it_works(new_grid):
    # A browser's zoom of 200 % is half the CSS pixels at twice the density.
    grid = new_grid(viewport={"width": 512, "height": 384}, device_scale_factor=2).show().focus()
    grid.press("ArrowDown", "Control+End")
    grid.settle()
    assert grid.value(50256, 767) == known_number(50256, 767)
    x, y, width, height = grid.box(50256, 767)
    assert x + width <= 512
    assert y + height <= 384
