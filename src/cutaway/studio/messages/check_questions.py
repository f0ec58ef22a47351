"""What is asked about whether things are true: claims of the sources, measured, and
every table beside Hugging Face's."""

from cutaway.studio.messages import claim_answers as of_claims
from cutaway.studio.messages.question import Question


class Claims(Question):
    """Every claim of the sources about GPT-2, none of them measured."""

    answer = of_claims.Claims


class ClaimsMeasure(Question):
    """Measure every claim; each is pushed."""

    answer = of_claims.MeasuredClaims


class Verify(Question):
    """Compare every table with Hugging Face's implementation; each is pushed."""

    answer = of_claims.Certificate


VERBS: tuple[type[Question], ...] = (Claims, ClaimsMeasure, Verify)
