"""A program: instructions with the tables that they read and make, ready for the machine."""

from collections.abc import Sequence

import numpy as np

from cutaway.engines.compiled import machine as m
from cutaway.engines.compiled.kernels import DEPTH, SAME_PLACE_BYTES
from cutaway.engines.compiled.machine import round_up
from cutaway.engines.compiled.pack import BytePanels
from cutaway.engines.compiled.threads import Team
from cutaway.engines.compiled.vector import PANEL, TILE
from cutaway.engines.forms import Form

ROW_WORK = 16_384          # numbers that a thread goes through before it takes the next rows
NEAR_BYTES = 640 * 1024    # weights that stay near while rows pass by
STREAM_BYTES = 128 * 1024  # weights that a thread claims at a time for a few rows
BLOCK_ROWS = 16 * TILE


class Program:
    """Instructions in order, and everything that they point to.

        program = Program(n_threads=2)
        program.add(form, out, [table, weight, bias])
        program.run(team, first=0)
    """

    def __init__(self, n_threads: int):
        self.n_threads = n_threads
        self.work = 0            # multiplications, or so
        self.scratch_floats = m.scratch_floats(1, 1)
        self._rows: list[list[int]] = []
        self._numbers: list[float] = []
        self._held: list[object] = []
        self._bytes: dict[tuple[int, int], np.ndarray] = {}
        self._ready: tuple[np.ndarray, np.ndarray] | None = None

    def run(self, team: Team, first: int, *, alone: bool = False) -> None:
        """Let a team run it.  first: the position of the first row"""
        if self._ready is None:
            self._ready = self._finished(), np.array(self._numbers)
        team.run(*self._ready, first, self.scratch_floats, alone=alone)

    def write_to(self, out: np.ndarray) -> None:
        """Let the last instruction write there from now on; the caller holds the table."""
        address = out.__array_interface__["data"][0]
        self._rows[-1][m.OUT] = address
        if self._ready is not None:
            self._ready[0][-1, m.OUT] = address

    def _finished(self) -> np.ndarray:
        """The instructions, each knowing what a thread does in one go with it, and what is next.

        Instructions for the same rows are done together, row after row, and so are those of one
        piece: nobody has to wait for anybody between them. UPCOMING is where the weights of the
        next product lie.
        """
        upcoming, size_bytes, together, after = 0, 0, 1, None
        for row in reversed(self._rows):
            row[m.UPCOMING], row[m.UPCOMING_BYTES] = upcoming, size_bytes
            if row[m.KIND] in (m.PRODUCT, m.BYTE_PRODUCT):
                each = 4 if row[m.KIND] == m.PRODUCT else 1
                upcoming, size_bytes = row[m.B], row[m.DEPTH] * row[m.WIDTH] * each
            together = together + 1 if after is not None and _go_together(row, after) else 1
            row[m.TOGETHER], after = together, row
        return np.array(self._rows, np.int64)

    def add(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        """Enter what a form does.

        out    the table that it makes, in memory of its own
        given  the tables that it reads, weights as panels
        """
        getattr(self, "_" + form.kind)(form, out, given)

    def _enter(self, kind: int, pieces: int, number: float = 0.0, **fields: int) -> None:
        row = [0] * m.FIELDS
        row[m.KIND], row[m.PIECES] = kind, pieces
        for name, value in fields.items():
            row[getattr(m, name)] = value
        self._rows.append(row)
        self._numbers.append(number)

    def at(self, array: np.ndarray) -> int:
        """The address of a table, which is held as long as the program is."""
        self._held.append(array)
        return array.__array_interface__["data"][0]

    # ---- Row by row ----------------------------------------------------------------------

    def _by_rows(self, kind: int, rows: int, width: int, number: float = 0.0, **fields: int):
        at_once = max(1, ROW_WORK // max(1, width))
        self.work += rows * width
        self._enter(kind, -(-rows // at_once), number, ROWS=rows, ROWS_A_PIECE=at_once, **fields)

    def _look_up(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        rows, width = out.shape
        self._by_rows(m.LOOK_UP, rows, width, WIDTH=width, OUT=self.at(out), A=self.at(given[0]),
                      B=self.at(given[1]))

    def _normalise(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        rows, width = out.shape
        self._by_rows(m.NORMALISE, rows, width, form.numbers[0], WIDTH=width, OUT=self.at(out),
                      A=self.at(given[0]))

    def _scale(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        rows, width = out.shape
        self._by_rows(m.SCALE, rows, width, WIDTH=width, OUT=self.at(out), A=self.at(given[0]),
                      B=self.at(given[1]), C=self.at(given[2]))

    def _add(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        rows, width = out.shape
        self._by_rows(m.ADD, rows, width, WIDTH=width, OUT=self.at(out), A=self.at(given[0]),
                      B=self.at(given[1]))

    def _gelu(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        rows, width = out.shape
        self._by_rows(m.GELU, rows, width, WIDTH=width, OUT=self.at(out), A=self.at(given[0]))

    def _split(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        (heads, rows, width), (_, across) = out.shape, given[0].shape
        index, of, _ = form.numbers
        self._by_rows(m.SPLIT, rows, heads * width, WIDTH=width, DEPTH=across, HEADS=heads,
                      OFFSET=across // int(of) * int(index), OUT=self.at(out), A=self.at(given[0]))

    def _merge(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        heads, rows, width = given[0].shape
        self._by_rows(m.MERGE, rows, heads * width, WIDTH=width, HEADS=heads, OUT=self.at(out),
                      A=self.at(given[0]))

    def _attention(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        heads, rows, sources = out.shape
        self._by_rows(m.ATTENTION, heads * rows, sources, DEPTH=sources, ROWS_A_HEAD=rows,
                      OUT=self.at(out), A=self.at(given[0]))

    # ---- Products ------------------------------------------------------------------------

    def _product(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        table, panels, *bias = given
        rows = out.size // out.shape[-1]
        shift = np.zeros(round_up(panels.width, PANEL), np.float32)
        if bias:
            shift[:panels.width] = bias[0]
        self.work += rows * panels.width * panels.depth
        if isinstance(panels, BytePanels):
            self._byte_product(table, panels, shift, out, rows)
        else:
            in_blocks = rows > 2 * TILE and panels.depth * 4 % SAME_PLACE_BYTES == 0
            deep = min(panels.depth, DEPTH) if in_blocks else panels.depth
            pieces, fields = self._shared_out(rows, panels.width, deep * 4)
            self._enter(m.PRODUCT, pieces, OUT=self.at(out), A=self.at(table),
                        B=self.at(panels.panels), C=self.at(shift), ROWS=rows, WIDTH=panels.width,
                        DEPTH=panels.depth, **fields)

    def _byte_product(self, table: np.ndarray, panels: BytePanels, shift: np.ndarray,
                      out: np.ndarray, rows: int) -> None:
        deep = round_up(panels.depth, 4)
        if (rows, deep) not in self._bytes:  # read by the next instruction, then free again
            self._bytes[rows, deep] = np.empty((rows, deep), np.uint8)
        quantised, steps = self._bytes[rows, deep], np.empty(rows, np.float32)
        self._by_rows(m.QUANTISE, rows, panels.depth, WIDTH=panels.depth, DEPTH=deep,
                      OUT=self.at(quantised), A=self.at(table), ROW_SCALES=self.at(steps))
        pieces, fields = self._shared_out(rows, panels.width, deep)
        self._enter(m.BYTE_PRODUCT, pieces, OUT=self.at(out), A=self.at(quantised),
                    B=self.at(panels.panels), C=self.at(shift), ROWS=rows, WIDTH=panels.width,
                    DEPTH=deep, SCALES=self.at(panels.scales),
                    CORRECTIONS=self.at(panels.corrections), ROW_SCALES=self.at(steps), **fields)

    def _shared_out(self, rows: int, width: int, column_bytes: int) -> tuple[int, dict[str, int]]:
        """How a product is cut: few rows into stretches of weights, many into blocks of both."""
        n_panels, panel_bytes = round_up(width, PANEL) // PANEL, column_bytes * PANEL
        at_once = STREAM_BYTES if rows <= 2 * TILE else NEAR_BYTES
        block = min(rows, BLOCK_ROWS)
        blocks = -(-rows // block)
        panels = max(1, min(at_once // panel_bytes, blocks * n_panels // (4 * self.n_threads)))
        pieces = blocks * -(-n_panels // panels)
        return pieces, {"ROWS_A_PIECE": block, "PANELS_A_PIECE": panels}

    # ---- Attention -----------------------------------------------------------------------

    def _by_heads(self, kind: int, heads: int, rows: int, number: float = 0.0, **fields: int):
        block = min(rows, BLOCK_ROWS)
        self._enter(kind, heads * -(-rows // block), number, ROWS=rows, ROWS_A_PIECE=block,
                    **fields)

    def _scores(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        (heads, rows, sources), depth = out.shape, given[0].shape[-1]
        self.work += heads * rows * sources * depth
        self.scratch_floats = max(self.scratch_floats, m.scratch_floats(depth, sources))
        self._by_heads(m.SCORES, heads, rows, form.numbers[0], WIDTH=sources, DEPTH=depth,
                       OUT=self.at(out), A=self.at(given[0]), B=self.at(given[1]),
                       C=self.at(np.zeros(round_up(sources, PANEL), np.float32)))

    def _mixed(self, form: Form, out: np.ndarray, given: Sequence) -> None:
        (heads, rows, width), sources = out.shape, given[0].shape[-1]
        self.work += heads * rows * sources * width
        self.scratch_floats = max(self.scratch_floats, m.scratch_floats(width, sources))
        self._by_heads(m.MIXED, heads, rows, WIDTH=width, DEPTH=sources, OUT=self.at(out),
                       A=self.at(given[0]), B=self.at(given[1]),
                       C=self.at(np.zeros(round_up(width, PANEL), np.float32)))

    # ---- Attention of a text that is being written -----------------------------------------

    def remember_keys(self, form: Form, keys: np.ndarray, table: np.ndarray) -> None:
        """New rows of keys, out of a table's part, as columns of (head panel head_embed column)."""
        self._remember(m.REMEMBER_KEYS, form, keys, table, keys.shape[2],
                       KEYS_A_HEAD=keys[0].size)

    def remember_values(self, form: Form, values: np.ndarray, table: np.ndarray) -> None:
        """New rows of values, out of a table's part, into (head panel position column)."""
        width = table.shape[1] // int(form.numbers[1]) // len(values)
        self._remember(m.REMEMBER_VALUES, form, values, table, width,
                       VALUES_A_HEAD=values[0].size, ROWS_A_HEAD=values.shape[2])

    def _remember(self, kind: int, form: Form, out: np.ndarray, table: np.ndarray,
                  width: int, **fields: int) -> None:
        rows, across = table.shape
        index, of, _ = form.numbers
        self.work += rows * len(out) * width
        self._enter(kind, len(out), ROWS=rows, WIDTH=width, DEPTH=across,
                    OFFSET=across // int(of) * int(index), OUT=self.at(out), A=self.at(table),
                    **fields)

    def attend(self, form: Form, out: np.ndarray, given: Sequence, skipped: int = 0) -> None:
        """Steps 6, 7 and 8 in one, over what is remembered.

        skipped  how many of the new rows come before those that ask
        """
        queries, keys, values = given
        heads, rows, width = out.shape
        capacity = values.shape[2]
        self.work += heads * rows * capacity * width
        self.scratch_floats = max(self.scratch_floats, m.scratch_floats(width, capacity))
        self._by_heads(m.ATTEND, heads, rows, form.numbers[0], WIDTH=width,
                       ROWS_A_HEAD=capacity, OUT=self.at(out), A=self.at(queries), B=self.at(keys),
                       C=self.at(values), OFFSET=skipped, KEYS_A_HEAD=keys[0].size,
                       VALUES_A_HEAD=values[0].size, ZEROS=self.at(np.zeros(PANEL, np.float32)))


def _go_together(one: list[int], following: list[int]) -> bool:
    """Whether one thread does a piece of both, with nobody waiting in between."""
    if one[m.PIECES] != following[m.PIECES]:
        return False
    if one[m.PIECES] == 1:
        return True
    if one[m.KIND] in m.HEAD_BY_HEAD and following[m.KIND] in m.HEAD_BY_HEAD:
        return True
    same_rows = all(one[field] == following[field] for field in (m.ROWS, m.ROWS_A_PIECE))
    return same_rows and one[m.KIND] in m.ROW_BY_ROW and following[m.KIND] in m.ROW_BY_ROW
