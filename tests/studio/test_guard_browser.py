"""The guard as a real Chromium meets it: the way in, and what a page of somebody else's can do."""

import shutil
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cutaway.studio.server import guard as guard_module
from cutaway.studio.server.guard import Guard
from cutaway.studio.server.serve import launch_file
from tests.studio.browser import CHROMIUM_NAMES, QUIET
from tests.studio.visits import KEYS, Seen, served, stand_in

api = pytest.importorskip("playwright.sync_api",
                          reason='Playwright is missing: pip install "cutaway[dev]"')

PAGE = """<!doctype html><meta charset="utf-8"><title>Inside</title><link rel="icon" href="data:,">
<h1>Cutaway</h1><script type="module" src="/static/page.js"></script>"""
# What our page does at its start: take the secret out of the address, open the socket, change.
SCRIPT = """
const found = /^#page=([\\w-]+)$/.exec(location.hash);
if (found) {
  localStorage.setItem("cutaway-page", found[1]);
  history.replaceState(null, "", "/");
}
const key = localStorage.getItem("cutaway-page") ?? "none";
const socket = new WebSocket(`ws://${location.host}/socket`, ["cutaway", `cutaway.${key}`]);
const talked = new Promise((resolve) => {
  socket.onopen = () => resolve(socket.protocol);
  socket.onerror = () => resolve("refused");
});
const headers = {"Content-Type": "application/json", "X-Cutaway-Page": key};
const answer = await fetch("/do/undo", {method: "POST", body: "{}", headers});
document.title = `change ${answer.status}, socket ${await talked}`;
"""
LET_IN = "change 200, socket cutaway"
STRANGER = """<!doctype html><meta charset="utf-8"><title>Stranger</title>
<link rel="icon" href="data:,"><h1>Stranger</h1>"""


@dataclass
class Server:
    """A server of the test: its port, what came over the wire, what reached the app behind it."""

    port: int = 0
    wire: list = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def door(self):
        return f"{self.address}/?token={KEYS.token}"

    def header(self, name):
        """Every value of a header that came over the wire."""
        return [value.decode("latin-1") for scope in self.wire
                for key, value in scope["headers"] if key == name.encode()]

    def watching(self, app):
        """The app, with every request noted as it came."""
        async def watch(scope, receive, send):
            if scope["type"] != "lifespan":
                self.wire.append({**scope})
            await app(scope, receive, send)
        return watch


@pytest.fixture
def ours():
    """The stand-in behind the guard."""
    server = Server()

    def make_app(port):
        return server.watching(Guard(stand_in(server.seen, PAGE, SCRIPT), KEYS, port))

    with served(make_app) as server.port:
        yield server


@pytest.fixture
def stranger():
    """Somebody else's page at another port of the same machine."""
    server = Server()

    async def page(request):
        return HTMLResponse(STRANGER)

    with served(lambda port: server.watching(Starlette(routes=[
            Route("/{path:path}", page, methods=["GET", "POST"])]))) as server.port:
        yield server


@pytest.fixture
def inside(page, ours):
    """A page of ours that was let in; its browser has the cookie from now on."""
    page.goto(ours.door)
    api.expect(page).to_have_title(LET_IN)
    return page


@pytest.fixture
def lured(inside, ours, stranger, faults):
    """Another tab of the same browser, on the stranger's page; the servers' notes begin here."""
    for words in ("console:", "request left", "exception:"):
        faults.expect(words)  # what the stranger tries is refused aloud
    tab = inside.context.new_page()
    ours.wire.clear()
    ours.seen.scopes.clear()
    tab.goto(f"{stranger.address}/")
    return tab


def visited(page):
    """Every address that the tab could go back to."""
    session = page.context.new_cdp_session(page)
    return [entry["url"] for entry in session.send("Page.getNavigationHistory")["entries"]]


def expect_clean(page, server):
    """The tab is at our page, and nothing that a page or a server can see has the token."""
    assert page.url == f"{server.address}/"
    assert visited(page) == ["about:blank", f"{server.address}/"]
    assert KEYS.token not in str(page.evaluate("performance.getEntries().map((one) => one.name)"))
    assert page.evaluate("document.referrer") == ""
    assert server.header("referer") == []
    assert not any(KEYS.token in value for value in server.header("cookie"))


# The way in

def test_the_printed_address_leads_in_and_the_token_is_gone(page, ours):
    page.goto(ours.door)
    api.expect(page).to_have_title(LET_IN)
    expect_clean(page, ours)
    assert set(ours.seen.calls) == {"GET /", "GET /static/page.js", "POST /do/undo",
                                    "SOCKET /socket"}


