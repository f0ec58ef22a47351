"""The curves of an MLP in SQL: functions of each cell by itself, entered in `forms.py`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cutaway.engines.sql.relation import Relation
from cutaway.workbook.symbol import Symbol

if TYPE_CHECKING:
    from cutaway.engines.sql.forms import Statement

# The factors of t, the highest power first.
ERFC = (0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418,
        0.37409196, 1.00002368, -1.26551223)


def sigmoid_gated(half: float) -> "Callable[[Statement, Symbol], Relation]":
    """x times the sigmoid of x; `half` of the factor that x has in it."""
    def form(statement: "Statement", symbol: Symbol) -> Relation:
        table = statement.plain(symbol.arguments[0], "table_rows")
        return table.valued(f"0.5 * {table.value} * (1 + tanh({half} * {table.value}))", 2)

    return form


def gelu(statement: "Statement", symbol: Symbol) -> Relation:
    table = statement.plain(symbol.arguments[0], "table_rows")
    x = table.value
    return table.valued(f"0.5 * {x} * (1 + tanh(sqrt(2 / pi()) * "
                        f"({x} + 0.044715 * {x} * {x} * {x})))", 2)


def exact_gelu(statement: "Statement", symbol: Symbol) -> Relation:
    """x times the normal distribution below it.

    Databases have no common error function. Half of erfc(|x| / sqrt(2)) is within 1.2e-7 of itself.
    Source: Press et al., "Numerical Recipes" (1992), section 6.2, erfcc
    """
    table = statement.plain(symbol.arguments[0], "table_rows")
    x = table.value
    t = f"(1 / (1 + 0.5 * abs({x}) / sqrt(2)))"
    series = f"{ERFC[0]!r}"
    for factor in ERFC[1:]:
        series = f"{factor!r} + {t} * ({series})"
    tail = f"0.5 * {t} * exp(-0.5 * {x} * {x} + {series})"
    return table.valued(f"{x} * CASE WHEN {x} < 0 THEN {tail} ELSE 1 - {tail} END", 2)


def relu(statement: "Statement", symbol: Symbol) -> Relation:
    table = statement.opened(symbol.arguments[0], "table_rows")
    return table.valued(f"greatest({table.value}, 0)")
