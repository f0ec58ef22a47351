"""The grid in a real browser: the right numbers everywhere, and no others are asked for."""

import numpy as np
import pytest

from tests.studio.grid_on_page import TOKENS, known_number

TOKEN_LABELS = f"const words = {TOKENS}; model.labels.column = (at) => words[at];"


def test_the_first_numbers_are_right(grid):
    grid.show()
    for row, column in [(0, 0), (0, 7), (12, 3), (20, 10)]:
        assert grid.value(row, column) == known_number(row, column)


def test_the_last_number_of_50257_x_768_is_right(grid):
    grid.show().focus()
    grid.press("ArrowDown", "Control+End")
    grid.settle()
    assert grid.value(50256, 767) == known_number(50256, 767)
    assert grid.selected() == (50256, 767, 50256, 767)


def test_the_last_row_and_column_are_wholly_in_view_at_the_end(grid):
    grid.show().focus()
    grid.press("ArrowDown", "Control+End")
    grid.settle()
    x, y, width, height = grid.box(50256, 767)
    frame = grid.grid.bounding_box()
    assert x + width <= frame["x"] + frame["width"]
    assert y + height <= frame["y"] + frame["height"]


def test_the_wheel_scrolls_down_and_across(grid):
    grid.show()
    grid.page.mouse.move(600, 400)
    grid.page.mouse.wheel(0, 22 * 300)
    grid.page.mouse.wheel(82 * 40, 0)
    assert grid.value(310, 45) == known_number(310, 45)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2952, 0), (31_999, 511), (50_256, 767)])
def test_revealing_a_cell_goes_there_and_selects_it(grid, row, column):
    grid.show()
    grid.run(f"model.set('reveal', {{row: {row}, column: {column}, nonce: 1}})")
    assert grid.value(row, column) == known_number(row, column)
    assert grid.selected() == (row, column, row, column)


def test_a_cell_revealed_far_away_lies_in_the_middle(grid):
    grid.show()
    grid.run("model.set('reveal', {row: 30000, column: 400, nonce: 1})")
    grid.settle()
    x, y = grid.middle(30000, 400)
    frame = grid.grid.bounding_box()
    assert abs(x - frame["x"] - frame["width"] / 2) < 150
    assert abs(y - frame["y"] - frame["height"] / 2) < 60


def test_the_same_nonce_reveals_once(grid):
    grid.show()
    grid.run("model.set('reveal', {row: 400, column: 0, nonce: 1})")
    grid.settle()
    grid.page.keyboard.press("Tab")
    grid.run("document.querySelector('[role=grid]').scrollTo(0, 0)")
    grid.run("model.set('reveal', {row: 400, column: 0, nonce: 1})")
    assert grid.value(1, 1) == known_number(1, 1)


def test_a_table_smaller_than_one_tile_is_whole(grid):
    grid.show(rows=3, columns=2)
    assert [grid.value(row, column) for row in range(3) for column in range(2)] == [
        known_number(row, column) for row in range(3) for column in range(2)
    ]
    assert grid.grid.get_attribute("aria-rowcount") == "4"
    assert grid.grid.get_attribute("aria-colcount") == "3"


def test_an_empty_table_is_no_error(grid):
    grid.show(rows=0, columns=0).focus()
    grid.press("ArrowDown", "Control+End", "Enter", "Delete")
    grid.page.mouse.click(700, 500)
    assert grid.selected() is None
    assert grid.sent("edit") == []


def test_a_million_rows_can_be_scrolled_to_the_last(grid):
    grid.show(rows=1_000_000, columns=3).focus()
    grid.press("ArrowDown", "Control+End")
    grid.settle()
    assert grid.value(999_999, 2) == known_number(999_999, 2)


def test_only_what_is_in_view_and_half_a_view_around_it_is_asked_for(grid):
    grid.show()
    asked = {(tile["row"], tile["column"]) for tile in grid.sent("tile")}
    # A view of 1440 x 900 holds 40 rows and 16 columns: with a half more, tile 0 alone is touched.
    assert asked == {(0, 0)}


