"""A sheet: an ordered list of steps, and the weights that they read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cutaway.axes import parse_axes
from cutaway.workbook.step import Reach, Step, function_from_formula, make_step


class Sheet:
    """Steps in the order in which they are calculated.

        block = Sheet("block", receives="stream", weights={"mix_w": "embed hidden"})

        @block.step(7, axes="head position source")
        def attention(scores):
            ...

        Book([embed, block.at(0), block.at(1), head], ...)

    receives   the name by which steps read the last table of the sheet before
    weights    the axes of each weight table, by name
    """

    def __init__(self, name: str, *, weights: dict[str, str], receives: str | None = None):
        self.name, self.receives = name, receives
        self.weights = {weight: parse_axes(axes) for weight, axes in weights.items()}
        self.steps: dict[str, Step] = {}

    def step(self, number: int | str, axes: str, remembered: bool = False,
             reach: Reach | None = None) -> Callable:
        """Enter a function as the next step. The function itself stays as it is.

        reach  which rows it reads, where its formula is more than the words of formulas can say
        """

        def enter(function):
            self.steps[function.__name__] = make_step(function, number, axes, remembered, reach)
            return function

        return enter

    def varied(self, formulas: Mapping[str, str], explanations: Mapping[str, str],
               weights: Mapping[str, str]) -> "Sheet":
        """The same sheet with other formulas for some of its steps; the sheet itself if for none.

            block.varied({"attention": "softmax(scores)"}, {}, {})

        formulas      what makes a table, by the table's name
        explanations  what a table is, where that is not the same either
        weights       the axes of weights that the formulas read besides; those that nothing reads
                      any more are left out
        """
        if not (own := [name for name in self.steps if name in formulas]):
            return self
        made = Sheet(self.name, receives=self.receives, weights={})
        made.steps = dict(self.steps)
        for name in own:
            old = self.steps[name]
            function = function_from_formula(name, formulas[name],
                                             explanations.get(name, old.explanation))
            made.steps[name] = replace(old, function=function, formula=formulas[name])
        read = {word for step in made.steps.values() for word in step.parameters}
        known = {**self.weights, **{name: parse_axes(axes) for name, axes in weights.items()}}
        made.weights = {name: axes for name, axes in known.items() if name in read}
        return made

    def at(self, block: int | None = None, receives: str | None = None) -> "PlacedSheet":
        """The sheet at its place in a book.

        block     the block that its tables belong to: they are called h3.attention, ...
        receives  the full name of the table that it receives; the last one before it if None
        """
        return PlacedSheet(self, block, receives)


@dataclass(frozen=True)
class PlacedSheet:
    """A sheet at its place in a book, as `Sheet.at` gives it."""

    sheet: Sheet
    block: int | None = None
    receives: str | None = None
