"""Bars made of block characters: a length that every terminal and every pipe can show."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

BLUE = "#4c8fd6"
EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Bar:
    """A cell of a table that is as long as a share of the room that is left for it.

    share  from 0 to 1; whatever is above nothing shows at least a sliver
    """

    share: float
    style: str = BLUE

    def drawn(self, width: int) -> "Text":
        """The bar in a room of so many columns, to an eighth of a column."""
        from rich.text import Text

        least = 1 if self.share > 0 and width else 0
        whole, rest = divmod(max(least, round(min(self.share, 1) * width * 8)), 8)
        return Text("█" * whole + (EIGHTHS[rest] if rest else ""), style=self.style)
