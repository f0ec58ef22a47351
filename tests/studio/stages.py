"""One panel of the page on a stage of its own, under the page's policy; its server is played.

stage    a function: stage(script) opens a page that runs this module, and waits until it is drawn
         stage(script, scheme="dark") opens it in dark colours
         stage(script, before=f) calls f(page) before it goes there
         stage(script, functions={"f": f}) lets the page call await f(...)
         stage(script, first=True) loads all modules anew
         Without these it is a page that is kept for all tests of a process.

In the page the played server is `played`: `played.asked` is the list of [verb, fields] so far,
`played.answers[verb]` what to answer (a value, or a function of the fields; one that throws
refuses), `played.push(message)` pushes.
"""

import http.server
import itertools
import mimetypes
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import cutaway
from tests.studio.kept_page import SIGNALS

STATIC = Path(cutaway.__file__).parent / "studio" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PLAYED_SERVER = """
import {signal} from "./vendor/ui.js";
export const connection = signal("open");
const listeners = [];
export function onPush(kind, listener) {
  const entry = {kind, listener, own: inScript};
  listeners.push(entry);
  return () => listeners.splice(listeners.indexOf(entry), 1);
}
export async function ask(verb, fields = {}) {
  played.asked.push([verb, fields]);
  const answer = played.answers[verb];
  return typeof answer === "function" ? answer(fields) : answer ?? {};
}
function push(message) {
  for (const {kind, listener} of [...listeners]) if (kind === message.push) listener(message);
}
let inScript = false; // what a test's own script listens to goes with it
globalThis.played = {
  asked: [],
  answers: {},
  push,
  scriptBegins() { inScript = true; },
  scriptEnds() { inScript = false; },
  reset() {
    listeners.splice(0, Infinity, ...listeners.filter(({own}) => !own));
    Object.assign(played, {asked: [], answers: {}});
  },
};
"""
HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stage</title>{links}</head>
<body><main id="stage"></main><script type="module" src="/stage.js"></script></body>
</html>"""
STAGE_STYLE = "body { margin: 0; padding: 24px; } #stage { display: block; }"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with a played file, else with the real one of that name."""

    played: dict[str, str]
    count = itertools.count()
    functions: dict[str, Callable]

    def do_GET(self):
        """A file, typed by its name, under the page's policy."""
        name = self.path.partition("?")[0].lstrip("/")
        real = STATIC / name
        if name in self.played:
            body = self.played[name].encode()
        elif real.is_file() and STATIC in real.resolve().parents:
            body = real.read_bytes()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
        self.send_header("Content-Type", kind or "application/octet-stream")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Keep quiet."""


RESET = """async () => {
  const {render} = await import("/vendor/ui.js");
  const stage = document.getElementById("stage");
  render(null, stage);
  const empty = document.createElement("main");
  empty.id = "stage";
  stage.replaceWith(empty);
  document.activeElement.blur();
  played.reset();
  localStorage.clear();
  sessionStorage.clear();
  return resetSignals();
}"""
BEGIN = "globalThis.played?.scriptBegins();\n"  # imports are done before it, wherever they stand
END = "\nglobalThis.played?.scriptEnds();\ndocument.documentElement.dataset.drawn = 'yes';"


@pytest.fixture(scope="session")
def stage_server():
    """The handler of all stages of a process, and their address."""
    handler = type("Played", (Handler,), {"played": {}, "functions": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def empty_stage(page, address):
    """Load the stage without a panel, and with the signals of all panels to come in hand."""
    page.goto(f"{address}kept.html")
    page.wait_for_selector("html[data-drawn]")


@pytest.fixture
def stage(new_page, kept_page, stage_server):
    """A function that puts a module on a stage: see above."""
    handler, address = stage_server
    sheets = [f"style/{path.name}" for path in sorted((STATIC / "style").glob("*.css"))]
    links = "".join(f'<link rel="stylesheet" href="/{sheet}">' for sheet in [*sheets, "stage.css"])
    html = HTML.replace("{links}", links)
    handler.played |= {
        "stage.html": html,
        "kept.html": html.replace("stage.js", "empty.js"),
        "empty.js": 'import "./server.js";' + END,
        "stage.css": STAGE_STYLE,
        "server.js": PLAYED_SERVER,
        "vendor/ui.js": SIGNALS,
        "vendor/ui-itself.js": (STATIC / "vendor" / "ui.js").read_text(encoding="utf-8"),
        "favicon.ico": "",
    }

    def open_stage(script, scheme="light", before=None, functions=None, first=False, **options):
        handler.played["stage.js"] = BEGIN + script + END
        if scheme == "light" and not (before or first or options):
            page = kept_page("stage", lambda page: empty_stage(page, address), RESET)
            for name, function in (functions or {}).items():
                if name not in handler.functions:
                    page.expose_function(name, lambda *values, name=name:
                                         handler.functions[name](*values))
                handler.functions[name] = function
            page.evaluate("(n) => import(`/stage.js?${n}`)", next(handler.count))
            return page
        page = new_page(color_scheme=scheme, **options)
        for name, function in (functions or {}).items():
            page.expose_function(name, function)
        if before:
            before(page)
        page.goto(f"{address}stage.html")
        page.wait_for_selector("html[data-drawn]")
        return page

    return open_stage
