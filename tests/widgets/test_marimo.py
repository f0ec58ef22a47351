"""Tables in a real marimo notebook, run as an app."""

from contextlib import ExitStack
from functools import cache

import pytest

import cutaway
from tests.widgets.notebooks import marimo_app
from tests.widgets.on_show import PATIENCE_MS, OnShow

playwright = pytest.importorskip("playwright.sync_api", reason='pip install "cutaway[dev]"')
pytest.importorskip("marimo", reason='pip install "cutaway[dev]"')

CELLS = [
    "import cutaway, marimo",
    "from cutaway.widgets import show",
    "run = cutaway.open_model().run('Mike is quick. He moves')",
    "attention = show(run, 'h3.attention', head=1, editable=True)",
    "marimo.vstack([attention, show(run['wte'])])",
]


@pytest.fixture
def run():
    return cutaway.open_model().run("Mike is quick. He moves")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """A function that gives the address of the app in a theme. Each visitor has a kernel alone."""
    with ExitStack() as servers:

        @cache
        def address(dark):
            folder = tmp_path_factory.mktemp("marimo")
            return servers.enter_context(marimo_app(folder, CELLS, dark=dark))

        yield address


@pytest.fixture
def app(new_page, addresses):
    """A function that opens the app, in a light or a dark theme."""

    def open_app(dark=False):
        page = new_page(viewport={"width": 1000, "height": 1400})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(addresses(dark))
        return page

    return open_app


def test_the_app_shows_the_tables_digits_and_scrolls_to_the_last_row(app, run):
    page = app()
    attention, wte = OnShow(page, "h3.attention"), OnShow(page, "wte")
    attention.has(7, 4, run["h3.attention"].array[1, 7, 4])
    attention.widget.get_by_role("button", name="head 4").click()
    playwright.expect(attention.grid).to_have_attribute("aria-label", "Table h3.attention, head 4")
    attention.has(7, 4, run["h3.attention"].array[4, 7, 4])
    wte.settled()
    wte.grid.focus()
    page.keyboard.press("Control+End")
    wte.has(4095, 191, run["wte"].array[4095, 191])


def test_a_number_typed_into_the_app_moves_only_its_cell(app):
    page = app()
    attention = OnShow(page, "h3.attention")
    attention.settled()
    was = attention.cell(3, 2).inner_text()
    attention.select(3, 2)
    page.keyboard.type("0.75")
    page.keyboard.press("Enter")
    playwright.expect(attention.cell(3, 2)).to_have_text(f"0.7500, was {was}")
    playwright.expect(attention.widget).to_contain_text("1 number moved")


@pytest.mark.parametrize("dark", [False, True])
def test_the_table_is_painted_in_the_notebooks_theme(app, dark):
    page = app(dark)
    paper = OnShow(page, "h3.attention").ground()
    assert max(paper) < 60 if dark else min(paper) > 200
