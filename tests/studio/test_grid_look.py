"""What is seen of the grid: colours, outlines, themes, device pixels."""

import numpy as np
import pytest

PAPER_2 = np.array([0xFB, 0xF9, 0xF3])  # style/colours.css, light
WARM = np.array([0xBF, 0x4A, 0x1D])
COLD = np.array([0x1F, 0x5A, 0x96])
SHARE = np.array([0x1C, 0x6F, 0x61])
CHANGED = np.array([0x8A, 0x5A, 0x00])
CHANGED_PAPER = np.array([0xFB, 0xEE, 0xCB])
DARK_PAPER_2 = np.array([0x17, 0x1D, 0x27])


def colour_of(picture):
    """The colour that most pixels of a picture have."""
    colours, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    return colours[counts.argmax()].astype(int)


def near(one, other, tolerance=3):
    return bool(np.abs(np.asarray(one, int) - other).max() <= tolerance)


def has(picture, colour):
    return any(near(pixel, colour) for pixel in np.unique(picture.reshape(-1, 3), axis=0))


def heat(grid, numbers, **table):
    """A heat map of one row with these numbers."""
    prepare = f"model.number = (row, column) => {numbers}[column];"
    grid.show(mode="heat", rows=1, columns=len(numbers), prepare=prepare, **table)
    return [colour_of(grid.picture(0, column)) for column in range(len(numbers))]


def test_a_heat_map_is_warm_above_zero_and_cold_below_to_the_same_degree(grid):
    most, least, half, minus_half, zero = heat(grid, [2, -2, 0.5, -0.5, 0], largest=2)
    assert near(most, WARM)
    assert near(least, COLD)
    assert near(zero, PAPER_2)
    # A quarter of the largest has half of the hue: the scale goes by the square root.
    assert near(half, (PAPER_2 + WARM) / 2)
    assert near(minus_half, (PAPER_2 + COLD) / 2)


def test_shares_of_one_have_a_hue_of_their_own(grid):
    whole, quarter = heat(grid, [1, 0.25], largest=1, share=True)
    assert near(whole, SHARE)
    assert near(quarter, (PAPER_2 + SHARE) / 2)


def test_masked_cells_have_no_colour(grid):
    grid.show(mode="heat", rows=1, columns=2, largest=1,
              prepare="model.number = (row, column) => (column ? 1 : -Infinity);")
    assert near(colour_of(grid.picture(0, 0)), PAPER_2)
    assert near(colour_of(grid.picture(0, 1)), WARM)


def test_numbers_stand_on_a_very_light_tint(grid):
    grid.show(rows=1, columns=1, largest=1, prepare="model.number = () => 1;")
    ground = colour_of(grid.picture(0, 0))
    assert near(ground, PAPER_2 + 0.16 * (WARM - PAPER_2))


@pytest.mark.parametrize("presses", [0, 1, 2])
def test_small_cells_have_the_colours_of_large_ones(grid, presses):
    grid.show(mode="heat", rows=300, columns=300, largest=1,
              prepare="model.number = (row, column) => (row === 3 ? 1 : column === 2 ? -1 : 0);")
    for _ in range(presses):
        grid.page.get_by_role("button", name="Smaller cells").click()
    grid.settle()
    assert near(colour_of(grid.picture(3, 5)), WARM)
    assert near(colour_of(grid.picture(5, 2)), COLD)
    assert near(colour_of(grid.picture(5, 5)), PAPER_2)


def test_cells_of_a_heat_map_grow_and_shrink_by_steps_around_the_first(grid):
    grid.show(mode="heat")
    grid.run("document.querySelector('[role=grid]').scrollTo(14 * 100, 14 * 1000)")
    grid.settle()
    sizes = [grid.box(1001, 101)[3]]
    for name in ["Larger", "Larger", "Larger", "Smaller"]:
        grid.page.get_by_role("button", name=name).click()
        grid.settle()
        sizes.append(grid.box(1001, 101)[3])
    assert sizes == [14, 22, 36, 22, 36]  # before the last, cells that show their numbers


def test_going_from_numbers_to_a_heat_map_stays_at_the_same_cells(grid):
    grid.show()
    grid.run("document.querySelector('[role=grid]').scrollTo(82 * 30, 22 * 500)")
    grid.settle()
    grid.run("model.set('mode', 'heat')")
    grid.settle()
    assert min(grid.rows_in_view()) == 500
    grid.run("model.set('mode', 'numbers')")
    grid.settle()
    assert min(grid.rows_in_view()) == 500


@pytest.mark.parametrize("mode", ["numbers", "heat"])
def test_a_changed_cell_has_an_outline_and_others_have_none(grid, mode):
    grid.show(mode=mode, rows=6, columns=6, compare=True, prepare="model.edits.set('2 3', 0.4);")
    assert has(grid.picture(2, 3), CHANGED)
    assert not has(grid.picture(2, 2), CHANGED)
    top, _, left, right = sides(grid.picture(2, 3))
    assert all(near(pixel, CHANGED) for pixel in (top, left, right))


