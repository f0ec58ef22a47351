"""The open document as a spreadsheet with live formulas, and as a file of SQL."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutaway.errors import PromptError, UnsupportedStep
from cutaway.studio.messages import worker_questions as asked

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace
    from cutaway.weights import Progress

LEAST_POSITIONS = 16  # as many tokens as one may type into the spreadsheet, or as the text has


def write_spreadsheet(workspace: "Workspace", question: asked.WriteSpreadsheet) -> dict[str, Any]:
    """Write the model with its changes as a spreadsheet to a place of the server's choice, and say
    how far it is; an interrupt leaves nothing there.

    Raises:  UnsupportedStep, also for a file that a page cannot hand over; PromptError; DiskError
    """
    from cutaway.engines.xlsx import size_of, write_xlsx

    model, like = workspace.model, workspace.run if workspace.edited else None
    text = _text(workspace, "A spreadsheet")
    n_positions = min(max(LEAST_POSITIONS, len(workspace.run.ids)), model.config.n_positions)
    size = size_of(model, n_positions, like)
    if size.is_much:
        raise UnsupportedStep(
            f"The spreadsheet of {model.name} would have {size.cells / 1e6:,.0f} million cells, "
            f"about {size.bytes / 1e6:,.0f} MB, which is too much to come through a browser. Write "
            f"it in the terminal: cutaway xlsx \"PROMPT\" -o gpt.xlsx --model {model.name}")

    def tell(report: "Progress") -> None:
        if report.unit == "numbers":  # packing them is one step, at the end
            workspace.push({"push": "progress", "what": "spreadsheet", "done": report.done,
                            "of": report.total})

    write_xlsx(model, text, Path(question.path), n_positions, tell, like=like)
    return {}


def sql_script(workspace: "Workspace", question: asked.SqlScript) -> dict[str, Any]:
    """The model with its changes as one file of SQL for DuckDB.

    Raises:  UnsupportedStep, PromptError
    """
    from cutaway.engines.sql import script
    from cutaway.engines.sql.words import expect_cut

    expect_cut(workspace.model.tokenizer)
    like = workspace.run if workspace.edited else None
    return {"text": script(workspace.model.book, _text(workspace, "A file of SQL"), like=like)}


def _text(workspace: "Workspace", what: str) -> str:
    """The open text, where its letters give its tokens.

    Raises:  PromptError for tokens that no letters give, or that others would stand for
    """
    tokenizer, ids = workspace.model.tokenizer, [int(id) for id in workspace.run.ids]
    raw = tokenizer.decode_bytes(ids)
    text = raw.decode("utf-8", "replace")
    if text.encode() != raw or tokenizer.encode(text) != ids:
        raise PromptError(
            f"{what} cuts its prompt into tokens itself, and the open text is made of other tokens "
            f"than its letters give: special ones, or some that the model wrote. Undo what was "
            f"written, or type the text as a prompt.")
    return text
