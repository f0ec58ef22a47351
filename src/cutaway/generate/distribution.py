"""From logits to one token, stage by stage: scaled, cut by k, cut by p, renormalised, drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cutaway.errors import BookError, SettingError, ShapeMismatch
from cutaway.generate.sampling import Sampling


@dataclass(frozen=True)
class Row:
    """One token at every stage of a distribution. What is cut has minus infinity from there on."""

    id: int
    logit: float
    scaled: float
    after_top_k: float
    after_top_p: float
    probability: float


@dataclass(frozen=True, eq=False)
class Distribution:
    """The choice of one token, stage by stage.

        choice = distribution(run[run.book.role("next_logits")], Sampling(0.8, top_k=40), draw=0.37)
        choice.rows(10)                      # the best ten, each stage beside the others
        choice.token                         # the id that the draw falls on

    Every stage is a table (vocabulary) in float64, made from the one before when it is read, so
    that a long text holds one table a token and not five.

    logits    what the model gave, as it gave it
    sampling  the settings
    draw      the random number, from 0 up to and without 1; None where none was drawn
    Source:   Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (top-p); the
              order of the cuts and what they keep are those of Hugging Face's logits processors,
              which leave open which of equally likely tokens top-p cuts
    """

    logits: np.ndarray
    sampling: Sampling
    draw: float | None = None

    @property
    def scaled(self) -> np.ndarray:
        """The logits divided by the temperature; by nothing when it is 0."""
        logits = self.logits.astype(np.float64)
        return logits if self.sampling.greedy else logits / self.sampling.temperature

    @property
    def after_top_k(self) -> np.ndarray:
        """The k highest stay, and whatever ties with the k-th; the others are minus infinity."""
        scaled, k = self.scaled, self.sampling.top_k
        if k is None or k >= len(scaled):
            return scaled
        lowest_kept = np.partition(scaled, -k)[-k]
        return np.where(scaled < lowest_kept, -np.inf, scaled)

    @property
    def after_top_p(self) -> np.ndarray:
        """The likeliest stay, as few as reach the share p; the others are minus infinity.

        From the least likely upwards, tokens are cut as long as all that is cut has at most 1 - p
        of the probability; the likeliest stays in any case. Of equally likely ones the highest id
        is cut first, so that what stays is always the top of `rows`.
        """
        scores, p = self.after_top_k, self.sampling.top_p
        if p is None:
            return scores
        rising = _best_first(scores)[::-1]
        cut = np.empty(len(scores), dtype=bool)
        cut[rising] = np.cumsum(_shares(scores[rising])) <= 1 - p
        cut[rising[-1]] = False
        return np.where(cut, -np.inf, scores)

    @property
    def probabilities(self) -> np.ndarray:
        """What stays, as shares of 1."""
        return _shares(self.after_top_p)

    @cached_property
    def highest(self) -> int:
        """The id with the highest logit; of equals, the lowest id. With NaN, the first of those."""
        return int(self.logits.argmax())

    @cached_property
    def token(self) -> int:
        """The chosen id: the one that the draw falls on, or the highest when greedy.

        The probabilities are laid end to end in the order of their ids, and the draw is a point
        on that line. Of equally high logits, greedy takes the lowest id.

        Raises:  SettingError when a draw is needed and there is none
        """
        if self.sampling.greedy:
            return self.highest
        if self.draw is None:
            raise SettingError(
                f"No random number was drawn, and temperature {self.sampling.temperature} needs "
                f"one to choose a token. Give a draw of at least 0 and below 1, or use "
                f"temperature 0 to take the highest.")
        ends = np.cumsum(self.probabilities)
        # The last end is 1 but for rounding; the draw is a share of it, and never falls past it.
        return int(np.searchsorted(ends, self.draw * ends[-1], side="right"))

    def rows(self, count: int = 10) -> list[Row]:
        """The highest logits at every stage, best first; of equals, the lowest id first."""
        best = _best_first(self.logits)[:count]
        stages = (self.logits, self.scaled, self.after_top_k, self.after_top_p, self.probabilities)
        columns = [stage[best].tolist() for stage in stages]
        return [Row(*cells) for cells in zip(best.tolist(), *columns, strict=True)]


def distribution(logits: np.ndarray | Sequence[float], sampling: Sampling,
                 draw: float | None = None) -> Distribution:
    """How a token is chosen from logits: every stage as a table.

    logits   (vocabulary): an array, a list, or a run's table
    draw     a random number of at least 0 and below 1; greedy needs none
    Raises:  ShapeMismatch, BookError when the logits are no basis for a choice, SettingError
    """
    array = np.asarray(logits)
    if array.ndim != 1 or not array.size:
        raise ShapeMismatch(
            f"The logits have the shape {' x '.join(map(str, array.shape)) or 'of one number'}; "
            f"one number for each token of the vocabulary is expected. Take the row of one "
            f"position: run[run.book.role('next_logits')].")
    made = Distribution(array, sampling, draw)
    if not math.isfinite(array[made.highest]):
        raise _no_choice(array)
    if draw is not None and not 0 <= draw < 1:
        raise SettingError(f"The draw is {draw!r}; a number of at least 0 and below 1 is expected, "
                           f"as a random generator gives it.")
    return made


def _no_choice(logits: np.ndarray) -> BookError:
    """Minus infinity rules a token out, unless it is every one; NaN and infinity are mistakes."""
    wrong = np.flatnonzero(np.isnan(logits) | (logits == np.inf))
    if wrong.size:
        return BookError(
            f"The logit of token {wrong[0]} is {logits[wrong[0]]}, so that no token can be chosen "
            f"({wrong.size} of {logits.size} are no finite number). Look for the first table that "
            f"holds such a number: an edit, a formula or a weight above made it.")
    return BookError("Every logit is minus infinity, so that no token can be chosen. "
                     "Leave at least one token of the vocabulary open.")


def _best_first(scores: np.ndarray) -> np.ndarray:
    """The ids in the order of their scores, highest first; of equals, the lowest id first."""
    return np.argsort(-scores, kind="stable")


def _shares(scores: np.ndarray) -> np.ndarray:
    """Softmax, step 7's and `next_probabilities`' formula, with exp(-infinity) = 0."""
    shares = np.exp(scores - scores.max())
    return shares / shares.sum()
