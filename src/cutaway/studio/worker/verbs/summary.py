"""The open book in short, after a change: tokens, prediction, and which tables moved."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.look import multiplications_to_predict, parameter_count, sheet_parts
from cutaway.tokenizer import hexadecimal, hints, marks_in, pieces_of_text, read_prompt
from cutaway.workbook import Book, Run, differences
from cutaway.workbook.roles import BLOCK_ROLES, ROLES

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

BARS = 8
MOST_MARKS = 50
REMEDY = "“Read as the model's own” makes it one token."
COMPARED_BYTES = 2**28  # with larger tables, what depends on an edit counts as moved unlooked-at


def summary(workspace: "Workspace") -> dict[str, Any]:
    """What the page shows above every table; calculates what it needs."""
    run, vocabulary = workspace.run, workspace.model.tokenizer
    before = workspace.baseline if workspace.edited else None
    own, marks = workspace.model.book.nodes, set(vocabulary.special.values())
    names, by = moved(before, run) if before else ([], {})
    return {
        "typed": typed_prompt(workspace),
        "tokens": [{"id": int(token), "text": vocabulary.text_of(int(token)), "adds": adds,
                    "held": hexadecimal(held), "mark": int(token) in marks} for token, (adds, held)
                   in zip(run.ids, pieces_of_text(vocabulary, run.ids), strict=True)],
        "n_prompt": len(run.ids) - _n_written(workspace),
        "prediction": prediction(workspace, run, before),
        "prediction_before": prediction(workspace, before) if before else None,
        "moved": names,
        "moved_by": by,
        "edited": list(run.edits),
        "rewritten": {name: node.step.formula for name, node in run.book.nodes.items()
                      if node.step.formula != own[name].step.formula},
        "operations": list(run.book.operations),
        "n_recalculated": sum(run.calculations.values()),
        "n_multiplications": None if run.book.replaced else multiplications_to_predict(run),
    }


def typed_prompt(workspace: "Workspace") -> dict[str, Any]:
    """How the prompt was read, and what its writer should know."""
    (text, special), tokenizer = workspace.prompt, workspace.model.tokenizer
    read = read_prompt(tokenizer, text, special=special)
    return {"special": special, "unread": list(read.unread),
            "marks": list(marks_in(text, tokenizer.special)) if special else [],
            "hints": list(hints(tokenizer, read, REMEDY))}


def model_card(workspace: "Workspace") -> dict[str, Any]:
    """The open model's name and shape."""
    model, config = workspace.model, workspace.model.config
    return {"name": model.name, "n_layer": config.n_layer, "n_head": config.n_head,
            "n_embd": config.n_embd, "n_positions": config.n_positions,
            "n_vocabulary": config.vocab_size, "parameters": parameter_count(model.book),
            "roles": roles_of(model.book), "map": model_map(workspace),
            "marks": [mark for mark in model.tokenizer.special
                      if not mark.startswith("<|unused ")][:MOST_MARKS],
            "meanings": _meanings(workspace)}


def roles_of(book: Book) -> dict[str, str]:
    """The table behind each role that this model has; of a block's role, the first block's."""
    first = book.blocks[0] if book.blocks else None
    found = {role: book.find_role(role, first) for role in (*ROLES, *BLOCK_ROLES)}
    return {role: name for role, name in found.items() if name is not None}


def model_map(workspace: "Workspace") -> list[dict[str, Any]]:
    """Every sheet with its tables and weights, in the order of the model."""
    book = workspace.model.book
    return [{"key": part.key, "sheet": part.sheet, "block": part.block, "weights": part.weights,
             "steps": [{"name": node.name, "number": node.step.number,
                        "heading": book.headings.get(node.step.name, "")} for node in part.nodes]}
            for part in sheet_parts(book)]


def _meanings(workspace: "Workspace") -> dict[str, dict[str, str]]:
    """What each step and weight is and how it is made, once for all blocks, by its short name."""
    book, meaning = workspace.model.book, workspace.model.architecture.meaning
    steps = {node.step.name: {"words": node.step.explanation, "formula": node.step.formula}
             for node in book.nodes.values()}
    return steps | {name.rpartition(".")[2]: {"words": meaning(name), "formula": ""}
                    for name in book.weights}


def prediction(workspace: "Workspace", run: Run,
               before: Run | None = None) -> list[dict[str, Any]]:
    """The likeliest next tokens, best first; of equals, the lowest id first.

    before   the run without edits: what each token's probability `was`
    returns  nothing for a model that has no table of them
    """
    probabilities, next_logits = map(run.book.find_role, ("next_probabilities", "next_logits"))
    if probabilities is None:
        return []
    shares = run[probabilities].array
    logits = run[next_logits].array if next_logits else None
    best = np.argsort(-(shares if logits is None else logits), kind="stable")[:BARS]
    text_of = workspace.model.tokenizer.text_of
    was = before[probabilities].array if before else None
    return [{"id": int(token), "text": text_of(int(token)),
             "probability": float(shares[token]), 
             "logit": float(logits[token]) if logits is not None else None,
             "was": float(was[token]) if was is not None else None}
            for token in best]


def moved(before: Run, run: Run) -> tuple[list[str], dict[str, float]]:
    """The tables whose numbers are not those of the run without edits, in the book's order.

    returns  their names, and of each that was compared its largest difference as a share of its
             largest number before
    """
    touched = {*run.edits, *run.book.replaced}
    names = touched | run.book.downstream(touched)
    if sum(run.memory_needed().values()) > COMPARED_BYTES:
        return [name for name in run.book.names() if name in names], {}
    wide = run.book.find_role("logits")  # for every position: what it is made from tells
    by = {one.name: min(one.relative, 1e300) for one in differences(before, run, names - {wide})}
    found = {*by}
    if wide and (wide in touched or (found | touched) & {*run.book.precedents(wide)}):
        found.add(wide)
    return [name for name in run.book.names() if name in found], by


def _n_written(workspace: "Workspace") -> int:
    """How many of the newest tokens were written by the model."""
    count = len(workspace.writing.ids) if workspace.writing else 0
    for change in workspace.changes[:workspace.cursor]:
        if change["kind"] == "prompt":
            count = len(workspace.writing.ids) if workspace.writing else 0
        elif change["kind"] == "append":
            count += len(change["ids"])
    return count
