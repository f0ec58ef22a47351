"""The worker's verbs of the tokenizer, asked the way that the page asks them."""

import json
from types import SimpleNamespace

from cutaway.studio.message import Message


def ask(verb, tokenizer, /, of=(), pushed=None, **fields):
    """The verb's answer as it reaches the page.

    of      the ids of the run that is looked at
    pushed  a list that takes what the verb pushes
    """
    workspace = SimpleNamespace(
        model=SimpleNamespace(tokenizer=tokenizer, name="mine"), run=SimpleNamespace(ids=list(of)),
        push=pushed.append if pushed is not None else None)
    return json.loads(json.dumps(verb(workspace, Message(fields))))


def raw(token):
    """The bytes of a token as it was told."""
    return bytes.fromhex(token["hex"])
