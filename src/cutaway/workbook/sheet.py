"""A sheet: an ordered list of steps, and the weights that they read."""

from collections.abc import Callable

from cutaway.axes import parse_axes
from cutaway.workbook.step import Step, make_step


class Sheet:
    """Steps in the order in which they are calculated.

        block = Sheet("block", receives="stream", repeated=True, weights={"c_attn_w": "embed qkv"})

        @block.step(7, axes="head position source")
        def attention(scores):
            ...

    receives   the name by which steps read the last table of the sheet before
    repeated   whether the sheet stands in a book several times, as block 0, 1, ...
    weights    the axes of each weight table, by name
    """

    def __init__(self, name: str, *, weights: dict[str, str], receives: str | None = None,
                 repeated: bool = False):
        self.name, self.repeated = name, repeated
        self.receives = receives
        self.weights = {weight: parse_axes(axes) for weight, axes in weights.items()}
        self.steps: dict[str, Step] = {}

    def step(self, number: int | str, axes: str, remembered: bool = False) -> Callable:
        """Enter a function as the next step. The function itself stays as it is."""

        def enter(function):
            self.steps[function.__name__] = make_step(function, number, axes, remembered)
            return function

        return enter
