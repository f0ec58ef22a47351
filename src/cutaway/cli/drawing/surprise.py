"""A text coloured by how unexpected each token was, and a table of its tokens."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cutaway.cli.drawing.flow import print_tokens
from cutaway.cli.drawing.heat import SHADES, Heat
from cutaway.cli.screen import Screen, percent
from cutaway.look.surprise import LEVELS
from cutaway.words import quoted

if TYPE_CHECKING:
    from cutaway.look import Surprise

DARKEST = Heat(12.0, True)  # orange; 12 bits are one of 4,096 tokens


def draw_text(screen: Screen, found: "Sequence[Surprise]") -> None:
    """The tokens with their bits beneath, each as dark as it was unexpected."""
    below = [_bits(one) if screen.has_colour else f"{_bits(one)}{shade_of(one)}" for one in found]
    print_tokens(screen, [one.text for one in found], below, under="bits",
                 styles=[style_of(one) for one in found])
    if screen.has_colour:
        screen.note("The darker, the more unexpected.")
    else:
        words = [f"{shade} from {bits}" for shade, bits in zip(SHADES, (0, *LEVELS), strict=True)]
        screen.note(f"Bits: {'  '.join(words)}")


def draw_table(screen: Screen, found: "Sequence[Surprise]") -> None:
    """A line for each token: how likely it was, its rank, and what was likelier."""
    rows: list[list[Any]] = [
        [str(one.place), quoted(one.text), _bits(one),
         "" if one.probability is None else percent(one.probability),
         "" if one.rank is None else f"{one.rank:,}",
         "  ".join(f"{quoted(guess.text)} {percent(guess.probability)}" for guess in one.likelier)]
        for one in found]
    screen.table(["place", "token", "bits", "probability", "rank", "the likeliest"], rows,
                 right=[0, 2, 3, 4], wrap=[5])


def style_of(one: "Surprise") -> str:
    return "" if one.bits is None else DARKEST.style(min(one.bits, DARKEST.largest))


def shade_of(one: "Surprise") -> str:
    """The shade that needs no colour: one of five."""
    return "" if one.bits is None else SHADES[one.level]


def _bits(one: "Surprise") -> str:
    return "" if one.bits is None else f"{one.bits:.1f}"
