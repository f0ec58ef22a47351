"""Changes that put other numbers of the model's own into a table: its mean, or another prompt's."""

import numpy as np

from cutaway.errors import ShapeMismatch
from cutaway.workbook.run import Run
from cutaway.workbook.selection import Selector


def mean_of(run: Run, name: str, **cells: Selector) -> Run:
    """A run in which the selected cells hold the mean of their column over all positions.

        mean_of(run, "h3.mixed", head=1)         # what head 1 gives, without telling where

    Raises:  ShapeMismatch when the table has no positions; UnknownTable, UnknownRow
    Source:  "mean ablation"; Wang et al. 2022, "Interpretability in the Wild"
    """
    table = run[name]
    if "position" not in table.axes:
        raise ShapeMismatch(f"{name} ({' '.join(table.axes)}) has no positions to take a mean "
                            f"over. Choose a table with a row for each token of the prompt.")
    mean = table.array.mean(axis=table.axes.index("position"), keepdims=True)
    values = np.broadcast_to(mean, table.shape)
    return run.edit(name, table.selection(**cells).of(values), **cells)


def from_prompt(run: Run, name: str, prompt: str, **cells: Selector) -> Run:
    """A run in which the selected cells hold what they hold for another prompt.

        from_prompt(run, "h3.residual", "Sally is slow. She moves", position=7)

    The other prompt is calculated with the same formulas and without typed numbers. Where the
    prompts differ in length, rows that only one of them has are left alone.

    Raises:  UnknownTable, UnknownRow, EmptyPrompt, PromptTooLong
    Source:  "activation patching"; Meng et al. 2022, "Locating and Editing Factual Associations"
    """
    other = run.without_edits().edit("prompt", prompt)[name]
    mine = run[name].shape
    for axis, here, there in zip(other.axes, mine, other.shape, strict=True):
        if axis not in cells and here != there:
            cells[axis] = slice(0, min(here, there))
    return run.edit(name, other.selection(**cells).of(other.array), **cells)