def test_the_private_file_leads_in_and_the_token_is_gone(page, ours, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    page.goto(launch_file(ours.door).as_uri())
    api.expect(page).to_have_title(LET_IN)
    expect_clean(page, ours)
    sites = [value for scope in ours.wire[:1] for key, value in scope["headers"]
             if key == b"sec-fetch-site"]
    assert sites == [b"cross-site"], "a file counts as another site"


def test_with_a_redirect_alone_the_private_file_would_not_lead_in(page, ours, tmp_path, faults,
                                                                  monkeypatch):
    """Why the guard answers with a page that leads on: else the Strict cookie stays behind."""
    faults.expect("console:")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(guard_module, "own_site", lambda visit: None)
    page.goto(launch_file(ours.door).as_uri())
    api.expect(page.locator("body")).to_contain_text("only Cutaway's own page may ask")
    redirected = dict(ours.wire[1]["headers"])
    assert redirected[b"sec-fetch-site"] == b"cross-site"
    assert b"cookie" not in redirected


def test_a_link_on_another_port_with_the_token_leads_in(page, ours, stranger):
    """As where the address was printed in a terminal that is itself a web page."""
    page.goto(f"{stranger.address}/")
    page.evaluate("(door) => { location.href = door; }", ours.door)
    api.expect(page).to_have_title(LET_IN)
    assert KEYS.token not in str(visited(page))


def test_the_cookie_is_hidden_from_scripts_and_ends_with_the_browser(inside, ours):
    [cookie] = inside.context.cookies()
    assert cookie["name"] == f"cutaway_{ours.port}"
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"], cookie["expires"]) == (
        True, "Strict", "/", -1)
    assert inside.evaluate("document.cookie") == ""


def test_a_page_that_is_loaded_again_is_still_let_in(inside):
    inside.reload()
    api.expect(inside).to_have_title(LET_IN)


def test_a_second_tab_needs_no_token(inside, ours):
    tab = inside.context.new_page()
    tab.goto(ours.address)
    api.expect(tab).to_have_title(LET_IN)


def test_a_browser_without_the_token_sees_what_to_do(page, ours, faults):
    faults.expect("401")
    page.goto(ours.address)
    api.expect(page.locator("body")).to_have_text(
        "This browser has no key for Cutaway, or one of an earlier start. "
        "Open the address that Cutaway printed when it started.")


def test_our_page_runs_no_script_that_is_not_one_of_its_files(inside, faults):
    faults.expect("console:")
    inside.evaluate("""() => {
        const script = document.createElement("script");
        try { script.textContent = "document.title = 'injected'"; } catch { /* trusted types */ }
        document.body.append(script);
        for (const markup of ["<img src=x onerror=\\"document.title='injected'\\">"]) {
            try { document.body.innerHTML = markup; } catch { document.title = "refused"; }
        }
    }""")
    api.expect(inside).to_have_title("refused")
    assert inside.locator("img").count() == 0


def test_our_page_asks_no_other_server(inside, stranger, faults):
    faults.expect("console:")
    for attempt in ("fetch(address)", "fetch(address, {mode: 'no-cors'})",
                    "new Promise((yes, no) => { const image = new Image(); image.onload = yes; "
                    "image.onerror = no; image.src = address; })"):
        assert inside.evaluate(f"(address) => {attempt}.then(() => 'sent', () => 'refused')",
                               stranger.address) == "refused"
    assert stranger.wire == []


def test_a_link_out_carries_no_referrer(inside, stranger):
    inside.evaluate("(address) => { location.href = address; }", f"{stranger.address}/")
    api.expect(inside).to_have_title("Stranger")
    assert stranger.header("referer") == []
    assert inside.evaluate("document.referrer") == ""


# A page on another port of this machine

def test_our_cookie_does_go_to_another_port(lured, stranger, ours):
    """The measured fact for which a cookie alone opens nothing."""
    assert f"cutaway_{ours.port}={KEYS.cookie}" in stranger.header("cookie")[0]


ATTEMPTS = {
    "reading the page": "fetch(ours + '/', {credentials: 'include'})",
    "reading a table": "fetch(ours + '/table.csv', {credentials: 'include'})",
    "a request that asks for leave": "fetch(ours + '/do/undo', {method: 'POST', body: '{}', "
                                     "credentials: 'include', headers: {'X-Cutaway-Page': 'x', "
                                     "'Content-Type': 'application/json'}})",
    "a script of ours": "loaded('script', {src: ours + '/static/page.js'})",
    "a picture of ours": "loaded('img', {src: ours + '/static/page.js'})",
    "a style sheet of ours": "loaded('link', {rel: 'stylesheet', href: ours + '/static/page.js'})",
    "the socket": "talked(['cutaway'])",
    "the socket with a guess": "talked(['cutaway', 'cutaway.' + 'x'.repeat(43)])",
    "the socket of localhost": "talked(['cutaway'], ours.replace('127.0.0.1', 'localhost'))",
}
TRY = """([ours, port]) => {
  const loaded = (tag, attributes) => new Promise((yes, no) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = yes;
    element.onerror = no;
    document.body.append(element);
  });
  const talked = (protocols, host = ours) => new Promise((yes, no) => {
    const socket = new WebSocket(host.replace("http", "ws") + "/socket", protocols);
    socket.onopen = yes;
    socket.onerror = no;
  });
  return ATTEMPT.then(() => "succeeded", () => "refused");
}"""


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_page_on_another_port_gets_nothing_with_our_cookie(lured, ours, attempt):
    done = lured.evaluate(TRY.replace("ATTEMPT", ATTEMPTS[attempt]), [ours.address, ours.port])
    assert done == "refused"
    assert ours.seen.scopes == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_blind_change_from_another_port_does_not_happen(lured, ours, kind):
    """A request that no browser asks leave for arrives, with our cookie, and is refused."""
    lured.evaluate("""([address, kind]) => fetch(address + "/do/undo", {method: "POST",
        mode: "no-cors", credentials: "include", body: "{}", headers: {"Content-Type": kind}})
        .catch(() => "the answer is withheld")""", [ours.address, kind])
    [scope] = ours.wire
    assert scope["method"] == "POST"
    assert KEYS.cookie in ours.header("cookie")[0]
    assert ours.seen.scopes == []


