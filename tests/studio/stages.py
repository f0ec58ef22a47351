"""One panel of the page on a stage of its own, under the page's policy; its server is played.

stage    a function: stage(script) opens a page that runs this module, and waits until it is drawn
         stage(script, scheme="dark") opens it in dark colours
         stage(script, before=f) calls f(page) before it goes there

In the page the played server is `played`: `played.asked` is the list of [verb, fields] so far,
`played.answers[verb]` what to answer (a value, or a function of the fields; one that throws
refuses), `played.push(message)` pushes.
"""

import http.server
import mimetypes
import threading
from pathlib import Path

import pytest

import cutaway

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
  const entry = {kind, listener};
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
globalThis.played = {asked: [], answers: {}, push};
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


@pytest.fixture
def stage(new_page):
    """A function that puts a module on a stage: see above."""
    handler = type("Played", (Handler,), {"played": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def open_stage(script, scheme="light", before=None, **options):
        sheets = [f"style/{path.name}" for path in sorted((STATIC / "style").glob("*.css"))]
        links = "".join(f'<link rel="stylesheet" href="/{sheet}">' for sheet in
                        [*sheets, "stage.css"])
        handler.played = {
            "stage.html": HTML.replace("{links}", links),
            "stage.css": STAGE_STYLE,
            "stage.js": script + "\ndocument.documentElement.dataset.drawn = 'yes';",
            "server.js": PLAYED_SERVER,
            "favicon.ico": "",
        }
        page = new_page(color_scheme=scheme, **options)
        if before:
            before(page)
        page.goto(f"http://127.0.0.1:{server.server_port}/stage.html")
        page.wait_for_selector("html[data-drawn]")
        return page

    yield open_stage
    server.shutdown()
    server.server_close()
    thread.join()
