"""The open book in short, after a change: tokens, prediction, and which tables moved."""

from contextlib import suppress
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import MessageError, ShapeMismatch, UnsupportedStep
from cutaway.studio.messages import worker_questions as asked
from cutaway.workbook import Book, Run, differences
from cutaway.workbook.symbol import trace

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

BARS = 8
COMPARED_BYTES = 2**28  # with larger tables, what depends on an edit counts as moved unlooked-at


def summary(workspace: "Workspace") -> dict[str, Any]:
    """What the page shows above every table; also calculates all that it tells."""
    run, vocabulary = workspace.run, workspace.model.tokenizer
    before = workspace.baseline if workspace.edited else None
    own = workspace.model.book.nodes
    return {
        "tokens": [{"id": int(token), "text": vocabulary.text_of(int(token))}
                   for token in run.ids],
        "n_prompt": len(run.ids) - _n_written(workspace),
        "prediction": prediction(workspace, run, before),
        "prediction_before": prediction(workspace, before) if before else None,
        "moved": moved(before, run) if before else [],
        "edited": list(run.edits),
        "rewritten": {name: node.step.formula for name, node in run.book.nodes.items()
                      if node.step.formula != own[name].step.formula},
        "operations": list(run.book.operations),
        "n_recalculated": sum(run.calculations.values()),
        "n_multiplications": _multiplications(run) if not run.book.replaced else None,
    }


def _multiplications(run: Run) -> int:
    """All that predicting the next token multiplies; `logits` is not needed for it."""
    return sum(count for name, count in multiplications(run).items() if name != "logits")


def model_card(workspace: "Workspace") -> dict[str, Any]:
    """The open model's name and shape."""
    model, config, sizes = workspace.model, workspace.model.config, workspace.model.book.sizes
    n_parameters = sum(prod(sizes[axis] for axis in axes) for axes in model.book.weights.values())
    return {"name": model.name, "n_layer": config.n_layer, "n_head": config.n_head,
            "n_embd": config.n_embd, "n_positions": config.n_positions,
            "n_vocabulary": config.vocab_size, "parameters": n_parameters,
            "map": model_map(workspace)}


def model_map(workspace: "Workspace") -> list[dict[str, Any]]:
    """Every sheet with its tables and weights, in the order of the model."""
    book = workspace.model.book
    sheets: dict[str, dict[str, Any]] = {}
    for node in book.nodes.values():
        key = node.sheet if node.block is None else f"h{node.block}"
        sheet = sheets.setdefault(key, {"key": key, "sheet": node.sheet, "block": node.block,
                                        "steps": [], "weights": []})
        sheet["steps"].append({"name": node.name, "number": node.step.number})
    for name in book.weights:
        alone = "head" if name.startswith("ln_f") else "embed"
        key = name.split(".")[0] if "." in name else alone
        sheets[key]["weights"].append(name)
    return list(sheets.values())


def prediction(workspace: "Workspace", run: Run,
               before: Run | None = None) -> list[dict[str, Any]]:
    """The likeliest next tokens, best first; of equals, the lowest id first.

    before   the run without edits: what each token's probability `was`
    """
    shares, logits = run["next_probabilities"].array, run["next_logits"].array
    best = np.argsort(-logits, kind="stable")[:BARS]
    text_of = workspace.model.tokenizer.text_of
    was = before["next_probabilities"].array if before else None
    return [{"id": int(token), "text": text_of(int(token)),
             "probability": float(shares[token]), "logit": float(logits[token]),
             "was": float(was[token]) if was is not None else None}
            for token in best]


def moved(before: Run, run: Run) -> list[str]:
    """The tables whose numbers are not those of the run without edits, in the book's order."""
    touched = {*run.edits, *run.book.replaced}
    names = touched | run.book.downstream(touched)
    if sum(run.memory_needed().values()) > COMPARED_BYTES:
        return [name for name in run.book.names() if name in names]
    read = names - {"logits"}  # vocabulary wide for every position: what it is made from tells
    found = {one.name for one in differences(before, run, read)}
    if "final" in found or (touched & {"wte", "logits"}):
        found.add("logits")
    return [name for name in run.book.names() if name in found]


def _n_written(workspace: "Workspace") -> int:
    """How many of the newest tokens were written by the model."""
    count = len(workspace.writing.ids) if workspace.writing else 0
    for change in workspace.changes[:workspace.cursor]:
        if change["kind"] == "prompt":
            count = len(workspace.writing.ids) if workspace.writing else 0
        elif change["kind"] == "append":
            count += len(change["ids"])
    return count


def multiplications(run: Run) -> dict[str, int]:
    """For every table that a product makes, how many numbers are multiplied for it.

    The counts depend on the shapes alone: they are the same for every text of so many tokens.
    """
    counted: dict[str, int] = {}
    for name, rows, columns in _products(run.book):
        sizes = [len(run.ids) if size is None else size for size in (*rows, columns)]
        counted[name] = counted.get(name, 0) + prod(sizes)
    return counted


@lru_cache(maxsize=4)
def _products(book: Book) -> list[tuple[str, tuple[int | None, ...], int | None]]:
    """Every product of tables: the table that it is for, the left one's shape, how many columns.

    A length that the prompt decides is None. A formula that cannot be traced is left out.
    """
    found = []
    for name in book.nodes:
        with suppress(UnsupportedStep):
            found += [(name, one.arguments[0].shape, one.shape[-1])
                      for one in trace(book, name).walk() if one.operation == "product"]
    return found


def compare(workspace: "Workspace", question: asked.Compare) -> dict[str, Any]:
    """The open run against another one: `with` is {"before": true}, {"prompt"} or {"model"}.

    Raises:  MessageError, ShapeMismatch when the models have no common vocabulary
    """
    other, words = _other(workspace, question.other)
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
    if other.config.n_embd != mine.config.n_embd or other.config.n_head != mine.config.n_head:
        raise ShapeMismatch(f"{name} is {other.config.n_embd} wide with {other.config.n_head} "
                            f"heads, {mine.name} {mine.config.n_embd} with {mine.config.n_head}: "
                            f"their tables cannot be laid over each other.")
    return other.run(workspace.run.ids), f"against the model {name}"


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
