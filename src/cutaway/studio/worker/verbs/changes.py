"""The document's own verbs: open, change, go back and forth, step into a step."""

from time import perf_counter
from typing import TYPE_CHECKING, Any

from cutaway.errors import CutawayError, UnknownTable
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.messages.changes import fields_of, words_of
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.words import message

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def open_document(workspace: "Workspace", question: asked.Open) -> dict[str, Any]:
    """Open a model on a prompt and do the changes again.

    returns  with `done`, what each change cost; a change that cannot be repeated ends it, and is
             in the answer as `failed`
    """
    workspace.open(question.model, question.prompt)
    done, failed = [], None
    for change in map(fields_of, question.changes):
        try:
            done.append(_done(workspace, change))
        except CutawayError as error:
            failed = {"words": words_of(change), "message": message(str(error))}
            break
    workspace.go_to(len(done) if question.cursor is None else question.cursor)
    return _state(workspace) | {"model": model_card(workspace), "done": done, "failed": failed}


def do_change(workspace: "Workspace", question: asked.DoChange) -> dict[str, Any]:
    """Do one change.  Raises:  CutawayError; then nothing has changed"""
    done = _done(workspace, fields_of(question.change))
    return _state(workspace) | {"done": done}


def do_go_to(workspace: "Workspace", question: asked.DoGoTo) -> dict[str, Any]:
    """The state after so many changes: undo, redo and reset."""
    workspace.go_to(question.cursor)
    return _state(workspace)


def _state(workspace: "Workspace") -> dict[str, Any]:
    state = {"summary": summary(workspace)}
    if workspace.cells is not None:
        from cutaway.studio.worker.verbs.cells import refresh

        refresh(workspace)
    return state


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


def step_into(workspace: "Workspace", question: asked.StepInto) -> dict[str, Any]:
    """Calculate a step once more, line by line in the debugger.

    Raises:  UnknownTable when no step makes the table
    """
    name, run = question.table, workspace.run
    if name not in run.book.nodes:
        raise UnknownTable(f"{name} is made by no step, so there is nothing to step into.")
    node = run.book.nodes[name]
    given = [run.book.constants.get(word) if word in run.book.constants else run[word].array
             for word in node.reads]
    workspace.debugger.call(node.step.function, *given)
    return {}


def operation_source(workspace: "Workspace", question: asked.OperationSource) -> dict[str, Any]:
    """The code of an operation as it is in force, as one edits it.

    Raises:  UnknownTable
    """
    return {"name": question.name, "source": source_of(workspace, question.name)}


def source_of(workspace: "Workspace", name: str) -> str:
    """The code of an operation as it is in force.  Raises:  UnknownTable"""
    import inspect

    from cutaway.workbook.operations import OPERATIONS

    if name not in OPERATIONS:
        raise UnknownTable(f"There is no operation {name!r}. They are: {', '.join(OPERATIONS)}.")
    for change in reversed(workspace.changes[:workspace.cursor]):
        if change["kind"] == "operation" and change["name"] == name:
            return change["source"]
    lines = inspect.getsource(inspect.unwrap(OPERATIONS[name])).splitlines(keepends=True)
    return "".join(line for line in lines if line[0] != "@")
