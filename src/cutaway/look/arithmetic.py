"""What is typed into a cell as one number: arithmetic, percent, sums over tables.

The text is parsed; nothing of it is run.

    number_in("=12%", run)                      # 0.12
    number_in("2 * MAX(h3.attention[1])", run)  # twice the largest share of head 1
"""

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from cutaway.errors import FormulaError
from cutaway.workbook.run import Run

SIGNS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow}
FUNCTIONS: dict[str, Callable[[np.ndarray], float]] = {
    "SUM": np.sum, "AVERAGE": np.mean, "MAX": np.max, "MIN": np.min, "COUNT": np.size}
WRITTEN = f"numbers, + - * / ^ %, {', '.join(FUNCTIONS)}, and tables such as SUM(name[0, 3])"
PERCENT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%")
MOST_LETTERS = 1000


def number_in(text: str, run: Run) -> float:
    """The number that a text comes to.

    Raises:  FormulaError for what is no number; UnknownTable
    """
    if len(text) > MOST_LETTERS:
        raise FormulaError(f"A cell takes at most {MOST_LETTERS:,} letters.")
    plain = PERCENT.sub(r"(\1/100)", text.strip().removeprefix("=").replace("−", "-"))
    try:
        tree = ast.parse(plain.replace("^", "**").strip(), mode="eval").body
        with np.errstate(all="ignore"):
            value = np.asarray(_value(tree, run), np.float64)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"“{_short(text)}” is no number. A cell takes {WRITTEN}.") from None
    except ZeroDivisionError:
        raise FormulaError(f"“{_short(text)}” divides by 0.") from None
    except OverflowError:
        raise FormulaError(f"“{_short(text)}” is larger than any number here can be.") from None
    except IndexError:
        raise FormulaError(f"“{_short(text)}” names a row or a column that is not there.") from None
    if value.size != 1:
        raise FormulaError(f"“{_short(text)}” is {value.size:,} numbers, and a cell takes one. "
                           f"Write an index for each axis, or SUM, AVERAGE, MAX or MIN of them.")
    if not np.isfinite(value).all():
        raise FormulaError(f"“{_short(text)}” comes to {value.item()}; a finite number is "
                           f"expected.")
    return float(value.item())


def _value(node: ast.AST, run: Run) -> Any:
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            raise ValueError
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            return _value(inner, run) * (-1 if isinstance(sign, ast.USub) else 1)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in SIGNS:
            return SIGNS[type(sign)](_value(left, run), _value(right, run))
        case ast.Call(func=ast.Name(id=word), args=[*given], keywords=[]) if (
                word.upper() in FUNCTIONS and given):
            numbers = [np.ravel(np.asarray(_value(one, run), np.float64)) for one in given]
            return FUNCTIONS[word.upper()](np.concatenate(numbers))
        case ast.Subscript(value=table, slice=index):
            return _value(table, run)[_index(index)]
        case ast.Name() | ast.Attribute(value=ast.Name()):
            return run[ast.unparse(node)].array
    raise ValueError


def _index(node: ast.AST) -> Any:
    match node:
        case ast.Tuple(elts=parts):
            return tuple(map(_index, parts))
        case ast.Slice(lower=lower, upper=upper, step=None):
            return slice(lower and _index(lower), upper and _index(upper))
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
    raise ValueError


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
