"""Heat: how large a number is, as a colour behind it and as a shade that needs no colour."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rich.text import Text

Colour = tuple[int, int, int]

SHADES = "·░▒▓█"  # a fifth each of the largest number; an exact 0 is left empty
MIDDLE, BLUE, ORANGE = (247, 247, 244), (33, 102, 172), (217, 108, 20)
DARK_INK, LIGHT_INK = "#16181d", "#ffffff"


@dataclass(frozen=True)
class Heat:
    """The scale of one table.

    largest    the largest |number|
    diverging  whether there are negative numbers: blue below zero, orange above, else blue alone
    """

    largest: float
    diverging: bool

    def share(self, number: float) -> float:
        """How large a number is, from 0 to 1."""
        if math.isinf(number):
            return 1.0
        return abs(number) / self.largest if self.largest else 0.0

    def style(self, number: float) -> str:
        """The colour behind a number, and an ink that can be read on it."""
        if number == 0:
            return ""
        end = BLUE if number < 0 or not self.diverging else ORANGE
        red, green, blue = (round(a + (b - a) * self.share(number) ** 0.7)
                            for a, b in zip(MIDDLE, end, strict=True))
        ink = DARK_INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else LIGHT_INK
        return f"{ink} on #{red:02x}{green:02x}{blue:02x}"

    def shade(self, number: float, coloured: bool) -> "Text":
        """A number in two columns: its sign, and how large it is as a colour or a shade."""
        from rich.text import Text

        sign = "-" if number < 0 else " "
        if coloured:
            return Text(sign + " ", self.style(number))
        step = math.ceil(self.share(number) * len(SHADES))
        return Text(sign + (SHADES[step - 1] if step else " "))

    def legend(self, coloured: bool) -> str:
        """What the shades mean, in a line."""
        if coloured:
            words = "blue below zero, orange above" if self.diverging else "the darker, the larger"
        else:
            words = "  ".join(f"{shade} to {20 * step} %" for step, shade in enumerate(SHADES, 1))
        sign = "- marks numbers below zero; " if self.diverging else ""
        return f"{sign}{words}; the largest is {self.largest:.4g}"


def heat_of(array: np.ndarray) -> Heat:
    """The scale that fits a table."""
    finite = array[np.isfinite(array)]
    return Heat(float(np.abs(finite).max(initial=0)), bool((array < 0).any()))