def test_a_form_of_another_port_changes_nothing(lured, ours, faults):
    with lured.expect_navigation():
        lured.evaluate("""(address) => {
            const form = Object.assign(document.createElement("form"),
                {method: "POST", action: address + "/do/undo", enctype: "text/plain"});
            document.body.append(form);
            form.submit();
        }""", ours.address)
    assert "Refused" in lured.locator("body").inner_text()
    assert KEYS.cookie in ours.header("cookie")[0]
    assert ours.seen.scopes == []


def test_a_link_from_another_port_without_the_token_does_not_lead_in(lured, ours):
    with lured.expect_navigation():
        lured.evaluate("(address) => { location.href = address; }", ours.address)
    assert "only Cutaway's own page may ask" in lured.locator("body").inner_text()
    assert ours.seen.scopes == []


@pytest.mark.parametrize("has_token", [False, True])
def test_a_frame_of_another_port_stays_empty(lured, ours, has_token):
    lured.evaluate("""(address) => new Promise((done) => {
        const frame = Object.assign(document.createElement("iframe"), {src: address});
        frame.onload = done;
        document.body.append(frame);
    })""", ours.door if has_token else ours.address)
    framed = lured.frames[1]
    assert "Cutaway" not in framed.locator("body").inner_text()
    assert KEYS.page not in framed.url
    assert ours.wire, "the frame did ask"
    assert ours.seen.scopes == []


def test_a_window_that_another_port_opens_has_no_tie_to_it(lured, ours):
    with lured.context.expect_page() as opened:
        lured.evaluate("(address) => { globalThis.opened = open(address); }", ours.door)
    api.expect(opened.value).to_have_title(LET_IN)
    assert lured.evaluate("opened.closed")
    assert opened.value.evaluate("opener") is None


def test_another_port_does_not_see_the_secret_that_our_page_keeps(inside, lured):
    assert inside.evaluate("localStorage.getItem('cutaway-page')") == KEYS.page
    assert lured.evaluate("localStorage.getItem('cutaway-page')") is None
    assert KEYS.page not in lured.evaluate("document.cookie")


def test_without_the_guard_the_stranger_gets_all_of_it(inside, stranger, faults):
    """So that what is refused above is refused by the guard."""
    for words in ("console:", "exception:"):  # a module is no plain script
        faults.expect(words)
    bare = Server()
    with served(lambda port: stand_in(bare.seen, PAGE, SCRIPT)) as bare.port:
        inside.goto(f"{stranger.address}/")
        for attempt in ("reading the page", "reading a table", "a script of ours", "the socket"):
            assert inside.evaluate(TRY.replace("ATTEMPT", ATTEMPTS[attempt]).replace(
                "credentials: 'include'", ""), [bare.address, bare.port]) == "succeeded"
        inside.evaluate("""(address) => fetch(address + "/do/undo",
            {method: "POST", mode: "no-cors", body: "{}"})""", bare.address)
        assert {"GET /", "GET /table.csv", "SOCKET /socket", "POST /do/undo"} <= set(
            bare.seen.calls)


# A foreign name that points at this machine

@pytest.fixture
def rebound(chromium):
    """A page in a Chromium whose resolver says that everything is this machine."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    rules = "--host-resolver-rules=MAP * 127.0.0.1"
    options = [option for option in QUIET if "host-resolver" not in option]
    browser = chromium.browser_type.launch(executable_path=program, args=[*options, rules])
    yield browser.new_page()
    browser.close()


@pytest.mark.parametrize("name", ["localhost.evil.example", "127.0.0.1.evil.example",
                                  "evil.example"])
def test_a_foreign_name_for_this_machine_is_refused(rebound, ours, name):
    for path in ("/", f"/?token={KEYS.token}"):
        rebound.goto(f"http://{name}:{ours.port}{path}")
        assert "This request is for" in rebound.locator("body").inner_text()
    assert rebound.evaluate("""() => fetch("/do/undo", {method: "POST", body: "{}",
        headers: {"Content-Type": "application/json"}}).then((answer) => answer.status)""") == 403
    assert set(ours.header("host")) == {f"{name}:{ours.port}"}
    assert rebound.context.cookies() == []
    assert ours.seen.scopes == []
