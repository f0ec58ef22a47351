"""The worker's verbs of the tokenizer, asked the way that the page asks them."""

import json
from types import SimpleNamespace

from cutaway.studio.message import Message


def ask(verb, tokenizer, of=(), **fields):
    """The verb's answer as it reaches the page.

    of  the ids of the run that is looked at
    """
    workspace = SimpleNamespace(
        model=SimpleNamespace(tokenizer=tokenizer), run=SimpleNamespace(ids=list(of)))
    return json.loads(json.dumps(verb(workspace, Message(fields))))


def raw(token):
    """The bytes of a token as it was told."""
    return bytes.fromhex(token["hex"])
