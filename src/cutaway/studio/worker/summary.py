"""The open book in short, after a change: tokens, prediction, and which tables moved."""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.studio.worker.cost import multiplications
from cutaway.workbook import Run, differences

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