def test_tiles_in_view_are_asked_for_before_those_around(grid):
    grid.show(rows=5000, columns=768)
    grid.run("model.sent.length = 0")
    grid.run("document.querySelector('[role=grid]').scrollTo(64 * 82 * 2.4, 64 * 22 * 30.9)")
    grid.wait("model.sent.some((message) => message.do === 'tile')")
    grid.settle()
    asked = [(tile["row"], tile["column"]) for tile in grid.sent("tile")]
    assert asked[0] in {(30, 2), (31, 2)}
    assert set(asked[:2]) == {(30, 2), (31, 2)}


def test_tiles_that_were_scrolled_past_are_not_asked_for(grid):
    grid.show(rows=50257, columns=64)
    grid.run("model.sent.length = 0; model.silent = true")
    grid.run("""return (async () => {
      const scroller = document.querySelector("[role=grid]");
      for (let step = 1; step <= 60; step++) {
        scroller.scrollTop = step * 64 * 22;
        await new Promise(requestAnimationFrame);
      }
    })()""")
    asked_on_the_way = len(grid.sent("tile"))
    grid.run("model.release()")
    grid.settle()
    assert asked_on_the_way <= 16
    late = {tile["row"] for tile in grid.sent("tile")[asked_on_the_way:]}
    assert late <= {59, 60, 61, 62}


def test_a_new_version_keeps_the_scroll_and_the_old_numbers_until_the_new_ones_come(grid):
    grid.show()
    grid.run("model.set('reveal', {row: 3000, column: 300, nonce: 1})")
    grid.settle()
    place = grid.box(3000, 300)
    grid.run("model.silent = true; model.edits.set('3000 300', 9);"
             "model.set('table', {...model.get('table'), version: 2})")
    grid.page.wait_for_selector(".cutaway-grid[data-version='2'][data-settled=false]")
    assert grid.value(3000, 300) == known_number(3000, 300)
    grid.run("model.release()")
    grid.settle()
    assert grid.value(3000, 300) == 9
    assert grid.box(3000, 300) == place


def test_an_answer_of_an_old_version_does_not_replace_a_new_number(grid):
    grid.show(rows=10, columns=10)
    grid.run("model.silent = true; model.set('table', {...model.get('table'), version: 2})")
    grid.wait("model.held.some((message) => message.do === 'tile')")
    grid.run("window.old = model.held.splice(0); model.edits.set('1 1', 7);"
             "model.silent = false; model.set('table', {...model.get('table'), version: 3})")
    grid.settle()
    grid.run("model.edits.set('1 1', 5); for (const message of old) model.answer(message)")
    grid.run("return new Promise((done) => setTimeout(done, 50))")
    assert grid.value(1, 1) == 7


def test_a_table_that_grows_shows_its_new_rows_and_stays_where_it_is(grid):
    grid.show(rows=100, columns=100)
    grid.run("model.set('reveal', {row: 90, column: 0, nonce: 1})")
    grid.settle()
    grid.run("model.set('table', {...model.get('table'), version: 2, rows: 101})")
    grid.settle()
    assert grid.value(90, 0) == known_number(90, 0)
    grid.focus().press("Control+End")
    assert grid.value(100, 99) == known_number(100, 99)


def test_another_table_replaces_the_first_only_with_its_numbers(grid):
    grid.show(rows=20, columns=20, key="first")
    seen = grid.run("""
      const root = document.querySelector(".cutaway-grid");
      const seen = [];
      const note = () => seen.push(`${root.dataset.key} ${root.dataset.settled}`);
      new MutationObserver(note).observe(root, {attributeFilter: ["data-key", "data-settled"]});
      model.number = () => 0.25;
      model.set("table", {...model.get("table"), key: "second", rows: 5, columns: 5});
      return new Promise((done) => {
        setInterval(() => seen.includes("second true") && done(seen), 5);
      });
    """)
    assert "second false" not in seen
    assert seen[0] == "first false"
    assert grid.value(4, 4) == 0.25


