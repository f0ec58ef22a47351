"""How one number was made, drawn: every operation of its formula with its inputs and its result."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cutaway.look.picture import CODE
from cutaway.look.picture import picture as picture_of
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.changes import source_of
from cutaway.studio.worker.verbs.inspector import check_cell
from cutaway.studio.worker.verbs.tables import shown
from cutaway.workbook.operations import OPERATIONS

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def picture(workspace: "Workspace", question: asked.Picture) -> dict[str, Any]:
    """The operations that made a number, the innermost first.

    Raises:  UnknownRow for a cell outside the table, UnknownTable for one that no formula makes
    """
    page = shown(workspace, question)
    check_cell(page, question.row, question.column)
    table, run = page.table, workspace.run
    place = page.cells(question.row, question.column)
    index = tuple(place[axis] for axis in table.axes)
    made = asdict(workspace.in_main(lambda: picture_of(run, table.name, index)))
    for stage in made["stages"]:
        if stage["kind"] == CODE and stage["operation"] in OPERATIONS:
            stage["code"] = source_of(workspace, stage["operation"])
    return made | {"prediction": run.book.role_of(table.name) == "next_probabilities"}
