"""One page of a table as the grid's traits describe it."""

from typing import Any

import numpy as np

from cutaway.look import Matrix, number_range, shape_words


def described(page: Matrix, version: int, *, share: bool, editable: bool, compare: bool
              ) -> dict[str, Any]:
    """The trait `table` of the grid: which page it is, how large, and how its numbers look.

    version  counts the changes of the same page's numbers
    share    whether they are shares of 1
    """
    name, numbers = page.table.name, page.array
    words = [name, *(f"{axis} {index}" for axis, index in page.pages.items())]
    return {
        "key": ", ".join(words), "label": f"Table {', '.join(words)}", "version": version,
        "rows": numbers.shape[0], "columns": numbers.shape[1],
        "row_axis": page.rows, "column_axis": page.columns,
        "largest": max(map(abs, number_range(numbers))), "share": share,
        "whole": bool(np.issubdtype(numbers.dtype, np.integer)),
        "editable": editable, "compare": compare}


def caption(now: Matrix, before: Matrix | None) -> dict[str, Any]:
    """What stands over the grid: name, formula or origin, shape, the pages to choose from.

    before  the same page to compare with; then the caption says how many numbers moved
    """
    table = now.table
    sizes = dict(zip(table.axes, table.shape, strict=True))
    return {"name": table.name, "formula": table.provenance.formula,
            "origin": table.provenance.origin, "shape": shape_words(table),
            "pages": [{"axis": axis, "count": sizes[axis]} for axis in now.pages],
            "moved": None if before is None else int(np.count_nonzero(now.array != before.array))}
