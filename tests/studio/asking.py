"""Verbs asked the way that a page asks them: fields are checked, and so is what is answered."""

import json
from types import SimpleNamespace

from cutaway.studio.messages.fields import checked
from cutaway.studio.worker.verbs import JOBS, VIEWS
from cutaway.studio.worker.workspace import Workspace

PROMPT = "Mike is quick. He moves"
HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
ANSWERS = {answers: asked.answer for asked, answers in (VIEWS | JOBS).items()}


def opened_example():
    """A workspace on the bundled model and PROMPT, which does every job at once."""
    workspace = Workspace(lambda message: None, lambda function: function())
    workspace.open("storybook", PROMPT)
    return workspace


def asked(verb, workspace, /, **fields):
    """What a function of the worker answers, which is what the registry says that it answers."""
    told = verb(workspace, checked(verb.__annotations__["question"], fields))
    return as_promised(ANSWERS.get(verb), told)


def as_promised(kind, told):
    """An answer; its fields are exactly those of its kind, on the way to the page."""
    plain = json.loads(json.dumps(told[0] if isinstance(told, tuple) else told))
    if kind is not None:
        promised = checked(kind, plain)
        wrong = [name for name in plain if promised.get(name, ...) != plain[name]]
        assert not wrong, f"{kind.__name__} does not have {wrong}: {[plain[one] for one in wrong]}"
    return told


def ask(verb, tokenizer, /, of=(), pushed=None, **fields):
    """The tokenizer's answer as it reaches the page.

    of      the ids of the run that is looked at
    pushed  a list that takes what the verb pushes
    """
    workspace = SimpleNamespace(
        model=SimpleNamespace(tokenizer=tokenizer, name="mine"), run=SimpleNamespace(ids=list(of)),
        push=pushed.append if pushed is not None else None)
    return json.loads(json.dumps(asked(verb, workspace, **fields)))


def raw(token):
    """The bytes of a token as it was told."""
    return bytes.fromhex(token["hex"])
