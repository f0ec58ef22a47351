"""The blocks at a glance: what each changes, and what would come next if the model ended there."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.look import guesses_by_block, machine, multiplications
from cutaway.studio.messages import worker_questions as asked
from cutaway.workbook import Book, Run

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_TOKENS = 24  # the newest ones: the map is narrow
MOST_MULTIPLICATIONS = 4_000_000_000  # for a hint that nobody asked for: about a second's work
NEEDED = {"block_input", "block_output", "next_probabilities"}  # roles


def glance(workspace: "Workspace", question: asked.Glance) -> dict[str, Any]:
    """For each block the size of its change at each of the newest tokens, as a share of the
    block's largest, and the likeliest token after it.

    returns  no block where the model lacks one of the roles that this needs
    Source:  the logit lens, nostalgebraist 2020: a block's result put where the last one's stands
    """
    return workspace.in_main(lambda: {"blocks": _blocks(workspace)})


def _blocks(workspace: "Workspace") -> list[dict[str, Any]]:
    run, book = workspace.run, workspace.run.book
    if not book.roles.keys() >= NEEDED:
        return []
    guesses, changes = guesses_by_block(run), []
    for block in book.blocks:
        before = run[book.role("block_input", block)].array[-MOST_TOKENS:]
        change = run[book.role("block_output", block)].array[-MOST_TOKENS:] - before
        with np.errstate(all="ignore"):  # an edit may have made numbers too large to be squared
            size = np.linalg.norm(change, axis=-1) / (np.linalg.norm(before, axis=-1) + 1e-9)
        changes.append(np.nan_to_num(size, posinf=1.0))
    return [{**asdict(guess), "changes": (change / (change.max() or 1.0)).tolist()}
            for guess, change in zip(guesses, changes, strict=True)]


def overview(workspace: "Workspace", question: asked.Overview) -> dict[str, Any]:
    """The whole machine, small enough to be drawn, with the tokens that are drawn.

    Raises:  FormulaError when an edit has left a table without numbers
    """
    def drawn() -> dict[str, Any]:
        run, text_of = workspace.run, workspace.model.tokenizer.text_of
        tokens = [{"id": int(id), "text": text_of(int(id))}
                  for id in run.ids[-question.positions:]]
        return {"tokens": tokens, **asdict(machine(run, question.positions))}

    return workspace.in_main(drawn)


def hint(workspace: "Workspace", question: asked.Hint) -> dict[str, Any]:
    """One cell of an attention table whose change flips the prediction; empty when none is found.

    Tried are the last token's shares, block by block from the last, head by head: what would come
    next if it read nothing but one source? Nobody has asked for it: each try is a piece of work of
    its own, so that whatever the user asks comes between two; a change ends it; and all tries
    together are no more than MOST_MULTIPLICATIONS, which are counted beforehand.
    """
    run, spent = workspace.run, 0
    next_logits = run.book.find_role("next_logits")
    if next_logits is None or "attention" not in run.book.roles:
        return {}
    needed, counted = _behind(run.book, next_logits), multiplications(run)
    for block in reversed(run.book.blocks):
        name = run.book.role("attention", block)
        again = run.book.downstream({name}) & needed
        cost = sum(count for table, count in counted.items() if table in again)
        for head in range(run.book.sizes[run.book.axes(name)[0]]):
            spent += cost
            if spent > MOST_MULTIPLICATIONS or workspace.run is not run:
                return {}
            found = workspace.in_main(partial(_flip, workspace, run, name, head, next_logits))
            if found:
                return found
    return {}


def _behind(book: Book, table: str) -> set[str]:
    """A table and all that it is made from."""
    return {node.name for node in book.needed(table, known=lambda name: False)}


def _flip(workspace: "Workspace", run: Run, name: str, head: int,
          next_logits: str) -> dict[str, Any]:
    """What a head's last row changes when it reads its least source alone; empty when nothing."""
    text_of, position = workspace.model.tokenizer.text_of, len(run.ids) - 1
    source = int(run[name].array[head, position].argmin())
    other = run.edit(name, 1, head=head, position=position, source=source)
    now, then = (int(one[next_logits].array.argmax()) for one in (run, other))
    if now == then:
        return {}
    return {"table": name, "select": {"head": head}, "row": position, "column": source,
            "value": 1, "before": text_of(now), "after": text_of(then)}
