"""What the worker answers about what was checked: claims of the sources, and every table."""

from typing import Literal, NotRequired, TypedDict


class ClaimLine(TypedDict):
    """A claim in words; with a result once it was measured.

    place   which of all claims it is, counted from 0
    result  "same", "differs", or "needs": what it cannot be measured without is in `measured`
    """

    place: int
    item: str
    mark: str
    subject: str
    says: str
    claimed: str
    source: str
    how: str
    result: NotRequired[Literal["same", "differs", "needs"]]
    measured: NotRequired[str]


class Claims(TypedDict):
    """Every claim, and what is said of the open model: whose weights it has."""

    claims: list[ClaimLine]
    model: str


class MeasuredClaims(TypedDict):
    """How many claims were measured before the end, or before it was stopped."""

    measured: int
    stopped: bool


class VerifiedTable(TypedDict):
    """A table beside Hugging Face's; `difference` is a share of its largest number, null where
    it has no end."""

    table: str
    outcome: Literal["same", "differs", "absent"]
    difference: float | None
    limit: float


class Certificate(TypedDict):
    """Every table that was compared before the end, or before it was stopped."""

    tables: list[VerifiedTable]
    stopped: bool
