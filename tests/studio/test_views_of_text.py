"""What the page is told of a text: half characters, surprise, and a hint that costs little."""

import pytest

from cutaway import open_model
from cutaway.look import multiplications, surprises
from cutaway.studio.worker.verbs import glance, surprise, writing
from cutaway.studio.worker.verbs.summary import summary
from tests.studio.asking import HEAD_OFF, PROMPT, opened_example
from tests.studio.asking import asked as ask


@pytest.fixture(scope="module")
def run():
    """The same prompt, calculated by the library."""
    return open_model().run(PROMPT)


@pytest.fixture
def workspace():
    return opened_example()


def never_flipping(workspace):
    """Where one logit is above all that attention can do: every head of every block is tried."""
    workspace.change({"kind": "numbers", "table": "next_logits", "cells": {"vocabulary": 5},
                      "value": 1e9})
    tries = []

    def in_main(function):
        tries.append(function)
        return function()

    workspace.in_main = in_main
    return tries


def test_the_hint_is_bounded_by_what_its_tries_cost_which_is_counted_beforehand(
        workspace, monkeypatch):
    tries = never_flipping(workspace)
    assert ask(glance.hint, workspace) == {} and len(tries) == 6 * 6
    counted = multiplications(workspace.run)

    def cost_of_a_try(block):
        """Shapes alone: of the tables from a block's attention on, by their sheets."""
        later = [*(f"h{block}.{name}" for name in ("mixed", "attention_output", "mlp_up",
                                                   "mlp_output")),
                 *(name for name in counted if name[0] == "h" and int(name[1]) > block),
                 "next_logits"]
        return sum(counted[name] for name in later)

    tries.clear()
    monkeypatch.setattr(glance, "MOST_MULTIPLICATIONS",
                        6 * cost_of_a_try(5) + 2 * cost_of_a_try(4))
    assert ask(glance.hint, workspace) == {} and len(tries) == 8
    tries.clear()
    monkeypatch.setattr(glance, "MOST_MULTIPLICATIONS", cost_of_a_try(5) - 1)
    assert ask(glance.hint, workspace) == {} and tries == []


def test_the_hint_gives_way_to_a_change(workspace):
    """Each try is a piece of work of its own: what is asked meanwhile comes between two."""
    tries = never_flipping(workspace)
    count_and_run = workspace.in_main

    def in_main(function):
        found = count_and_run(function)
        if len(tries) == 2:
            workspace.change(HEAD_OFF)
        return found

    workspace.in_main = in_main
    assert ask(glance.hint, workspace) == {} and len(tries) == 2


def test_a_likely_token_tells_what_it_completes_and_what_waits_after_it(workspace):
    """Bytes of UTF-8: F0 9F A6 8A is a fox, E2 begins a character of three bytes."""
    ids = workspace.model.tokenizer.encode("🦊")
    assert [workspace.model.tokenizer.bytes_of(id) for id in ids] == [
        b"\xf0", b"\x9f", b"\xa6", b"\x8a"]
    workspace.change({"kind": "append", "ids": ids[:3]})
    made = summary(workspace)["tokens"]
    assert [(one["adds"], one["held"]) for one in made[-3:]] == [
        ("", "F0"), ("", "F0 9F"), ("", "F0 9F A6")]
    assert made[0] == {"id": made[0]["id"], "text": "M", "adds": "M", "held": "",
                       "mark": False}
    e2, = workspace.model.tokenizer.encode("→")[:1]
    workspace.change({"kind": "numbers", "table": "next_logits",
                      "cells": {"vocabulary": ids[3]}, "value": 99})
    workspace.change({"kind": "numbers", "table": "next_logits",
                      "cells": {"vocabulary": e2}, "value": 98})
    rows = ask(writing.stages, workspace, temperature=0)["rows"]
    assert [(one["id"], one["adds"], one["held"]) for one in rows[:2]] == [
        (ids[3], "🦊", ""), (e2, "\N{REPLACEMENT CHARACTER}", "E2")]


def test_surprise_is_that_of_the_run_as_it_is_edited(workspace, run):
    before = ask(surprise.surprise, workspace)
    expected = list(surprises(lambda ids: run, run.ids, 256))
    assert [one["bits"] for one in before["tokens"]] == [one.bits for one in expected]
    assert [one["rank"] for one in before["tokens"]] == [one.rank for one in expected]
    assert before["n_predicted"] == len(run.ids) - 1 and not before["in_windows"]
    workspace.change(HEAD_OFF)
    after = ask(surprise.surprise, workspace)
    other = list(surprises(lambda ids: run.edit("h3.attention", 0, head=1), run.ids, 256))
    assert [one["bits"] for one in after["tokens"]] == [one.bits for one in other]
    assert after["bits"] != before["bits"]
    long = ask(surprise.surprise, workspace, text="a " * 300)
    assert long["in_windows"] and len(long["tokens"]) > 256
    marked = ask(surprise.surprise, workspace, text="<|endoftext|>The", special=True)
    assert [one["text"] for one in marked["tokens"]] == ["<|endoftext|>", "The"]
    empty = ask(surprise.surprise, workspace, text="")
    assert [one["bits"] for one in empty["tokens"]] == [None] and empty["n_predicted"] == 0
