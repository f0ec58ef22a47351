"""How much calculating a run is: the multiplications of its products of tables."""

import ast
from math import prod
from typing import Any

import numpy as np

from cutaway.workbook import Run
from cutaway.workbook.operations import OPERATIONS


def multiplications(run: Run) -> dict[str, int]:
    """For every table that a product makes, how many numbers are multiplied for it.

    The counts depend on the shapes alone: they are the same for every text of so many tokens.
    """
    return {name: count for name in run.book.nodes if (count := _of_table(run, name))}


def _of_table(run: Run, name: str) -> int:
    node = run.book.nodes[name]
    products = [one for one in ast.walk(_tree(node.step.formula))
                if isinstance(one, ast.BinOp) and isinstance(one.op, ast.MatMult)]
    if not products:
        return 0
    scope: dict[str, Any] = {**OPERATIONS}
    for word, full in zip(node.step.parameters, node.reads, strict=True):
        constants = run.book.constants
        scope[word] = constants[full] if full in constants else _shaped(run, full)
    return sum(_of_product(one, scope) for one in products)


def _tree(formula: str) -> ast.AST:
    try:
        return ast.parse(formula)
    except SyntaxError:
        return ast.Module([], [])


def _shaped(run: Run, name: str) -> np.ndarray:
    """A table of the right shape that takes no memory."""
    counts = {"position": len(run.ids), "source": len(run.ids)} if name in run.book.nodes else {}
    return np.broadcast_to(np.float32(0), [counts.get(axis, run.book.sizes.get(axis, 1))
                                           for axis in run.book.axes(name)])


def _of_product(tree: ast.BinOp, scope: dict[str, Any]) -> int:
    left, right = (np.shape(eval(compile(ast.fix_missing_locations(ast.Expression(side)), "<part>",
                                         "eval"), scope)) for side in (tree.left, tree.right))
    return prod(left) * right[-1]
