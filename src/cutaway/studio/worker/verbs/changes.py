"""The open book's own verbs: open, change, go back and forth, step into a step."""

from time import perf_counter
from typing import TYPE_CHECKING, Any

from cutaway.errors import CutawayError, UnknownTable
from cutaway.studio.changes import checked_change, words_of
from cutaway.studio.message import Message
from cutaway.studio.worker.verbs.summary import model_card, summary

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_CHANGES = 10_000


def open_book(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Open a model on a prompt and do the changes again.

    returns  with `done`, what each change cost; a change that cannot be repeated ends it, and is
             told as `failed`
    """
    workspace.open(message.text("model", 4000), message.text("prompt"))
    done, failed = [], None
    for fields in message.items("changes", MOST_CHANGES):
        change = checked_change(fields)
        try:
            done.append(_done(workspace, change))
        except CutawayError as error:
            failed = {"words": words_of(change), "message": str(error)}
            break
    workspace.go_to(message.whole("cursor", default=len(done)))
    return _told(workspace) | {"model": model_card(workspace), "done": done, "failed": failed}


def change(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Do one change.  Raises:  CutawayError; then nothing has changed"""
    done = _done(workspace, checked_change(message.fields.get("change")))
    return _told(workspace) | {"done": done}


def go_to(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """The state after so many changes: undo, redo and reset."""
    workspace.go_to(message.whole("cursor"))
    return _told(workspace)


def _told(workspace: "Workspace") -> dict[str, Any]:
    told = {"summary": summary(workspace)}
    if workspace.cells is not None:
        from cutaway.studio.worker.verbs.cells import refresh

        refresh(workspace)
    return told


def _done(workspace: "Workspace", change: dict[str, Any]) -> dict[str, Any]:
    """Do a change, and say what it cost."""
    started = perf_counter()
    workspace.change(change)
    return {"seconds": perf_counter() - started,
            "recalculated": sum(workspace.run.calculations.values()),
            "first_row": workspace.run.first_row} | _note(workspace, change)


def _note(workspace: "Workspace", change: dict[str, Any]) -> dict[str, str]:
    """What a change from another prompt leaves alone, where the prompts differ in length."""
    if change["kind"] != "from_prompt":
        return {}
    theirs, ours = len(workspace.model.tokenizer.encode(change["prompt"])), len(workspace.run.ids)
    if theirs == ours:
        return {}
    return {"note": f"that prompt has {theirs} tokens and this one {ours}: the first "
                    f"{min(theirs, ours)} positions were taken, the others left alone"}


def step_into(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Calculate a step once more, line by line in the debugger.

    Raises:  UnknownTable when no step makes the table
    """
    name, run = message.text("table", 200), workspace.run
    if name not in run.book.nodes:
        raise UnknownTable(f"{name} is made by no step, so there is nothing to step into.")
    node = run.book.nodes[name]
    given = [run.book.constants.get(word) if word in run.book.constants else run[word].array
             for word in node.reads]
    workspace.debugger.call(node.step.function, *given)
    return {}


def operation_source(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """The code of an operation as it is in force, as one edits it."""
    import inspect

    from cutaway.workbook.operations import OPERATIONS

    name = message.text("name", 200)
    if name not in OPERATIONS:
        raise UnknownTable(f"There is no operation {name!r}. They are: {', '.join(OPERATIONS)}.")
    for change in reversed(workspace.changes[:workspace.cursor]):
        if change["kind"] == "operation" and change["name"] == name:
            return {"name": name, "source": change["source"]}
    lines = inspect.getsource(inspect.unwrap(OPERATIONS[name])).splitlines(keepends=True)
    return {"name": name, "source": "".join(line for line in lines if line[0] != "@")}