def test_another_table_that_takes_long_is_shown_without_numbers(grid):
    grid.show(rows=20, columns=20, key="first")
    grid.run("model.silent = true;"
             "model.set('table', {...model.get('table'), key: 'second', rows: 5, columns: 5})")
    grid.page.wait_for_selector(".cutaway-grid[data-key=second][data-settled=false]")
    assert grid.cell(4, 4).inner_text() == "on its way"
    grid.run("model.release()")
    grid.settle()
    assert grid.value(4, 4) == known_number(4, 4)


def test_a_table_of_the_same_shape_is_shown_at_the_same_place(grid):
    grid.show(key="head 1")
    grid.run("model.set('reveal', {row: 3000, column: 300, nonce: 1})")
    grid.settle()
    place = grid.box(3000, 300)
    grid.run("model.set('table', {...model.get('table'), key: 'head 2'})")
    grid.page.wait_for_selector(".cutaway-grid[data-key='head 2']")
    grid.settle()
    assert grid.box(3000, 300) == place


def test_a_table_and_a_cell_to_reveal_may_come_in_either_order(grid):
    grid.show(rows=20, columns=20)
    grid.run("model.set('reveal', {row: 700, column: 60, nonce: 1});"
             "model.set('table', {...model.get('table'), key: 'next', rows: 900, columns: 90})")
    assert grid.value(700, 60) == known_number(700, 60)
    grid.run("model.set('table', {...model.get('table'), key: 'last', rows: 901});"
             "model.set('reveal', {row: 100, column: 10, nonce: 2})")
    assert grid.value(100, 10) == known_number(100, 10)
    assert grid.selected() == (100, 10, 100, 10)


def test_a_tile_that_could_not_be_given_is_asked_for_again(grid):
    grid.show(rows=10, columns=10, prepare="setTimeout(() => { model.broken = false }, 600);"
              "model.broken = true;")
    assert len(grid.sent("tile")) == 2
    assert grid.value(9, 9) == known_number(9, 9)


def test_tiles_beyond_24_MB_are_forgotten_the_least_used_first(grid):
    grid.show(rows=10, columns=10)
    held = grid.run("""return (async () => {
      const {Tiles} = await import("/grid/tiles.js");
      const tiles = new Tiles({key: "t", version: 1}, {ask: () => {}}, () => {});
      const tile = {rows: 64, columns: 64, version: 1};
      for (let at = 0; at < 1600; at++) tiles.keep(at, {...tile, numbers: new Float32Array(4096)});
      return {bytes: tiles.bytes, first: tiles.kept.has(0), last: tiles.kept.has(1599)};
    })()""")
    assert held == {"bytes": 24 * 2**20, "first": False, "last": True}


@pytest.mark.parametrize(
    ("largest", "value", "text"),
    [
        (1, 0.1834, "0.1834"),
        (1, -0.5, "−0.5000"),
        (50, 12.5, "12.5000"),
        (50, 0.00012344, "1.234e−4"),
        (3000, 3021.4, "3021"),
        (3000, -302.14, "−302.1"),
        (3000, 0.30214, "0.3021"),
        (3000, 9.99999, "10.00"),
        (1e9, 1234567, "1.235e6"),
        (1e9, -1.5e-12, "−1.50e−12"),
        (1, 0, "0"),
        (1, "NaN", "NaN"),
        (1, "Infinity", "∞"),
    ],
)
def test_numbers_have_four_figures_that_count(grid, largest, value, text):
    grid.show(rows=1, columns=1, largest=largest, prepare=f"model.number = () => {value};")
    assert grid.cell(0, 0).text_content() == text


def test_masked_cells_say_what_they_are(grid):
    grid.show(rows=1, columns=2, prepare="model.number = (row, column) => column ? -Infinity : 0;")
    assert grid.cell(0, 1).text_content() == "−∞"
    assert grid.cell(0, 1).get_attribute("data-value") == "-inf"


