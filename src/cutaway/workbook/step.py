"""A step: one small function that makes one table, and everything that is known about it."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, Literal, get_args

from cutaway.axes import parse_axes
from cutaway.errors import FormulaError
from cutaway.workbook.operations import OPERATIONS

Reach = Literal["row", "before", "all"]  # which rows of what it reads make a row of a table


@dataclass(frozen=True)
class Step:
    """How one table is made.

    name         the table's name within its block
    function     its parameters are the tables that it reads
    number       where the workshop's sheet has it: "6", or "5a" where a number has several
    axes         what the table's rows and columns are, outer to inner
    remembered   whether the table grows by a row when a token is appended, instead of being
                 needed for the new row only (the keys and the values: "the KV cache")
    formula      the body, as a user reads and edits it
    reach        what its author says of a formula that cannot be traced: a row is made from the
                 same "row" of what it reads, from that one and rows "before" it, or from "all";
                 None where nothing was said, which counts as all
    """

    name: str
    function: Callable[..., Any]
    number: str
    axes: tuple[str, ...]
    remembered: bool
    formula: str
    reach: Reach | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the tables that it reads."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def explanation(self) -> str:
        """What the table is, in words: the function's docstring."""
        return inspect.getdoc(self.function) or ""


def make_step(function: Callable, number: int | str, axes: str, remembered: bool = False,
              reach: Reach | None = None) -> Step:
    """The step that a function states, under the function's own name.

    Raises:  FormulaError when it is no plain function, or its parameters cannot be wiring
             (*args, **kwargs, defaults)
    """
    if not inspect.isfunction(function):
        raise FormulaError(f"{function!r} is no function that was written with def or lambda. "
                           f"A step is one; for the text of a formula use rewrite.")
    if reach is not None and reach not in get_args(Reach):
        raise FormulaError(f"{function.__name__}: its reach is {reach!r}; "
                           f"{', '.join(map(repr, get_args(Reach)))} or None is expected.")
    for parameter in inspect.signature(function).parameters.values():
        plain = parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        if not plain or parameter.default is not parameter.empty:
            raise FormulaError(
                f"{function.__name__}: the parameter {parameter} is not the name of a table. "
                f"A step's parameters are plain names, each a table that it reads.")
    return Step(function.__name__, function, str(number), parse_axes(axes), remembered,
                formula_of(function), reach)


def formula_of(function: Callable) -> str:
    """The body of a function as one formula, or as its lines where it has several.

    A function whose source is not at hand (typed into a shell) says so.
    """
    not_at_hand = f"{function.__name__}(...)  # its source is not at hand"
    known = getattr(function, "formula", None)
    if known is not None:
        return known
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return not_at_hand
    if not isinstance(definition, ast.FunctionDef):
        formulas = [node.body for node in ast.walk(definition) if isinstance(node, ast.Lambda)]
        return ast.unparse(formulas[0]) if len(formulas) == 1 else not_at_hand
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
        return ast.unparse(body[0].value)
    return "\n".join(ast.unparse(line) for line in body)


def function_from_formula(name: str, formula: str, explanation: str = "") -> Callable:
    """A step's function from the text of its formula: the names in it are the tables that it reads.

        function_from_formula("attention", "softmax(causal(scores)) * 0.5")

    The text is Python and runs with your rights: pass on formulas of your own only.

    Raises:  FormulaError when the text is no expression
    """
    example = "Write one expression over tables, for example softmax(causal(scores))."
    try:
        formula = " ".join(formula.split())  # typed over several lines, perhaps
        tree = ast.parse(formula, mode="eval")
        names = sorted((node for node in ast.walk(tree) if isinstance(node, ast.Name)),
                       key=lambda name: name.col_offset)
        reads = [word for word in dict.fromkeys(name.id for name in names)
                 if word not in OPERATIONS]
        arguments = ast.arguments([], [ast.arg(word) for word in reads], None, [], [], None, [])
        made = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, tree.body)))
        function = eval(compile(made, f"<formula of {name}>", "eval"), dict(OPERATIONS))
    except SyntaxError as error:
        if "set_int_max_str_digits" in error.msg:
            raise FormulaError(f"{name}: a number in this formula has thousands of digits. "
                               f"{example}") from None
        pointer = " " * ((error.offset or 1) - 1) + "^"
        raise FormulaError(f"{name}: this formula cannot be read ({error.msg}).\n"
                           f"  {formula}\n  {pointer}\n{example}") from None
    except (AttributeError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"{name}: {formula!r:.60} is no formula ({error}). {example}") from None
    function.__name__ = function.__qualname__ = name
    function.__doc__ = explanation
    function.formula = ast.unparse(tree)
    return function


def uses_operation(function: Callable, name: str) -> bool:
    """Whether a step's formula calls an operation by this name."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        if name in code.co_names:
            return True
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return False


def with_operations(function: Callable, operations: Mapping[str, Callable]) -> Callable:
    """The same function, calling other forms of some operations."""
    if not any(uses_operation(function, name) for name in operations):
        return function
    made = FunctionType(function.__code__, {**function.__globals__, **operations},
                        function.__name__, function.__defaults__, function.__closure__)
    made.__doc__ = function.__doc__
    made.__dict__.update(function.__dict__)
    return made
