"""The picture of each operation: which kind it is, and the numbers that it needs.

An operation is drawn by what it is, whatever tables it is given. One that has no entry here, or
whose code was replaced, is drawn as what it reads, its code, and what it gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutaway.look.parts import calculated
from cutaway.look.picture.cells import Index, row_and_column
from cutaway.look.picture.records import Named, Share, number, numbers
from cutaway.workbook.run import Run

KINDS = {
    "table": "same", "product": "product", "add": "each", "subtract": "each", "multiply": "each",
    "divide": "each", "power": "each", "negative": "each", "sqrt": "constant",
    "last_axis": "constant", "transpose": "transpose", "look_up": "look_up", "part": "cut",
    "split_heads": "cut", "merge_heads": "join", "repeat_heads": "repeat", "rotate": "rotate",
    "causal": "mask", "softmax": "shares", "normalise": "normalise",
    "rms_normalise": "normalise", "gelu": "curve", "exact_gelu": "curve", "quick_gelu": "curve",
    "relu": "curve", "silu": "curve", "last_row": "last_row",
}
CODE = "code"  # the kind of everything else

MOST_TERMS = 2**14   # of a product
PATCH = 12           # rows and columns of a patch
FEW = 5
MOST_SHARES = 48     # of a row that is shown whole; of a longer one, half as many: the largest
CURVE_POINTS = 161
LEAST_CURVE = 4.0    # how far to either side of 0 a curve is drawn at least


@dataclass(frozen=True)
class Drawn:
    """What is drawn: an operation, what it is given and what it makes, and the cells in question.

    cells  of each thing that it is given
    """

    run: Run
    operation: str
    given: list[Named]
    cells: list[Index]
    made: Named
    index: Index


Fields = dict[str, Any]  # of a Stage


def fields(drawn: Drawn, kind: str) -> Fields:
    """What the picture of an operation has beside its words and its value."""
    lines = {"inputs": [one.line(cell) for one, cell
                        in zip(drawn.given, drawn.cells, strict=True)],
             "result": drawn.made.line(drawn.index)}
    more = FIELDS.get(kind)
    return lines | (more(drawn) if more else {})


def _product(drawn: Drawn) -> Fields:
    row, column = row_and_column(drawn.given, drawn.index)
    with np.errstate(all="ignore"):
        terms = row.astype(np.float64) * column
        sums = terms.cumsum()
    left, right = drawn.given
    return {"inputs": [left.line(drawn.cells[0], most=MOST_TERMS),
                       right.line(drawn.cells[1], axis=-2, most=MOST_TERMS)],
            "series": {"products": numbers(terms[:MOST_TERMS]), "sums": numbers(sums[:MOST_TERMS])},
            "values": {"terms": len(terms), "total": number(sums[-1])}}


def _shares(drawn: Drawn) -> Fields:
    scores, made = drawn.given[0], drawn.made
    row = scores.array[drawn.index[:-1]]
    shares, lit = made.array[drawn.index[:-1]], drawn.index[-1]
    with np.errstate(all="ignore"):
        largest = float(row.max())
        raised = np.exp(row.astype(np.float64) - largest)
    chosen = np.arange(len(row))
    if len(row) > MOST_SHARES:
        best = np.argsort(-shares, kind="stable")[:MOST_SHARES // 2]
        chosen = np.unique([*best.tolist(), lit])
    name = scores.axes[-1]
    return {"shares": [Share(int(one), scores.label(name, int(one)), number(row[one]),
                             number(raised[one]), number(shares[one])) for one in chosen],
            "values": {"largest": number(largest), "total": number(raised.sum()),
                       "others": len(row) - len(chosen), "count": len(row),
                       "rest": number(shares.sum(dtype=np.float64)
                                      - shares[chosen].sum(dtype=np.float64))}}


def _mask(drawn: Drawn) -> Fields:
    n_rows, n_columns = drawn.made.array.shape[-2:]
    return {"patches": [drawn.given[0].patch(drawn.index, PATCH, PATCH),
                        drawn.made.patch(drawn.index, PATCH, PATCH)],
            "values": {"before": n_columns - n_rows}}


def _normalise(drawn: Drawn) -> Fields:
    row = drawn.given[0].array[drawn.index[:-1]].astype(np.float64)
    eps = float(drawn.given[1].array)
    centred = drawn.operation == "normalise"
    with np.errstate(all="ignore"):
        mean = row.mean() if centred else 0.0
        spread = np.sqrt(((row - mean) ** 2).mean() + eps)
    return {"values": {"mean": number(mean), "spread": number(spread), "eps": number(eps),
                       "count": len(row)}}


def _curve(drawn: Drawn) -> Fields:
    row = drawn.given[0].array[drawn.index[:-1]]
    finite = np.abs(row[np.isfinite(row)])
    far = max(LEAST_CURVE, min(float(finite.max()) * 1.1 if finite.size else 0.0, 1e6))
    x = np.linspace(-far, far, CURVE_POINTS, dtype=row.dtype)
    return {"series": {"x": numbers(x), "y": numbers(calculated(drawn.run, drawn.operation, [x]))}}


def _look_up(drawn: Drawn) -> Fields:
    return {"patches": [drawn.given[0].patch(drawn.cells[0], FEW, PATCH)]}


def _transpose(drawn: Drawn) -> Fields:
    return {"patches": [drawn.given[0].patch(drawn.cells[0], PATCH // 2, PATCH // 2),
                        drawn.made.patch(drawn.index, PATCH // 2, PATCH // 2)]}


def _cut(drawn: Drawn) -> Fields:
    whole, made = drawn.given[0].array.shape[-1], drawn.made.array.shape[-1]
    return {"values": {"of": whole // made, "chosen": drawn.cells[0][-1] // made, "width": made}}


def _join(drawn: Drawn) -> Fields:
    heads, _, width = drawn.given[0].array.shape[-3:]
    return {"values": {"of": heads, "chosen": drawn.cells[0][-3], "width": width}}


def _repeat(drawn: Drawn) -> Fields:
    return {"values": {"times": int(drawn.given[1].array), "of": drawn.given[0].array.shape[-3],
                       "from": drawn.cells[0][-3], "chosen": drawn.index[-3]}}


def _rotate(drawn: Drawn) -> Fields:
    row, turned = (one.array[drawn.index[:-1]] for one in (drawn.given[0], drawn.made))
    half = len(row) // 2
    pair = drawn.index[-1] % half
    position, theta = drawn.given[1].at(drawn.cells[1]), float(drawn.given[2].array)
    return {"values": {"first": pair, "second": pair + half, "position": number(position),
                       "theta": number(theta), "angle": number(position * theta ** (-pair / half)),
                       "x": number(row[pair]), "y": number(row[pair + half]),
                       "turned_x": number(turned[pair]), "turned_y": number(turned[pair + half])}}


def _last_row(drawn: Drawn) -> Fields:
    return {"patches": [drawn.given[0].patch(drawn.cells[0], FEW, PATCH)]}


FIELDS: dict[str, Callable[[Drawn], Fields]] = {
    "product": _product, "shares": _shares, "mask": _mask, "normalise": _normalise,
    "curve": _curve, "look_up": _look_up, "transpose": _transpose, "cut": _cut, "join": _join,
    "repeat": _repeat, "rotate": _rotate, "last_row": _last_row,
}
