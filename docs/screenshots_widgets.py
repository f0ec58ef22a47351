"""Draw the picture of docs/widgets.md again, with a real JupyterLab and a real browser.

    python -m docs.screenshots_widgets [FOLDER]

It needs Chromium and the development requirements; the notebook lies in a temporary folder.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from docs.screenshots import FLAGS
from playwright.sync_api import Page, sync_playwright
from tests.studio.browser import CHROMIUM_NAMES
from tests.widgets.notebooks import jupyter_lab, run_all
from tests.widgets.on_show import PATIENCE_MS, OnShow

CELLS = [
    "import cutaway\n"
    "from cutaway.widgets import show\n"
    'run = cutaway.open_model().run("Mike is quick. He moves")\n'
    'edited = run.edit("h3.attention", 0.9, head=1, position=" quick", source=" is")',
    'show(edited["h3.attention"], before=run, head=1)',
    'show(run["wte"], mode="heat")',
]
TABLES = ("h3.attention", "wte")


def photograph(page: Page, address: str) -> bytes:
    """The notebook when its cells have run."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    run_all(page)
    for table in TABLES:
        OnShow(page, table).settled()
    page.mouse.move(0, 0)
    return page.locator(".jp-Notebook").screenshot(animations="disabled")


def main(folder: Path) -> None:
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with (tempfile.TemporaryDirectory() as home, jupyter_lab(Path(home), CELLS) as address,
          sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 1120})
        (folder / "widgets.png").write_bytes(photograph(page, address))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "screenshots")
