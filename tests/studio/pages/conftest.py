"""What the tests of the whole page share: a server, its tabs, and the library's own digits."""

from urllib.parse import urljoin

import pytest

import cutaway
from tests.studio.browser import new_context
from tests.studio.kept_page import hands_off
from tests.studio.pages.visitor import EXAMPLE, Visitor
from tests.studio.running import RunningStudio

SIZE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A studio for all tests of a process; each begins a new book in it."""
    with RunningStudio(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def kept_tabs():
    """The tabs that are kept for all tests of a process, by name."""
    return {}


@pytest.fixture
def kept_tab(chromium, studio, kept_tabs, faults):
    """A function that gives the kept tab of a name, with no page in it and nothing stored.

    A new browser context costs as much as two loads of the page. What a tab keeps from test to
    test is the browser's cache, its cookies and its history; a test that is about these, or adds a
    script or a listener, asks for `new_page`.

    script   what every page in it runs first
    options  the context's
    """
    in_use = []

    def give(name, script="", **options):
        page = kept_tabs.get(name)
        if page:
            faults.join(page.context)
        else:
            context = new_context(chromium, viewport=SIZE, **options)
            faults.watch(context)
            context.add_init_script(script)
            page = kept_tabs[name] = context.new_page()
        in_use.append(page)
        return page

    yield give
    for page in in_use:
        faults.leave(page.context)
        empty(page, urljoin(studio.address, "/static/mark.svg"))


def empty(page, somewhere):
    """Leave the page for a file of the same server, and take away what it has left."""
    page.goto(somewhere)
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    hands_off(page, SIZE)
    page.emulate_media(color_scheme="null", media="null", forced_colors="null")


@pytest.fixture
def visit(studio, kept_tab):
    """The page of a new book on the example, its tables calculated and its grid painted."""
    visitor = Visitor(kept_tab("plain"))
    visitor.arrive_at_a_new_book(studio.address)
    return visitor


@pytest.fixture(scope="session")
def model():
    """The bundled model, opened by the library in this process."""
    return cutaway.open_model()


@pytest.fixture(scope="session")
def run(model):
    """The example as the library calculates it."""
    return model.run(EXAMPLE)
