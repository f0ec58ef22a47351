"""Tables in a real JupyterLab: a kernel, a browser, and the numbers that travel between them."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

import cutaway
from tests.studio.browser import Faults
from tests.widgets.notebooks import jupyter_lab, run_all
from tests.widgets.on_show import PATIENCE_MS, OnShow

playwright = pytest.importorskip("playwright.sync_api", reason='pip install "cutaway[dev]"')
pytest.importorskip("jupyterlab", reason='pip install "cutaway[dev]"')

CELLS = [
    "import cutaway, numpy as np\n"
    "from cutaway.widgets import show\n"
    "from cutaway.workbook import Provenance, Table\n"
    "run = cutaway.open_model().run('Mike is quick. He moves')",
    "attention = show(run, 'h3.attention', head=1, editable=True)\nattention",
    "numbers = np.arange(50257, dtype=np.float32)[:, None] + np.arange(768) / 128\n"
    "long = show(Table('long', ('vocabulary', 'embed'), numbers, Provenance()))\n"
    "asked = []\n"
    "long.on_msg(lambda widget, message, buffers: asked.append(message))\n"
    "long",
    "wte = show(run['wte'])\nwte",
    "pages = np.arange(20 * 4 * 3, dtype=np.float32).reshape(20, 4, 3)\n"
    "show(Table('many', ('block', 'position', 'embed'), pages, Provenance()))",
    "import pathlib, time\n"
    "while not pathlib.Path('go').exists():\n"
    "    time.sleep(0.05)",
]
IN_KERNEL = """async ([code, patience]) => {
  const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
  const asked = kernel.requestExecute({code});
  let text = "";
  asked.onIOPub = ({content}) => { text += content.text ?? content.evalue ?? ""; };
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error(text)), patience));
  await Promise.race([asked.done, late]);
  return text;
}"""


class Notebook:
    """The notebook in JupyterLab.

    while_busy  what stood under a table as long as a later cell ran
    """

    def __init__(self, page, while_busy):
        self.page, self.while_busy = page, while_busy

    def table(self, name):
        shown = OnShow(self.page, name)
        shown.settled()
        return shown

    def python(self, expression):
        """What an expression is in the notebook's kernel, by way of JSON."""
        code = f"import json\nprint(json.dumps({expression}))"
        return json.loads(self.page.evaluate(IN_KERNEL, [code, PATIENCE_MS]))

    def do(self, statement):
        """Run a statement in the notebook's kernel."""
        assert self.page.evaluate(IN_KERNEL, [statement, PATIENCE_MS]) == ""


@pytest.fixture(scope="module")
def run():
    return cutaway.open_model().run("Mike is quick. He moves")


@pytest.fixture(scope="module")
def notebook(chromium, tmp_path_factory):
    """One notebook with its cells run, for all tests; a fault of the page fails the last one."""
    faults, folder = Faults(), tmp_path_factory.mktemp("lab")
    with jupyter_lab(folder, CELLS) as address:
        context = chromium.new_context(viewport={"width": 1200, "height": 1600})
        context.set_default_timeout(PATIENCE_MS)
        faults.watch(context)
        page = context.new_page()
        page.goto(address)
        run_all(page)
        status = OnShow(page, "wte").widget.get_by_role("status")
        playwright.expect(status).not_to_be_empty(timeout=PATIENCE_MS)
        while_busy = status.inner_text()
        (folder / "go").touch()
        yield Notebook(page, while_busy)
        found = faults.unexpected()
        context.close()
    assert found == ""


@pytest.fixture
def lab(notebook):
    """The notebook, its widgets as they began."""
    yield notebook
    notebook.do("attention.page, attention.run, wte.mode = {'head': 1}, run, 'numbers'")


def test_the_grid_shows_the_tables_digits(lab, run):
    shown, numbers = lab.table("h3.attention"), run["h3.attention"].array[1]
    for row, column in ((0, 0), (3, 2), (7, 7)):
        shown.has(row, column, numbers[row, column], f"{numbers[row, column]:.4f}")
    playwright.expect(shown.header(3)).to_contain_text("quick")
    playwright.expect(shown.header(3)).to_contain_text("id 1225")
    playwright.expect(shown.widget).to_contain_text("= softmax(causal(scores))")


def test_while_python_is_busy_the_table_says_so(lab):
    assert lab.while_busy == "Python is busy: the numbers come when it is free."
    shown = lab.table("wte")
    playwright.expect(shown.widget.get_by_role("status")).to_be_empty()


def test_what_is_painted_is_a_table(lab):
    paper = lab.table("h3.attention").ground()
    assert min(paper) > 200  # JupyterLab's light theme: paper, not a canvas left black


def test_another_head_is_one_click_away(lab, run):
    shown = lab.table("h3.attention")
    chooser = shown.widget.get_by_role("group", name="head")
    chooser.get_by_role("button", name="head 4").click()
    playwright.expect(shown.grid).to_have_attribute("aria-label", "Table h3.attention, head 4")
    shown.has(7, 2, run["h3.attention"].array[4, 7, 2])
    assert lab.python("attention.page") == {"head": 4}


