"""A book behind the scratch sheet's stage: it keeps the cells, and its cells truly run.

What the server does with sources is played here; the worker's verbs are the real ones.
"""

from contextlib import redirect_stdout

from cutaway.errors import CutawayError
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import RELAYED
from cutaway.studio.worker.verbs import cells as verbs
from cutaway.studio.worker.verbs.summary import model_card

PROMPT = "Once upon a time the king was sad. The queen was sad."
WORKERS = ("cell_run", "cell_run_to", "cell_run_all", "cell_results", "cell_names")
SERVERS = ("cell_add", "cell_set", "cell_delete", "cell_move")


class Output:
    """Prints become pushes under the cell that prints."""

    def __init__(self, push):
        self.push, self.cell = push, None

    def settle(self):
        """Nothing waits here."""

    def begin(self, cell):
        self.cell = cell

    def write(self, text):
        self.push({"push": "print", "text": text, "stream": "out", "cell": self.cell})

    def flush(self):
        """Nothing waits here."""


class Book:
    """An open book with a scratch sheet, as the page sees it.

    sources  the cells that the server keeps
    """

    def __init__(self, model):
        self.model, self.run, self.cells = model, model.run(PROMPT), None
        self.sources, self.trusted, self.version, self.count = [], True, 0, 0
        self.pushed = []
        self.output = Output(self.push)

    def push(self, message):
        self.pushed.append(message)

    def state(self):
        """The state as the server pushes it: what the panel reads of it."""
        self.version += 1
        return {"push": "state", "book": "b1", "version": self.version,
                "model": model_card(self), "prompt": PROMPT, "trusted": self.trusted,
                "cells": [dict(one) for one in self.sources], "prediction": [],
                "changes": [], "cursor": 0}

    def answer(self, verb, fields):
        """What a page is answered, and what is pushed to it meanwhile."""
        self.pushed = []
        try:
            if verb in SERVERS:
                ok = getattr(self, verb)(fields)
                self.push(self.state())
            else:
                question = checked(RELAYED[verb], {**fields, "cells": self.sources})
                with redirect_stdout(self.output):
                    ok = getattr(verbs, verb)(self, question)
        except CutawayError as error:
            return {"error": {"kind": type(error).__name__, "message": str(error)},
                    "pushes": self.pushed}
        return {"ok": ok, "pushes": self.pushed}

    def edit(self, name, value, **cells):
        """Change the run as the changes drawer does. Gives what is pushed."""
        self.pushed, self.run = [], self.run.edit(name, value, **cells)
        with redirect_stdout(self.output):
            verbs.refresh(self)
        return self.pushed

    def place(self, id):
        return next(place for place, one in enumerate(self.sources) if one["cell"] == id)

    def cell_add(self, fields):
        """A new cell below another one, or at the end."""
        self.count += 1
        after = fields.get("after", "")
        ids = [one["cell"] for one in self.sources]
        place = ids.index(after) + 1 if after in ids else len(ids)
        self.sources.insert(place, {"cell": f"c{self.count}", "kind": fields.get("kind", "formula"),
                                    "name": fields.get("name", ""),
                                    "source": fields.get("source", "")})
        return {"cell": f"c{self.count}"}

    def cell_set(self, fields):
        """Another source, name or kind."""
        self.sources[self.place(fields["cell"])].update(
            {key: value for key, value in fields.items() if key in ("kind", "name", "source")})
        return {}

    def cell_delete(self, fields):
        """A cell taken away."""
        return self.sources.pop(self.place(fields["cell"]))

    def cell_move(self, fields):
        """A cell at another place."""
        cell = self.sources.pop(self.place(fields["cell"]))
        self.sources.insert(fields["to"], cell)
        return {}