def test_whole_numbers_have_no_decimals(grid):
    grid.show(rows=1, columns=1, whole=True, prepare="model.number = () => 1631;")
    assert grid.cell(0, 0).text_content() == "1631"


def test_the_exact_text_of_a_number_is_numpys_shortest(grid):
    grid.show(rows=1, columns=1)
    bits = np.random.default_rng(5).integers(0, 2**32, 3000, dtype=np.uint32)
    numbers = bits.view(np.float32)
    numbers = numbers[np.isfinite(numbers)]
    texts = grid.page.evaluate(
        """async (bits) => {
          const {exact} = await import("/grid/numbers.js");
          return [...new Float32Array(Uint32Array.from(bits).buffer)].map(exact);
        }""",
        numbers.view(np.uint32).tolist(),
    )
    assert [np.float32(text) for text in texts] == numbers.tolist()
    digits = [np.format_float_scientific(number, unique=True, trim="-") for number in numbers]
    shortest = [len(text.split("e")[0].strip("-").replace(".", "")) for text in digits]
    found = [np.format_float_scientific(float(text), unique=True, trim="-") for text in texts]
    assert [len(text.split("e")[0].strip("-").replace(".", "")) for text in found] == shortest


def test_a_label_shows_its_spaces_and_line_ends(grid):
    words = "[' a', 'b  ', '\\n', ' a b']"
    grid.show(rows=4, columns=1, prepare=f"model.labels.row = (at) => {words}[at];")
    texts = [grid.row_header(row).text_content().split(", row")[0] for row in range(4)]
    assert texts == ["·a", "b··", "⏎", "·a b"]


def test_a_row_of_the_vocabulary_tells_its_number_its_count_and_its_id(grid):
    grid.show(prepare="model.labels.row = (at) => ` t${at}`; model.ids.row = (at) => at;")
    grid.run("model.set('reveal', {row: 2952, column: 0, nonce: 1})")
    grid.settle()
    words = grid.row_header(2952).text_content()
    assert words == "·t2952, row 2952 (the 2,953rd vocabulary), id 2952"


def test_columns_have_labels_and_ids_too(grid):
    grid.show(rows=8, columns=8, column_axis="source",
              prepare=TOKEN_LABELS + "model.ids.column = (at) => 100 + at;")
    assert grid.column_header(3).text_content() == "·quick, column 3 (the 4th source), id 103"


def test_labels_are_fetched_for_the_rows_in_view_only(grid):
    grid.show(prepare="model.labels.row = (at) => `t${at}`;")
    grid.run("model.set('reveal', {row: 40000, column: 0, nonce: 1})")
    grid.settle()
    first = {asked["first"] for asked in grid.sent("labels") if asked["axis"] == "row"}
    assert first == {0, 40000 // 256 * 256}


def test_markup_in_a_label_stays_text(grid):
    grid.show(rows=2, columns=2, prepare="model.labels.row = () => '<img src=x onerror=alert(1)>';")
    assert "<img src=x onerror=alert(1)>" in grid.row_header(0).text_content()
    assert grid.page.locator(".cutaway-grid img").count() == 0


def test_a_grid_that_is_taken_away_leaves_nothing_behind(grid):
    grid.show()
    grid.run("grid.destroy()")
    assert grid.run("document.querySelector('#place').childElementCount") == 0
    assert grid.run("[...model.listeners.values()].flat().length") == 0


def test_the_module_is_an_anywidget(grid):
    grid.show(rows=5, columns=5)
    grid.run("""return (async () => {
      const {default: widget} = await import("/grid/grid.js");
      const el = document.querySelector("#place").appendChild(document.createElement("div"));
      window.grid.destroy();
      window.takeAway = widget.render({model, el});
    })()""")
    grid.settle()
    assert grid.value(4, 4) == known_number(4, 4)
    # In a notebook nothing gives it a height: it is as high as its five rows and their header.
    assert 130 < grid.grid.bounding_box()["height"] < 180
    grid.run("takeAway()")
    assert grid.page.locator(".cutaway-grid").count() == 0
