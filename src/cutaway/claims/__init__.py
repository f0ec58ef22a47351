"""What the sources state about GPT-2, each claim with the code that measures it."""

from cutaway.claims.arithmetic import arithmetic
from cutaway.claims.behaviour import behaviour
from cutaway.claims.claim import Claim, Subject
from cutaway.claims.learned import learned
from cutaway.claims.measure import (
    COMMAND,
    NAME,
    Measured,
    in_words,
    is_gpt2,
    is_openais,
    measured,
    plain,
)
from cutaway.claims.tokens import tokens

SUBJECTS: tuple[Subject, ...] = (tokens, arithmetic, learned, behaviour)
CLAIMS: tuple[Claim, ...] = tuple(claim for subject in SUBJECTS for claim in subject.claims)

__all__ = ["CLAIMS", "COMMAND", "NAME", "SUBJECTS", "Claim", "Measured", "Subject", "in_words",
           "is_gpt2", "is_openais", "measured", "plain"]
