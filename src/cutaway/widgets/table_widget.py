"""The widget: a table in the grid of the studio's page; its numbers come as they come in view."""

from base64 import b64encode
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from cutaway.errors import CutawayError, MessageError, ShapeMismatch
from cutaway.look import Matrix, is_shares, labels, look_like_shares, matrix, order, tile, token_ids
from cutaway.studio.messages.fields import Select, checked, short
from cutaway.widgets.page import caption, described
from cutaway.widgets.typed import Labels, Order, Said, Tile, edited
from cutaway.workbook import Run, Table
from cutaway.workbook.selection import Selector

MODES = ("numbers", "heat")


def _module() -> str:
    """The widget's module. A notebook loads one text, so the grid's own is an address inside it."""
    own = files("cutaway.widgets").joinpath("widget.js").read_text(encoding="utf-8")
    grid = files("cutaway.studio").joinpath("static", "vendor", "grid-widget.js").read_bytes()
    address = f"data:text/javascript;base64,{b64encode(grid).decode('ascii')}"
    return own.replace('"cutaway-grid"', f'"{address}"')


class TableWidget(anywidget.AnyWidget):
    """A table on show. Only the numbers in view travel to the page, in tiles of 64 x 64.

        widget = show(run, "h3.attention", head=1)
        widget.page = {"head": 2}                           # another head
        widget.run = run.edit("h3.attention", 0, head=2)    # another run; what moved is outlined

    mode      "numbers" or "heat"
    page      the index of every axis but the last two
    selected  the cells that are selected, as row, column, row_end, column_end; both ends belong to
              them. None before anything is
    run       the run that the table is of; None when only a table was given. A number typed into
              an editable table puts an edited run here
    table, caption, reveal  what the grid draws
    """

    _esm = _module()
    _css = files("cutaway.widgets").joinpath("widget.css").read_text(encoding="utf-8")

    table = traitlets.Dict().tag(sync=True)
    mode = traitlets.Enum(MODES, "numbers").tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    selected = traitlets.Dict(None, allow_none=True).tag(sync=True)
    reveal = traitlets.Dict(None, allow_none=True).tag(sync=True)
    caption = traitlets.Dict().tag(sync=True)
    run: Any = traitlets.Instance(Run, allow_none=True)

    def __init__(self, now: Table, *, run: Run | None = None, before: Table | None = None,
                 mode: str = "numbers", editable: bool = False,
                 page: dict[str, int] | None = None):
        self._now, self._before, self._editable = now, before, editable
        self._version = 0
        self._share = look_like_shares(now.array) if run is None else is_shares(run.book, now.name)
        chosen = matrix(now, page or {}).pages
        super().__init__(run=run, mode=mode, page=chosen, **self._described(chosen))
        self.observe(lambda change: self._refresh(), "page")
        self.observe(lambda change: self._follow(), "run")
        self.on_msg(self._hear)

    # ---- For whoever has the widget in hand ----------------------------------------------

    def go_to(self, row: int | str, column: int | str = 0) -> None:
        """Scroll to a cell and select it, by number or by label: widget.go_to(" the").

        Raises:  UnknownRow
        """
        page, now = self._shown(), self._now
        along: dict[str, Selector] = {page.rows: row, page.columns: column}
        along.pop("", None)
        numbers = dict(zip(now.axes, now.selection(**along).numbers(now.shape), strict=True))
        self.reveal = {"row": numbers.get(page.rows, [0])[0],
                       "column": numbers.get(page.columns, [0])[0],
                       "nonce": (self.reveal or {}).get("nonce", 0) + 1}

    @traitlets.validate("page")
    def _complete(self, proposal: Any) -> dict[str, int]:
        """Every axis of a page with its index; one that is not named stays where it is."""
        given = checked(Select, proposal["value"])
        kept = {axis: index for axis, index in self.page.items() if axis in self._now.axes[:-2]}
        return matrix(self._now, {**kept, **given}).pages

    # ---- What the grid draws -------------------------------------------------------------

    def _compared(self) -> Table | None:
        """The table before, while it is as large as the present one."""
        alike = self._before is not None and self._before.shape == self._now.shape
        return self._before if alike else None

    def _shown(self, of: str = "now") -> Matrix:
        """The page that is shown, now or before.  Raises:  ShapeMismatch"""
        table = self._now if of == "now" else self._compared()
        if table is None:
            raise ShapeMismatch(f"{self._now.name} has nothing before it to be compared with.")
        return matrix(table, self.page)

    def _described(self, chosen: dict[str, int]) -> dict[str, dict[str, Any]]:
        """The traits that describe the page that was chosen."""
        now, old = matrix(self._now, chosen), self._compared()
        before = None if old is None else matrix(old, chosen)
        return {"caption": caption(now, before),
                "table": described(now, self._version, share=self._share, editable=self._editable,
                                   compare=before is not None)}

    def _refresh(self) -> None:
        self._version += 1
        traits = self._described(self.page)
        self.caption, self.table = traits["caption"], traits["table"]

    def _follow(self) -> None:
        """Show the same table of another run; the one shown first is what it is compared with."""
        if self.run is None:
            return
        if self._before is None:
            self._before = self._now
        self._now = self.run[self._now.name]
        sizes = dict(zip(self._now.axes[:-2], self._now.shape[:-2], strict=True))
        self.page = matrix(self._now, {axis: index for axis, index in self.page.items()
                                       if index < sizes.get(axis, 0)}).pages
        self._refresh()

    # ---- What the page asks --------------------------------------------------------------

    def _hear(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Answer a question of the grid, or do what was typed into it; tell what went wrong."""
        request = {"re": content["request"]} if "request" in content else {}
        try:
            message = checked(Said, content)
            if message.key != self.table["key"]:
                raise MessageError(f"'key' is {short(message.key)}; this page's "
                                   f"{self.table['key']} is expected: the question comes too late.")
            if isinstance(message, Tile | Order | Labels):
                answer, numbers = self._answer(message)
                self.send({**request, **answer}, numbers)
            elif self.run is not None and self._editable:
                self.run = edited(self.run, self._shown(), message)
        except CutawayError as error:
            self.send({**request, "error": str(error)})

    def _answer(self, message: Tile | Order | Labels) -> tuple[dict[str, Any], list[bytes]]:
        """The answer to a question, and the numbers that go with it."""
        if isinstance(message, Labels):
            page, side = self._shown(), message.axis
            ids = token_ids(page, side, self._ids())
            return labels(page, side, message.first, message.count, ids,
                          rows=message.rows), []
        if isinstance(message, Order):
            return {"order": order(self._shown(), message.column,
                                   descending=message.descending)}, []
        size, numbers = tile(self._shown(message.of), message.row, message.column, message.rows)
        return size, [numbers]

    def _ids(self) -> Any:
        """The prompt's ids, where its tokens are rows or columns of the table."""
        run = self.run
        if run is None or self._now.name in run.book.weights or run.ids.ndim != 1:
            return None
        return run.ids
