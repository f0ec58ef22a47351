"""A cell's source: the names that it reads and makes, and the code that Python runs."""

import ast
import linecache
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

VALUE = "__value__"  # where a code cell's last expression leaves what it gives
NO_SOURCE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what Python says of no Python
_BLOCK = re.compile(r"h\d+")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_OWN_SCOPE = (*_FUNCTIONS, ast.ClassDef, ast.comprehension)

Tree = ast.Module | ast.Expression


@dataclass(frozen=True)
class Words:
    """The names in a source.

    reads  what it reads and does not make itself: "logits", "h3.attention", "queen", "softmax"
    makes  the names that it leaves behind, each with the line on which it is made first
    """

    reads: frozenset[str]
    makes: dict[str, int]


def reads(source: str) -> frozenset[str]:
    """The names that a source reads; none when it is no Python.

        reads('logits[0] @ h3.keys.T + queen.sum()')     # {'logits', 'h3.keys', 'queen'}

    A table of a block is read by its full name. A block as a whole, as in `getattr(h3, name)`, is
    read as "h3". `run["h3.keys"]` reads "h3.keys", and any other use of `run` reads "run".
    """
    try:
        return words_of(code_tree(source)).reads
    except NO_SOURCE:
        return frozenset()


def words_of(tree: Tree) -> Words:
    """What a source reads and makes; names that its functions keep to themselves are neither."""
    makes: dict[str, int] = {}
    for name, line in _names_made(tree):
        makes[name] = min(line, makes.get(name, line))
    outside = _names_from_outside(tree)
    uses = {full for first, full in _uses(tree) if first in outside}
    return Words(frozenset(uses - makes.keys()), makes)


def formula_tree(source: str) -> ast.Expression:
    """The tree of one expression, perhaps over several lines, with or without = in front.

    Raises:  SyntaxError, as Python says it
    """
    if re.match(r"\s*=(?!=)", source):  # the habit of other spreadsheets
        source = source.replace("=", " ", 1)
    try:
        return ast.parse(source.lstrip(" \t"), mode="eval")
    except SyntaxError as error:
        return _tree_in_brackets(source, error)


def _tree_in_brackets(source: str, error: SyntaxError) -> ast.Expression:
    """The tree of an expression over several lines; the error that was found when it is none."""
    try:
        tree = ast.parse(f"({source}\n)", mode="eval")
    except SyntaxError as other:
        further = (error.lineno or 1) < (other.lineno or 1) <= source.count("\n") + 1
        raise (other if further else error) from None
    if "(" not in source and isinstance(tree.body, ast.Tuple) and not tree.body.elts:
        raise error  # nothing but the brackets
    return tree


def code_tree(source: str) -> ast.Module:
    """The tree of any Python.  Raises:  SyntaxError"""
    return ast.parse(source)


def keep_last_value(tree: ast.Module) -> ast.Module:
    """The same tree; what its last expression gives is left in VALUE."""
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return tree
    last = tree.body[-1]
    kept = ast.Assign([ast.Name(VALUE, ast.Store())], last.value)
    ast.fix_missing_locations(ast.copy_location(kept, last))
    return ast.Module([*tree.body[:-1], kept], tree.type_ignores)


def compiled(tree: Tree, source: str, file: str) -> CodeType:
    """Code whose lines a traceback and a debugger can show."""
    # With None in place of a time of change, linecache does not look for such a file on the disk.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return compile(tree, file, "eval" if isinstance(tree, ast.Expression) else "exec")


def _uses(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Every name read, with the full name of the table that it leads to."""
    value = getattr(node, "value", None)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id, node.id
    elif isinstance(node, ast.Attribute) and isinstance(value, ast.Name) \
            and _BLOCK.fullmatch(value.id):
        yield value.id, f"{value.id}.{node.attr}"
    elif isinstance(node, ast.Subscript) and isinstance(value, ast.Name) and value.id == "run" \
            and isinstance(node.slice, ast.Constant):
        yield "run", str(node.slice.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _uses(child)


def _names_from_outside(tree: Tree) -> set[str]:
    """The names that are read from outside of functions and comprehensions."""
    kind = "eval" if isinstance(tree, ast.Expression) else "exec"
    outermost = symtable.symtable(ast.unparse(tree), "<cell>", kind)
    found, waiting = set(), [outermost]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()
                  and (table is outermost or symbol.is_global())}
    return found


def _names_made(node: ast.AST, within: bool = False) -> Iterator[tuple[str, int]]:
    """Every name bound outside of functions, or declared global within one, and its line."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not within:
        yield node.name, node.lineno
    elif isinstance(node, ast.Import | ast.ImportFrom) and not within:
        for alias in node.names:
            yield (alias.asname or alias.name).partition(".")[0], node.lineno
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not within:
        yield node.id, node.lineno
    elif isinstance(node, ast.Global):
        for name in node.names:
            yield name, node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _names_made(child, within or isinstance(node, _OWN_SCOPE))
