"""A real Chromium for tests, and pages in it that report every fault.

chromium    the browser, one a test run; skips with the line that installs it
new_page    a function that opens a page: new_page(color_scheme="dark", device_scale_factor=2)
page        one such page, 1440 x 900
kept_page   a function that opens a page for all tests of a process: see kept_page.py
faults      what the pages did wrong so far: requests that leave 127.0.0.1, errors on the console,
            exceptions, violations of the content security policy. A test with a fault fails; one
            that provokes a fault on purpose calls `faults.expect("part of its words")`.
"""

import asyncio
import shutil
from urllib.parse import urlsplit

import pytest

from tests.studio.kept_page import KeptPage

# The first one has no windows and menus of its own: a page takes half the time.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
                  "google-chrome-stable")
PATIENCE_MS = 120_000  # a loaded machine takes long; a test that passes never waits so long
QUIET = [
    "--no-sandbox",  # tests may run as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--font-render-hinting=none",  # letters as wide as in a Chromium with windows
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # a page lives too short for optimised code to pay
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
REPORT_POLICY_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy ${event.violatedDirective} refused ${event.blockedURI}`));
"""


class Faults:
    """The faults of all pages of one test, less those that the test expects."""

    def __init__(self):
        self.found = []
        self.expected = []
        self.contexts = []

    def expect(self, words):
        """Let faults pass whose text holds these words."""
        self.expected.append(words)

    def unexpected(self):
        """The faults so far that no `expect` covers, one a line."""
        for context in self.contexts:
            context.cookies()  # a question to the browser: what it reported before has come in
        covered = self.expected
        return "\n".join(
            fault for fault in self.found if not any(words in fault for words in covered)
        )

    def watch(self, context):
        """Note every fault of every page, tab and frame of a new browser context."""
        context.add_init_script(REPORT_POLICY_VIOLATIONS)
        self.join(context)

    def join(self, context):
        """Note the faults from now on of a context that another test has had."""
        self.contexts.append(context)
        for event, listener in self._listeners():
            context.on(event, listener)
        for page in context.pages:
            page.on("websocket", self._see_socket)

    def leave(self, context):
        """Note no more faults of a context, which the next test goes on with."""
        self.contexts.remove(context)
        for event, listener in self._listeners():
            context.remove_listener(event, listener)
        for page in context.pages:
            page.remove_listener("websocket", self._see_socket)

    def _listeners(self):
        return [("request", self._see_request), ("console", self._see_console),
                ("weberror", self._see_error), ("page", self._see_page)]

    def _see_request(self, request):
        self._see_address(request.url)

    def _see_error(self, error):
        self.found.append(f"exception: {error.error}")

    def _see_page(self, page):
        page.on("websocket", self._see_socket)

    def _see_address(self, url):
        address = urlsplit(url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.found.append(f"request left the machine: {url}")

    def _see_socket(self, socket):
        self._see_address(socket.url)

    def _see_console(self, message):
        if message.type == "error":
            self.found.append(f"console: {message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium, as Playwright's Browser."""
    playwright_api = pytest.importorskip(
        "playwright.sync_api", reason='Playwright is missing: pip install "cutaway[dev]"'
    )
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("Chromium is missing: apt-get install chromium-headless-shell, or chromium")
    playwright_api.expect.set_options(timeout=PATIENCE_MS)
    playwright = playwright_api.sync_playwright().start()
    loop = asyncio._get_running_loop()
    browser = playwright.chromium.launch(executable_path=program, args=QUIET)
    yield browser
    asyncio._set_running_loop(loop)
    browser.close()
    playwright.stop()


@pytest.fixture(autouse=True)
def free_event_loop(request):
    """A test without a browser may run an event loop of its own.

    Playwright's loop counts as running from the first browser test to the end of the run.
    """
    loop = asyncio._get_running_loop()
    if loop is None or "chromium" in request.fixturenames:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture
def faults():
    """What the pages of this test do wrong; judged when the test's own lines have run."""
    return Faults()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a test with faults; before its servers stop, for then every page has a fault."""
    seen = item.funcargs.get("faults")
    try:
        result = yield
    except Exception as error:
        if seen and seen.found:
            error.add_note("faults in the browser:\n" + "\n".join(seen.found))
        raise
    if seen and (unexpected := seen.unexpected()):
        pytest.fail(f"faults in the browser:\n{unexpected}")
    return result


@pytest.fixture
def new_page(chromium, faults):
    """A function that opens a page in a fresh browser context and takes the context's options."""

    opened = []

    def open_page(**options):
        opened.append(new_context(chromium, **options))
        faults.watch(opened[-1])
        return opened[-1].new_page()

    yield open_page
    for context in opened:
        context.close()


def new_context(chromium, **options):
    """A fresh browser context, its pages 1440 x 900 unless another size is asked for."""
    options.setdefault("viewport", {"width": 1440, "height": 900})
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture(scope="session")
def kept_pages():
    """The pages that are kept for all tests of a process, by name."""
    return {}


@pytest.fixture
def kept_page(chromium, kept_pages, faults):
    """A function that gives the kept page of a name: `load` and `reset` are KeptPage's."""
    in_use = []

    def give(name, load, reset):
        known = kept_pages.get(name)
        context = known.page.context if known else new_context(chromium)
        if context not in in_use:
            in_use.append(context)
            (faults.join if known else faults.watch)(context)
        if known:
            known.bring_back()
        else:
            kept_pages[name] = KeptPage(context.new_page(), load, reset)
        return kept_pages[name].page

    yield give
    for context in in_use:
        faults.leave(context)


@pytest.fixture
def page(new_page):
    """A page of 1440 x 900 that fails the test on any fault."""
    return new_page()
