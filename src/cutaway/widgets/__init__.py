"""Tables of a run in a notebook, in Jupyter and in marimo.

    from cutaway.widgets import show
    show(run["h3.attention"], head=1)
"""

from cutaway.errors import MissingExtra

try:
    from cutaway.widgets.show import show
    from cutaway.widgets.table_widget import TableWidget
except ModuleNotFoundError as error:
    if error.name != "anywidget":
        raise
    raise MissingExtra("Tables in a notebook need anywidget, which is not installed. "
                       "Install it where you cloned Cutaway: pip install --constraint "
                       'constraints.txt --editable ".[notebook]"') from None

__all__ = ["TableWidget", "show"]
