"""What every question is: a verb with its fields, and the kind of its answer."""

import re
from typing import Any, ClassVar

from msgspec import Struct

from cutaway.studio.messages.worker_answers import Nothing


class Question(Struct, omit_defaults=True):
    """What is asked; a subclass is a verb, under its own name: CellRun is `cell_run`."""

    answer: ClassVar[Any] = Nothing


def verb_of(question: type[Question]) -> str:
    """The name under which a verb is asked."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", question.__name__).lower()
