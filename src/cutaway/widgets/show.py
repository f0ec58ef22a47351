"""`show`: a table in a notebook."""

from cutaway.errors import BookError, SettingError, ShapeMismatch
from cutaway.studio.messages.fields import Select, checked
from cutaway.widgets.table_widget import MODES, TableWidget
from cutaway.words import shape_in_words
from cutaway.workbook import Run, Table


def show(table: Table | Run, name: str | None = None, *, before: Table | Run | None = None,
         mode: str = "numbers", editable: bool = False, **page: int) -> TableWidget:
    """A table as a grid that scrolls; put it last in a cell.

        show(run["h3.attention"], head=1)
        show(run["logits"])                                  # 50,257 columns
        show(other["h3.attention"], before=run)              # outlines what moved
        show(run, "h3.attention", editable=True)             # a number typed gives widget.run

    table   a table; or a run and the name of one of its tables
    before  the same table, or the run that it stands in, to compare with
    mode    "numbers" or "heat"
    page    the index of an axis that is neither rows nor columns: head=1
    Raises:  SettingError, UnknownTable, UnknownRow, ShapeMismatch when `before` is of another
             shape, BookError for a table that cannot be edited
    """
    run = table if isinstance(table, Run) else None
    now = _table(table, name)
    old = before[now.name] if isinstance(before, Run) else before
    if old is not None:
        _expect_alike(now, old)
    if mode not in MODES:
        raise SettingError(f"mode is {mode!r}; 'numbers' or 'heat' is expected.")
    if editable:
        _expect_editable(run, now)
    return TableWidget(now, run=run, before=old, mode=mode, editable=editable,
                       page=checked(Select, page or {}))


def _table(table: Table | Run, name: str | None) -> Table:
    """The table that is meant.  Raises:  SettingError, UnknownTable"""
    if isinstance(table, Run) and name is not None:
        return table[name]
    if isinstance(table, Table) and name is None:
        return table
    found = "a run without a table's name" if isinstance(table, Run) else (
        f"{table!r:.60}" + ("" if name is None else f" and {name!r:.60}"))
    raise SettingError(f"show() was given {found}. Give it a table, show(run['h3.attention']), or "
                       f"a run and a name, show(run, 'h3.attention').")


def _expect_alike(now: Table, old: object) -> None:
    """Raises:  SettingError, ShapeMismatch"""
    if not isinstance(old, Table):
        raise SettingError(f"before is {old!r:.60}; a run or a table of one is expected.")
    if old.shape != now.shape:
        raise ShapeMismatch(
            f"{now.name} is {shape_in_words(now.shape)} and before it was "
            f"{shape_in_words(old.shape)}: only tables of the same shape are compared. Take a "
            f"prompt of as many tokens.")


def _expect_editable(run: Run | None, now: Table) -> None:
    """Raises:  SettingError without the run; BookError for a table that no number is typed over"""
    if run is None:
        raise SettingError(f"A typed number gives another run: show(run, {now.name!r}, "
                           f"editable=True).")
    if now.name not in run.book.nodes and now.name not in run.book.weights:
        raise BookError(f"{now.name} is part of the prompt or of the model's shape, and no number "
                        f"is typed over it. Give another prompt: run.edit('prompt', ...).")