def sides(picture):
    """The pixels in the middle of the four sides of a cell; below and right of it runs a rule."""
    height, width, _ = picture.shape
    return (picture[0, width // 2], picture[height - 2, width // 2],
            picture[height // 2, 0], picture[height // 2, width - 2])


def test_a_changed_number_stands_on_a_colour_as_well(grid):
    grid.show(rows=6, columns=6, compare=True, prepare="model.edits.set('2 3', 0.4);")
    assert near(colour_of(grid.picture(2, 3)), CHANGED_PAPER)
    assert grid.cell(2, 3).text_content() == "0.4000, was −0.3870"


def test_outlines_show_in_small_cells_too(grid):
    grid.show(mode="heat", rows=300, columns=300, compare=True,
              prepare="model.edits.set('2 3', 0.4); model.edits.set('2 4', 0.4);")
    grid.page.get_by_role("button", name="Smaller cells").click()
    grid.settle()
    assert has(grid.picture(2, 3), CHANGED)
    assert has(grid.picture(2, 4), CHANGED)
    assert not has(grid.picture(5, 5), CHANGED)


def test_nothing_is_outlined_and_nothing_asked_for_without_a_comparison(grid):
    grid.show(rows=6, columns=6, prepare="model.edits.set('2 3', 0.4);")
    assert not has(grid.picture(2, 3), CHANGED)
    assert {tile["of"] for tile in grid.sent("tile")} == {"now"}


def test_the_selected_cell_has_a_border(grid):
    grid.show()
    grid.page.mouse.click(*grid.middle(4, 4))
    grid.page.mouse.move(5, 5)
    picture = grid.picture(4, 4, beyond=1)
    assert near(picture[1, picture.shape[1] // 2], COLD)  # --focus is the same blue


def test_dark_is_dark(new_grid):
    grid = new_grid(color_scheme="dark").show(rows=2, columns=2,
                                              prepare="model.number = () => 0;")
    picture = grid.picture(0, 0)
    assert near(colour_of(picture), DARK_PAPER_2)
    assert picture.max() > 120


def test_a_change_of_theme_repaints(grid):
    grid.show(rows=2, columns=2, prepare="model.number = () => 0;")
    assert near(colour_of(grid.picture(0, 0)), PAPER_2)
    grid.run("document.documentElement.dataset.theme = 'dark'")
    assert near(colour_of(grid.picture(0, 0)), DARK_PAPER_2)
    grid.page.emulate_media(color_scheme="dark")
    grid.run("document.documentElement.dataset.theme = 'light'")
    assert near(colour_of(grid.picture(0, 0)), PAPER_2)


def test_forced_colours_are_obeyed(new_grid):
    grid = new_grid(forced_colors="active").show(rows=2, columns=2,
                                                 prepare="model.number = () => 0.5;")
    canvas = grid.run("""const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = "Canvas"; probe.style.forcedColorAdjust = "none";
      return getComputedStyle(probe).color.match(/\\d+/g).map(Number);""")
    text = grid.run("""const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = "CanvasText"; probe.style.forcedColorAdjust = "none";
      return getComputedStyle(probe).color.match(/\\d+/g).map(Number);""")
    picture = grid.picture(0, 0)
    assert near(colour_of(picture), canvas)
    assert np.abs(picture.astype(int) - text).max(axis=2).min() < 60


def test_without_the_pages_colours_the_grid_has_its_own_for_the_ground_it_stands_on(grid):
    grid.show(rows=2, columns=2, prepare="model.number = () => 0;")
    grid.run("for (const sheet of document.querySelectorAll('link')) sheet.disabled = true;"
             "document.querySelector('#place').style.height = '300px';"
             "document.body.style.background = '#111';")
    grid.settle()
    assert near(colour_of(grid.picture(0, 0)), DARK_PAPER_2)
    grid.run("document.body.style.background = '#fff'")
    assert near(colour_of(grid.picture(0, 0)), PAPER_2)


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2, 3])
def test_the_canvas_has_every_device_pixel(new_grid, ratio):
    grid = new_grid(device_scale_factor=ratio, viewport={"width": 900, "height": 600}).show()
    width, client = grid.run(
        "return [document.querySelector('canvas').width,"
        " document.querySelector('[role=grid]').clientWidth]")
    assert width == round(client * ratio)


def test_hairlines_are_one_device_pixel_at_twice_the_density(new_grid):
    grid = new_grid(device_scale_factor=2, viewport={"width": 900, "height": 600}).show(
        rows=4, columns=4, prepare="model.number = () => 0;")
    column = grid.picture(1, 1)[:, 3].astype(int)
    dark = np.abs(column - PAPER_2).max(axis=1) > 8
    assert len(column) == 44
    assert dark.tolist() == [False] * 43 + [True]


def test_numbers_of_a_column_end_at_the_same_pixel(grid):
    grid.show(rows=2, columns=1, largest=50,
              prepare="model.number = (row) => (row ? -12.3456 : 0.0012);")
    ends = []
    for row in range(2):
        picture = grid.picture(row, 0).astype(int)[:-2]
        ink = np.abs(picture - colour_of(picture)).max(axis=(0, 2)) > 90
        ends.append(int(np.flatnonzero(ink).max()))
    assert abs(ends[0] - ends[1]) <= 1


def test_nothing_moves_while_numbers_and_labels_arrive(grid):
    grid.show(rows=300, columns=20, prepare="model.labels.row = (at) => ` t${at}`;")
    place = grid.box(5, 3)
    grid.run("model.silent = true; model.set('table', {...model.get('table'), version: 2});")
    grid.wait("document.querySelector('[data-settled=false]')")
    assert grid.box(5, 3) == place
    grid.run("model.release()")
    grid.settle()
    assert grid.box(5, 3) == place
