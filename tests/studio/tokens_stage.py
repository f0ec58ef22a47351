"""The tokenizer's place on a stage of its own, its questions answered by the worker's real verbs.

tokens_stage    a function that opens the place: tokens_stage(tokenizer, prompt, name="storybook")
                with a model of that tokenizer and name. It gives `page`
                and `server`: `server.verbs` are the verbs asked so far, and with
                `server.hold_after = 3` learning waits after three pushes until it is interrupted
place           a function that opens a tab of the place on GPT-2's vocabulary, and gives the page
"""

import http.server
import json
import threading
from types import SimpleNamespace

import pytest

from cutaway.errors import CutawayError
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import RELAYED
from cutaway.studio.worker.verbs import learning, tokens, vocabulary
from tests.studio.stages import HTML, STATIC, Handler

VERBS = {
    verb.__name__: verb
    for verb in (
        tokens.tokens_prompt, tokens.tokens_steps, tokens.tokens_spellings, tokens.tokens_text,
        tokens.tokenizers,
        vocabulary.vocabulary, vocabulary.vocabulary_token, vocabulary.merges, learning.learn,
    )
}
LONGEST_WAIT_SECONDS = 20
SERVER = """
import {signal} from "./vendor/ui.js";
export const connection = signal("open");
const listeners = [];
let count = 0;
export function onPush(kind, listener) {
  const entry = {kind, listener};
  listeners.push(entry);
  return () => listeners.splice(listeners.indexOf(entry), 1);
}
export async function ask(verb, fields = {}) {
  const body = JSON.stringify({...fields, id: ++count, do: verb});
  const response = await fetch("/ask", {method: "POST", body});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "", end; ;) {
    const {value = "", done} = await reader.read();
    text += value;
    while ((end = text.indexOf("\\n")) >= 0) {
      const message = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      if (message.ok) return message.ok;
      if (message.error) throw Object.assign(new Error(message.error.message), message.error);
      for (const {kind, listener} of [...listeners]) if (kind === message.push) listener(message);
    }
    if (done) throw new Error("The answer broke off.");
  }
}
"""
STAGE = """
import {html, render} from "./vendor/ui.js";
import {book, toasts} from "./state.js";
import {TokensView} from "./panels/tokens.js";
book.value = BOOK;
globalThis.toasts = toasts;
render(html`<${TokensView} />`, document.getElementById("stage"));
document.documentElement.dataset.drawn = "yes";
"""
STYLE = "#stage { display: block; height: 100vh; }"


class Answering(Handler):
    """Serves the page, and lets the real verbs answer `POST /ask` line by line."""

    shared: SimpleNamespace

    def do_POST(self):
        """Pushes as they come, then the answer or the mistake."""
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self._tell(self._answer(fields))

    def _answer(self, fields):
        verb = fields["do"]
        self.shared.verbs.append(verb)
        if verb == "interrupt":
            self.shared.interrupted.set()
            return {"ok": {"interrupted": True}}
        workspace = SimpleNamespace(**vars(self.shared.workspace), push=self._pusher())
        try:
            return {"ok": VERBS[verb](workspace, checked(RELAYED[verb], fields))}
        except CutawayError as error:
            return {"error": {"kind": type(error).__name__, "message": str(error)}}

    def _pusher(self):
        self.shared.interrupted.clear()
        pushed = []

        def push(message):
            self._tell(message)
            pushed.append(message)
            if len(pushed) == self.shared.hold_after:
                self.shared.interrupted.wait(LONGEST_WAIT_SECONDS)
            if self.shared.interrupted.is_set():
                raise KeyboardInterrupt

        return push

    def _tell(self, message):
        self.wfile.write(json.dumps(message).encode() + b"\n")
        self.wfile.flush()


def links():
    """The page's style sheets, and the stage's own after them."""
    sheets = sorted(f"style/{path.name}" for path in (STATIC / "style").glob("*.css"))
    return "".join(f'<link rel="stylesheet" href="/{sheet}">' for sheet in [*sheets, "stage.css"])


@pytest.fixture
def tokens_stage(new_page):
    """A function that opens the place: see above."""
    shared = SimpleNamespace(verbs=[], interrupted=threading.Event(), hold_after=None)
    handler = type("Answering", (Answering,), {"played": {}, "shared": shared})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def open_stage(tokenizer, prompt="Mike is quick. He moves", n_generated=0, name="gpt2",
                   **options):
        ids = tokenizer.encode(prompt)
        shared.workspace = SimpleNamespace(
            model=SimpleNamespace(tokenizer=tokenizer, name=name), run=SimpleNamespace(ids=ids))
        book = {"version": 1, "n_prompt": len(ids) - n_generated,
                "tokens": [{"id": id} for id in ids],
                "model": {"name": name, "n_vocabulary": len(tokenizer),
                          "roles": {"token_table": "wte"}}}
        handler.played = {
            "stage.html": HTML.replace("{links}", links()), "stage.css": STYLE, "favicon.ico": "",
            "stage.js": STAGE.replace("BOOK", json.dumps(book)), "server.js": SERVER,
        }
        page = new_page(**options)
        page.goto(f"http://127.0.0.1:{server.server_port}/stage.html")
        page.wait_for_selector("html[data-drawn]")
        return SimpleNamespace(page=page, server=shared)

    yield open_stage
    shared.interrupted.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def place(tokens_stage, gpt2):
    """A function that opens a tab: see above."""

    def open_place(tab="Prompt", *arguments, **options):
        page = tokens_stage(gpt2, *arguments, **options).page
        page.get_by_role("tab", name=tab, exact=True).click()
        return page

    return open_place
