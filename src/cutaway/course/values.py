"""How the value of an expression is written into a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cutaway.errors import LessonError
from cutaway.words import quoted

NO_VALUE = "—"


def percent(share: Any) -> str:
    """0.653 as "65 %"; a share below a tenth with one digit behind the point."""
    hundredths = 100 * float(share)
    return f"{hundredths:.0f} %" if abs(hundredths) >= 9.5 or hundredths == 0 \
        else f"{hundredths:.1f} %" if abs(hundredths) >= 0.05 else "less than 0.1 %"


def count(number: Any) -> str:
    """3505152 as "3,505,152"."""
    return f"{round(float(number)):,}"


def short(number: Any) -> str:
    """A number in at most four digits that say something."""
    return f"{float(number):.4g}".replace("e-0", "e-")


def listed(values: Any) -> str:
    """Several values with commas between them: tokens in quotation marks, numbers as they are."""
    return ", ".join(quoted(one) if isinstance(one, str) else
                     short(one) if isinstance(one, float | np.floating) else str(one)
                     for one in values)


SPECS: dict[str, Callable[[Any], str]] = {
    "percent": percent, "count": count, "token": quoted, "list": listed, "text": str,
    "times": lambda number: f"{float(number):.3g} times"}


def written(value: Any, spec: str = "") -> str:
    """A value as a sentence has it.

    spec     "percent", "count", "token", "list", "text", "times", or one of Python's own: ".2f"
    Raises:  LessonError when it cannot be written so
    """
    try:
        if spec in SPECS:
            return SPECS[spec](value)
        if spec:
            return format(float(value), spec)
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if isinstance(value, str):
            return quoted(value)
        return str(value) if isinstance(value, int | np.integer) else short(value)
    except (TypeError, ValueError) as error:
        raise LessonError(f"{value!r:.80} cannot be written as {spec or 'a number'}: "
                          f"{error}.") from error
