"""Which operation code can stand in a workbook's file as a plain `def`, and mean the same there.

In the studio, operation code has names of its own: NumPy as `np`, and the model's operations. A
`def` in a file sees the file's names, so it is written as one only where the two are the same.
"""

import ast
import builtins
import symtable
from collections.abc import Collection

from cutaway.studio.share.literals import is_plain

# The names of `cutaway.workbook.operations`, which would load NumPy; a test holds them together.
OPERATIONS = frozenset({
    "sqrt", "last_axis", "transpose", "look_up", "part", "split_heads", "merge_heads", "causal",
    "softmax", "normalise", "gelu", "last_row", "repeat_heads", "rotate", "rms_normalise", "silu",
    "exact_gelu", "quick_gelu", "relu"})
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def names_of_plain_def(name: str, source: str) -> frozenset[str] | None:
    """The names that a plain `def` reads from outside; None where the source is anything else.

    A plain `def` is one function of that name and perhaps comments: no decorator, no import, and
    nothing to read from outside but `np`, Python's own functions and the model's operations.
    """
    try:
        body = ast.parse(source).body
        names = _names_from_outside(symtable.symtable(source, "<operation>", "exec"))
    except NOT_PYTHON:
        return None
    known = OPERATIONS | {"np", *dir(builtins)}
    plain = is_plain(source) and names <= known and _is_one_function(body, name)
    return names if plain else None


def clashes(name: str, names: Collection[str], redefined: Collection[str]) -> bool:
    """Whether code reads another operation that the same file defines anew.

    In the studio it reads the model's own.
    """
    return any(other in redefined for other in names if other != name)


def _is_one_function(body: list[ast.stmt], name: str) -> bool:
    """Whether statements are one function of that name, which reaches for nothing outside."""
    match body:
        case [ast.FunctionDef(decorator_list=[]) as function] if function.name == name:
            return not any(isinstance(node, ast.Global) for node in ast.walk(function))
    return False


def _names_from_outside(table: symtable.SymbolTable) -> frozenset[str]:
    """Every name that some code, or a function in it, looks up outside of functions."""
    found, waiting = set(), [table]
    while waiting:
        one = waiting.pop()
        waiting += one.get_children()
        found |= {symbol.get_name() for symbol in one.get_symbols()
                  if symbol.is_referenced() and (one is table or symbol.is_global())}
    return frozenset(found)
