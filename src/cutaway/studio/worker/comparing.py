"""Two runs table by table, worst first: before and after, two prompts, two models."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import MessageError, ShapeMismatch
from cutaway.studio.message import Message
from cutaway.studio.worker.summary import prediction
from cutaway.workbook import Run, differences

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def compare(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """The open run against another one: `with` is {"before": true}, {"prompt"} or {"model"}.

    Raises:  MessageError, ShapeMismatch when the models have no common vocabulary
    """
    other, words = _other(workspace, message.message("with"))
    run = workspace.run
    names = [name for name in run.book.nodes if name in other.book.nodes and name != "logits"]
    names += [name for name in run.book.weights
              if name in run.edits or (other.book is not workspace.model.book
              and name in other.book.weights)]
    found = differences(other, run, names)
    return {"words": words, "compared": len(names),
            "prediction": prediction(workspace, run),
            "prediction_other": prediction(workspace, other),
            "tokens_other": [workspace.model.tokenizer.text_of(int(token)) for token in other.ids],
            "rows": [{"table": one.name, "relative": min(one.relative, 1e300),
                      "largest": min(one.largest, 1e300), "place": list(one.place),
                      "axes": list(run.book.axes(one.name)),
                      "before": _plain(one.before), "after": _plain(one.after),
                      "cells": one.cells} for one in found]}


def _other(workspace: "Workspace", wanted: Message) -> tuple[Run, str]:
    if "prompt" in wanted:
        prompt = wanted.text("prompt")
        return workspace.run.edit("prompt", prompt), f"against the prompt “{prompt}”"
    if "model" in wanted:
        return _of_model(workspace, wanted.text("model", 4000))
    if wanted.flag("before"):
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
    if other.config.n_embd != mine.config.n_embd or other.config.n_head != mine.config.n_head:
        raise ShapeMismatch(f"{name} is {other.config.n_embd} wide with {other.config.n_head} "
                            f"heads, {mine.name} {mine.config.n_embd} with {mine.config.n_head}: "
                            f"their tables cannot be laid over each other.")
    return other.run(workspace.run.ids), f"against the model {name}"


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
