"""Two dialects of SQL, as a table of their differences. Everything else is written once."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How one database says what the two say differently.

    name         as a user knows it
    divide       whole numbers divided, the rest left out
    array        the type of n numbers in one cell
    pack         a column's values, in an order, as one such cell
    inner        the sum of the products of two such cells
    unpack       such a cell as one row a number
    count_up     the numbers 0 to n - 1, one a row
    replace      a table made by a query, in the place of the one of that name
    code_point   a character's number in Unicode
    hexadecimal  a text's bytes in UTF-8, two hexadecimal digits each
    """

    name: str
    divide: str
    array: Callable[[int], str]
    pack: Callable[[str, str, int], str]
    inner: Callable[[str, str], str]
    unpack: Callable[[str], str]
    count_up: Callable[[str], str]
    replace: Callable[[str, str], str]
    code_point: Callable[[str], str]
    hexadecimal: Callable[[str], str]


DUCKDB = Dialect(
    name="DuckDB",
    divide="//",
    array=lambda count: f"FLOAT[{count}]",
    pack=lambda value, order, count: f"list({value} ORDER BY {order})::FLOAT[{count}]",
    inner=lambda left, right: f"array_inner_product({left}, {right})",
    unpack=lambda cell: f"unnest({cell})",
    count_up=lambda count: f"unnest(range({count}))",
    replace=lambda name, query: f"CREATE OR REPLACE TABLE {name} AS\n{query};",
    code_point=lambda character: f"unicode({character})",
    hexadecimal=lambda text: f"hex(encode({text}))",
)

POSTGRESQL = Dialect(
    name="PostgreSQL",
    divide="/",
    array=lambda count: f"vector({count})",
    pack=lambda value, order, count: f"array_agg({value} ORDER BY {order})::vector({count})",
    inner=lambda left, right: f"inner_product({left}, {right})",
    unpack=lambda cell: f"unnest({cell}::real[])",
    count_up=lambda count: f"generate_series(0, {count} - 1)",
    replace=lambda name, query: (f"DROP TABLE IF EXISTS {name} CASCADE;\n"
                                 f"CREATE TABLE {name} AS\n{query};"),
    code_point=lambda character: f"ascii({character})",
    hexadecimal=lambda text: f"upper(encode(convert_to({text}, 'UTF8'), 'hex'))",
)
