"""Follow one number: the cells that it was made from, back to the weights; the cells that read it.

    cell = Cell(book.role("next_probabilities"), (261,))
    made_from(run, cell)[0]       # its own logit
    way_back(run, cell)           # along the largest contributions, down to a weight

What a cell contributes is what would be missing without it: an addend falls away, a product falls
away, a share is dealt out among the others. A factor contributes the whole product that it is in.
Where a curve is in between (`gelu`, `normalise`), what comes out is dealt out among what went in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from cutaway.look.parts import part_value, parts_of
from cutaway.workbook.run import Run
from cutaway.workbook.symbol import Symbol

MOST = 12
Index = tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """One number of a table: the table's full name, and an index for each of its axes."""

    table: str
    index: Index


@dataclass(frozen=True)
class Contribution:
    """A cell that a formula reads for a number, and what would be missing without it.

    line  which line of the cell's table is read with it: its "row", its "column", or "" for none
    """

    cell: Cell
    value: float
    amount: float
    line: str = ""


@dataclass(frozen=True)
class Reader:
    """A cell that reads another one, and by how much it moves when that one becomes 0."""

    cell: Cell
    value: float
    moves: float


# ---- Back ------------------------------------------------------------------------------------


def made_from(run: Run, cell: Cell, most: int = MOST) -> list[Contribution]:
    """The cells that the formula of a table reads for one number, the largest contribution first.

    Of equals, a calculated cell comes before a weight, so that the way leads on.

    returns  at most `most`; none for a weight, an input, a number that was typed over what its
             formula gives, or a formula that cannot be traced
    """
    if cell.table not in run.book.nodes:
        return []
    symbol = parts_of(run, cell.table)
    if symbol is None or _typed_over(run, symbol, cell):
        return []
    weights = run.book.weights
    found = sorted(_read(run, symbol, cell.index, most),
                   key=lambda one: (-abs(one.amount), one.cell.table in weights))
    return list({one.cell: one for one in reversed(found)}.values())[::-1][:most]


def one_cell(run: Run, part: Any, index: Index) -> Cell | None:
    """The cell that a part of a formula reads, where it is a single one."""
    found = {one.cell for one in _read(run, part, index, 2)}
    return found.pop() if len(found) == 1 else None


def way_back(run: Run, cell: Cell) -> list[Cell]:
    """The cells from one number back to a weight, along the largest contribution of each."""
    way = [cell]
    while (found := made_from(run, way[-1])) and way[-1].table not in run.book.weights:
        way.append(found[0].cell)
    return way


def _typed_over(run: Run, symbol: Symbol, cell: Cell) -> bool:
    if cell.table not in run.edits:
        return False
    number = _number_at(part_value(run, symbol), cell.index)
    return not np.isclose(number, run[cell.table].array[cell.index], rtol=1e-5, atol=1e-7)


def _read(run: Run, part: Any, index: Index, most: int) -> list[Contribution]:
    """What a part of a formula reads for one of its cells; the amounts are parts of its number."""
    if not isinstance(part, Symbol) or not part.axes:
        return []  # a plain number
    operation = part.operation
    if operation == "table":
        own = _within(index, run[part.name].shape)
        value = float(run[part.name].array[own])
        return [Contribution(Cell(part.name, own), value, value)]
    index = index[len(index) - len(part.axes):]
    if operation in run.book.operations or operation not in READS:
        return _whatever_comes_out(run, part, index, most)
    return READS[operation](run, part, index, most)


def _number_at(value: Any, index: Index) -> float:
    array = np.asarray(value)
    return float(array[_within(index, array.shape)])


def _within(index: Index, shape: tuple[int, ...]) -> Index:
    """The cell of a table that NumPy's broadcasting reads for a cell of a wider one."""
    return tuple(min(one, size - 1) for one, size
                 in zip(index[len(index) - len(shape):], shape, strict=True))


def _scaled(found: list[Contribution], by: float) -> list[Contribution]:
    return [replace(one, amount=one.amount * by) for one in found]


