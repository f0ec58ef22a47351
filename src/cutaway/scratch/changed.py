"""What is different between two runs, found without calculating anything."""

import numpy as np

from cutaway.workbook import Run


def changed_between(before: Run, after: Run) -> set[str]:
    """The tables that may hold other numbers, and the operations that do something else.

    A table is among them when it was edited differently, has another formula, or is made from such
    a table; all are when the runs do not share their weights.
    """
    if before is after:
        return set()
    if not _same_model(before, after):
        return {*before, *after, *before.book.operations, *after.book.operations}
    operations = {*before.book.operations.items()} ^ {*after.book.operations.items()}
    changed = {name for name in {*before.edits, *after.edits}
               if before.edits.get(name) != after.edits.get(name)}
    changed |= {name for name, node in after.book.nodes.items()
                if node != before.book.nodes[name]}
    if not np.array_equal(before.ids, after.ids):
        changed |= set(after.book.inputs)
    return changed | after.book.downstream(changed) | {name for name, _ in operations}


def _same_model(before: Run, after: Run) -> bool:
    """Whether two runs are of one model: the same tables, and weights in the same memory."""
    if before.vocabulary is not after.vocabulary or [*before] != [*after]:
        return False
    untouched = [name for name in after.book.weights
                 if name not in before.edits and name not in after.edits]
    if not untouched:
        return False
    one, other = (run[untouched[-1]].array for run in (before, after))
    return one.dtype == other.dtype and np.may_share_memory(one, other)
