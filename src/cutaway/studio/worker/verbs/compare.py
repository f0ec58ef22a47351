"""The open run against another one: before the edits, another prompt, another model."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import MessageError, ShapeMismatch
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.summary import prediction
from cutaway.workbook import Run, differences
from cutaway.workbook.alignment import Alignment, align

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

WAYS = {"start": "Rows are compared from the first one on, as far as both go.",
        "end": "Rows are compared from the last one back, as far as both go.",
        "word": "Rows are compared by the word: equal words beside each other."}


def compare(workspace: "Workspace", question: asked.Compare) -> dict[str, Any]:
    """The open run against another one: `with` is {"before": true}, {"prompt"} or {"model"}.

    Raises:  MessageError, ShapeMismatch when the models have no common vocabulary
    """
    other, words = _other(workspace, question.other)
    run = workspace.run
    wide = run.book.find_role("logits")
    names = [name for name in run.book.nodes if name in other.book.nodes and name != wide]
    names += [name for name in run.book.weights
              if name in run.edits or (other.book is not workspace.model.book
              and name in other.book.weights)]
    text_of = workspace.model.tokenizer.text_of
    there, here = ([text_of(int(token)) for token in one.ids] for one in (other, run))
    rows = align(there, here, question.rows)
    same = len(there) == len(here) == len(rows.before)
    found = differences(other, run, names, None if same else rows)
    return {"words": words, "ids": run.ids.tolist(), "rows_beside": _rows_beside(rows, there, here),
            "compared": len(names), "prediction": prediction(workspace, run),
            "prediction_other": prediction(workspace, other),
            "tokens_other": there,
            "rows": [{"table": one.name, "relative": min(one.relative, 1e300),
                      "largest": min(one.largest, 1e300), "place": list(one.place_after),
                      "axes": list(run.book.axes(one.name)),
                      "before": _plain(one.before), "after": _plain(one.after),
                      "cells": one.cells} for one in found]}


def _rows_beside(rows: Alignment, there: list[str], here: list[str]) -> dict[str, Any]:
    """What is beside what, and what is beside nothing."""
    only_here = sorted(set(range(len(here))).difference(rows.after))
    only_there = sorted(set(range(len(there))).difference(rows.before))
    words = WAYS[rows.how]
    if len(here) == len(there) and rows.how != "word":
        words = f"Both have {len(here)} tokens: each row is beside the row of the same number."
    return {"how": rows.how, "words": words, "only_here": only_here, "only_there": only_there}


def _other(workspace: "Workspace", wanted: asked.Other) -> tuple[Run, str]:
    if wanted.prompt is not None:
        return (workspace.run.edit("prompt", wanted.prompt),
                f"against the prompt “{wanted.prompt}”")
    if wanted.model is not None:
        return _of_model(workspace, wanted.model)
    if wanted.before:
        return workspace.baseline, "against the same prompt without your edits"
    raise MessageError("'with' is empty; {'before': true}, {'prompt': text} or {'model': name} "
                       "is expected.")


def _of_model(workspace: "Workspace", name: str) -> tuple[Run, str]:
    other, mine = workspace.model_named(name), workspace.model
    if len(other.tokenizer) != len(mine.tokenizer) or any(
            other.tokenizer.text_of(int(token)) != mine.tokenizer.text_of(int(token))
            for token in workspace.run.ids):
        raise ShapeMismatch(f"{name} has another vocabulary than {mine.name}: their tokens cannot "
                            f"be compared one by one. Choose a model with the same tokenizer.")
    if other.architecture is not mine.architecture:
        raise ShapeMismatch(f"{name} is a {other.architecture.name}, {mine.name} a "
                            f"{mine.architecture.name}: they have other tables.")
    if other.config.n_embd != mine.config.n_embd or other.config.n_head != mine.config.n_head:
        raise ShapeMismatch(f"{name} is {other.config.n_embd} wide with {other.config.n_head} "
                            f"heads, {mine.name} {mine.config.n_embd} with {mine.config.n_head}: "
                            f"their tables cannot be laid over each other.")
    return other.run(workspace.run.ids), f"against the model {name}"


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