def _dealt_out(found: list[Contribution], total: float, line: str = "") -> list[Contribution]:
    """A number dealt out among what it was made from, in proportion."""
    sizes = [abs(one.amount) if isfinite(one.amount) else 0.0 for one in found]
    whole = sum(sizes)
    return [replace(one, amount=total * (size / whole if whole else 1 / len(found)),
                    line=line or one.line) for one, size in zip(found, sizes, strict=True)]


def _whatever_comes_out(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    """For a curve, or an operation of the user's own: its first table's cell at the same place."""
    inner = part.arguments[0]
    if not isinstance(inner, Symbol) or inner.shape != part.shape:
        return []
    return _dealt_out(_read(run, inner, index, most), _number_at(part_value(run, part), index))


def _over_row(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    found = _whatever_comes_out(run, part, index, most)
    return [replace(one, line="row") for one in found]


def _sum(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    left, right = part.arguments
    sign = -1.0 if part.operation == "subtract" else 1.0
    return _read(run, left, index, most) + _scaled(_read(run, right, index, most), sign)


def _factors(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    left, right = part.arguments
    one, other = (_number_at(part_value(run, side), index) for side in (left, right))
    if part.operation == "divide":
        divisor = _dealt_out(_read(run, right, index, most), one / other if other else 0.0)
        return _scaled(_read(run, left, index, most), 1 / other if other else 0.0) + divisor
    return (_scaled(_read(run, left, index, most), other)
            + _scaled(_read(run, right, index, most), one))


def _negative(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    return _scaled(_read(run, part.arguments[0], index, most), -1.0)


def _product(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    """The largest products of a row and a column: each with its cell of the row, of the column."""
    left, right = part.arguments
    row, column = row_and_column(run, part, index)
    products = row.astype(np.float64) * column
    found = []
    for place in np.argsort(-np.abs(products), kind="stable")[:most]:
        at_left, at_right = product_places(part, index, int(place))
        for side, at, by, line in ((left, at_left, column[place], "row"),
                                   (right, at_right, row[place], "column")):
            read = _scaled(_read(run, side, at, most), float(by))
            found += [replace(one, line=one.line or _line(side, line)) for one in read]
    return found


def _line(side: Any, line: str) -> str:
    """A column of a transposed table is a row of the table itself."""
    turned = isinstance(side, Symbol) and sum(
        one.operation == "transpose" for one in side.walk()) % 2
    return {"row": "column", "column": "row"}[line] if turned else line


def row_and_column(run: Run, product: Symbol, index: Index) -> tuple[np.ndarray, np.ndarray]:
    """The row and the column whose product is in a cell of a product."""
    left, right = (np.asarray(part_value(run, one)) for one in product.arguments)
    if left.ndim == 1:  # one row only
        return left, right[..., index[-1]]
    front = index[:-2]
    return (left[(*front[len(front) - (left.ndim - 2):], index[-2])],
            right[(*front[len(front) - (right.ndim - 2):], slice(None), index[-1])])


def product_places(product: Symbol, index: Index, place: int) -> tuple[Index, Index]:
    """The cells of the left and of the right table that are the product's factors at one place."""
    left, right = (len(one.axes) for one in product.arguments)
    front = index[:-2] if left > 1 else ()
    at_right = (*front[len(front) - (right - 2):], place, index[-1])
    if left == 1:
        return (place,), at_right
    return (*front[len(front) - (left - 2):], index[-2], place), at_right


def factors(run: Run, product: Symbol, index: Index, place: int) -> list[tuple[Cell | None, str]]:
    """The cells of the two factors at one place, with the line of its table that each is in."""
    places = zip(product.arguments, product_places(product, index, place), ("row", "column"),
                 strict=True)
    return [(one_cell(run, side, at), _line(side, line)) for side, at, line in places]


def _softmax(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    """Its own score, without which there is no share; the others, which take from it."""
    scores = part.arguments[0]
    row = np.asarray(part_value(run, scores))[index[:-1]].astype(np.float64)
    raised = np.exp(row - row.max())
    shares = raised / raised.sum()
    own = shares[index[-1]]
    found = _dealt_out(_read(run, scores, index, most), float(own), "row")
    for place in np.argsort(-shares, kind="stable")[:most]:
        if place != index[-1] and 0 < shares[place] < 1:
            taken = float(-own * shares[place] / (1 - shares[place]))
            found += _dealt_out(_read(run, scores, (*index[:-1], int(place)), most), taken, "row")
    return found


def _causal(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    return [] if index[-1] > index[-2] else _read(run, part.arguments[0], index, most)


def _look_up(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    table, rows = part.arguments
    n_rows = len(rows.axes)
    row = int(np.asarray(part_value(run, rows))[index[:n_rows]])
    found = _read(run, table, (row, *index[n_rows:]), most)
    return [replace(one, line=one.line or "row") for one in found]


def _rotate(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
    """Two columns of a row, turned by an angle."""
    table, positions, theta = part.arguments
    half = table.shape[-1] // 2
    column, pair = index[-1], (index[-1] + half) % (2 * half)
    place = float(np.asarray(part_value(run, positions))[index[-2]])
    angle = place * theta ** (-(column % half) / half)
    sign = -1 if column < half else 1
    return (_scaled(_read(run, table, index, most), float(np.cos(angle)))
            + _scaled(_read(run, table, (*index[:-1], pair), most), float(sign * np.sin(angle))))


def _moved(place: Callable[[Symbol, Index], Index]) -> Callable[..., list[Contribution]]:
    """A number that was only moved: where from."""

    def read(run: Run, part: Symbol, index: Index, most: int) -> list[Contribution]:
        return _read(run, part.arguments[0], place(part, index), most)

    return read


def _split(part: Symbol, index: Index) -> Index:
    *front, head, position, column = index
    return (*front, position, head * (part.shape[-1] or 0) + column)


def _merged(part: Symbol, index: Index) -> Index:
    *front, position, column = index
    head, rest = divmod(column, part.arguments[0].shape[-1])
    return (*front, head, position, rest)


# What each operation reads. One without an entry is a curve: of each cell by itself.
READS: dict[str, Callable[[Run, Symbol, Index, int], list[Contribution]]] = {
    "add": _sum, "subtract": _sum, "negative": _negative, "multiply": _factors,
    "divide": _factors, "product": _product, "softmax": _softmax, "causal": _causal,
    "look_up": _look_up, "rotate": _rotate, "normalise": _over_row, "rms_normalise": _over_row,
    "transpose": _moved(lambda part, index: (*index[:-2], index[-1], index[-2])),
    "part": _moved(lambda part, index: (
        *index[:-1], index[-1] + part.arguments[1] * (part.shape[-1] or 0))),
    "split_heads": _moved(_split), "merge_heads": _moved(_merged),
    "repeat_heads": _moved(lambda part, index: (
        *index[:-3], index[-3] // part.arguments[1], *index[-2:])),
    "last_row": _moved(lambda part, index: (
        *index[:-1], part.arguments[0].shape[-2] - 1, index[-1])),
}


# ---- Forwards --------------------------------------------------------------------------------


def read_by(run: Run, cell: Cell, most: int = 3) -> list[Reader]:
    """The cells that read a number, with how much each moves when the number becomes 0.

    The logits of every position are left out: the next token's are calculated beside them.

    returns  of each table that reads it at most `most`, what moves most first; none for an input
    """
    if cell.table in run.book.inputs:
        return []
    axes = run.book.axes(cell.table)
    without = run.edit(cell.table, 0, **dict(zip(axes, cell.index, strict=True)))
    wide = run.book.find_role("logits")
    found: list[Reader] = []
    for name in run.book.dependents(cell.table):
        if name != wide or run.book.find_role("next_logits") is None:
            found += _moving(name, run[name].array, without[name].array, most)
    return found


def _moving(name: str, before: np.ndarray, after: np.ndarray, most: int) -> list[Reader]:
    with np.errstate(all="ignore"):
        moves = after.astype(np.float64) - before
    moves[~np.isfinite(moves)] = 0
    order = np.argsort(-np.abs(moves), axis=None, kind="stable")[:most]
    places = [tuple(map(int, np.unravel_index(at, moves.shape))) for at in order]
    return [Reader(Cell(name, place), float(before[place]), float(moves[place]))
            for place in places if moves[place]]
