"""Tables as CSV, asked for in pieces: a large one takes longer than a message may."""

from typing import TYPE_CHECKING, Any

from cutaway.studio.message import Message
from cutaway.studio.share.table_csv import csv_rows as rows_of

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def csv_rows(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """A piece of a table's CSV, and the row that the next begins with.

    returns  {"text", "next"}; `next` is None after the last, and `axes` and `shape` are the table's
    Raises:  UnknownTable
    """
    table = workspace.table(message.text("table", 200))
    text, following = rows_of(table, message.whole("first"))
    return {"text": text, "next": following, "axes": list(table.axes), "shape": list(table.shape)}


def table_shape(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """The axes of a table and how long each is.  Raises:  UnknownTable"""
    table = workspace.table(message.text("table", 200))
    return {"axes": list(table.axes), "shape": list(table.shape)}