def test_one_of_many_pages_is_chosen_from_a_list(lab):
    shown = lab.table("many")
    shown.widget.get_by_role("combobox", name="block").select_option("19")
    playwright.expect(shown.grid).to_have_attribute("aria-label", "Table many, block 19")
    shown.has(3, 2, 20 * 4 * 3 - 1)


def test_a_long_matrix_scrolls_to_its_last_cell_and_only_what_is_in_view_travels(lab):
    shown = lab.table("long")
    shown.has(0, 0, 0.0)
    shown.grid.focus()
    shown.page.keyboard.press("Control+End")
    shown.has(50256, 767, 50256 + 767 / 128)
    tiles = lab.python("[[m['row'], m['column']] for m in asked if m['do'] == 'tile']")
    assert [785, 11] in tiles
    assert len(tiles) < 100  # of 786 x 12


def test_a_weights_last_row_is_that_of_its_file(lab):
    weights = load_file(cutaway.__path__[0] + "/bundled/storybook/model.safetensors")
    shown = lab.table("wte")
    shown.grid.focus()
    shown.page.keyboard.press("Control+End")
    shown.has(4095, 191, np.float32(weights["transformer.wte.weight"][4095, 191]))
    assert "tensor transformer.wte.weight" in shown.widget.inner_text()


def test_what_is_selected_can_be_read_in_python(lab):
    lab.table("h3.attention").select(5, 3)
    assert lab.python("attention.selected") == {"row": 5, "column": 3, "row_end": 5,
                                                "column_end": 3}


def test_python_leads_to_a_cell(lab):
    shown = lab.table("wte")
    lab.do("wte.go_to(' the', 100)")
    playwright.expect(shown.cell(261, 100)).to_have_attribute("aria-selected", "true")
    playwright.expect(shown.header(261)).to_contain_text("the")


def test_keys_in_the_table_are_the_tables_and_not_the_notebooks(lab):
    shown = lab.table("h3.attention")
    shown.select(3, 2)
    cells = lab.page.locator(".jp-Notebook-cell")
    for key in ("ArrowDown", "x", "d", "d", "a"):  # in JupyterLab: the next cell, cut, delete, add
        lab.page.keyboard.press(key)
    playwright.expect(shown.cell(4, 2)).to_have_attribute("aria-selected", "true")
    playwright.expect(cells).to_have_count(len(CELLS))
    shown.widget.get_by_role("button", name="head 2").focus()
    lab.page.keyboard.press("Enter")  # in JupyterLab: into the cell's code
    playwright.expect(shown.grid).to_have_attribute("aria-label", "Table h3.attention, head 2")


def test_heat_is_a_click_away_and_python_knows(lab):
    shown = lab.table("wte")
    shown.widget.get_by_role("button", name="Heat").click()
    playwright.expect(shown.widget.get_by_role("button", name="Smaller cells")).to_be_visible()
    assert lab.python("wte.mode") == "heat"
    lab.do("wte.mode = 'numbers'")
    playwright.expect(shown.widget.get_by_role("button", name="Numbers")).to_have_attribute(
        "aria-pressed", "true")


def test_a_typed_number_gives_an_edited_run_and_outlines_what_moved(lab):
    shown = lab.table("h3.attention")
    was = shown.cell(3, 2).inner_text()
    shown.select(3, 2)
    shown.page.keyboard.type("0.75")
    shown.page.keyboard.press("Enter")
    playwright.expect(shown.cell(3, 2)).to_have_text(f"0.7500, was {was}")
    playwright.expect(shown.widget).to_contain_text("1 number moved")
    assert lab.python("float(attention.run['h3.attention'].array[1, 3, 2])") == 0.75
    assert lab.python("len(run.diff(attention.run))") > 10
    lab.do("attention.run = run")
    playwright.expect(shown.widget).to_contain_text("nothing moved")


def test_a_typing_error_is_told_under_the_table_and_changes_nothing(lab):
    shown = lab.table("h3.attention")
    before = shown.cell(2, 1).inner_text()
    shown.select(2, 1)
    shown.page.keyboard.type("1e")
    shown.page.keyboard.press("Enter")
    playwright.expect(shown.widget.get_by_role("status")).to_contain_text("'1e' is no number")
    playwright.expect(shown.cell(2, 1)).to_have_text(before)


def test_the_table_follows_the_notebooks_theme(lab):
    shown = lab.table("h3.attention")
    command = "void jupyterapp.commands.execute('apputils:change-theme', {theme: '%s'})"
    lab.page.evaluate(command % "JupyterLab Dark")
    wait_for_ground(shown, dark=True)
    lab.page.evaluate(command % "JupyterLab Light")
    wait_for_ground(shown, dark=False)


def wait_for_ground(shown, *, dark):
    """Return once the table is painted on dark or on light paper."""
    shown.page.wait_for_function(
        """([canvas, dark]) => {
             const [red] = canvas.getContext("2d").getImageData(4, 4, 1, 1).data;
             return dark ? red < 60 : red > 200;
           }""", arg=[shown.widget.locator("canvas").element_handle(), dark])
