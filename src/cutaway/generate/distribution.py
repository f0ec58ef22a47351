"""From logits to one token, stage by stage: repeats held back, scaled, cut by k and p, drawn."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cutaway.errors import BookError, SettingError, ShapeMismatch
from cutaway.generate.sampling import Sampling
from cutaway.generate.stages import MODEL_SAYS, STAGES, best_first, shares, stages_shown

NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Row:
    """One token at every stage of a distribution. What is cut has minus infinity from there on."""

    id: int
    logit: float
    after_penalty: float
    after_no_repeat: float
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
    that a long text holds one table a token and not seven. `STAGES` lists them in their order.

    logits    what the model gave, as it gave it
    sampling  the settings
    draw      the random number, from 0 up to and without 1; None where none was drawn
    history   the ids of the text so far (place), the oldest first; empty where no setting asks
    """

    logits: np.ndarray
    sampling: Sampling
    draw: float | None = None
    history: np.ndarray = field(default_factory=lambda: NOTHING)

    def stages(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every stage after the logits with its name, one after the other."""
        scores = self.logits.astype(np.float64)
        for stage in STAGES:
            scores = stage.scores(scores, self.sampling, self.history)
            yield stage.name, scores

    def _after(self, name: str) -> np.ndarray:
        return next(scores for stage, scores in self.stages() if stage == name)

    @property
    def after_penalty(self) -> np.ndarray:
        """The logits, those of tokens that are in the text already made smaller."""
        return self._after("after_penalty")

    @property
    def after_no_repeat(self) -> np.ndarray:
        """A token that would repeat n tokens in a row is minus infinity."""
        return self._after("after_no_repeat")

    @property
    def scaled(self) -> np.ndarray:
        """Divided by the temperature; by nothing when it is 0."""
        return self._after("scaled")

    @property
    def after_top_k(self) -> np.ndarray:
        """The k highest stay, and whatever ties with the k-th; the others are minus infinity."""
        return self._after("after_top_k")

    @property
    def after_top_p(self) -> np.ndarray:
        """The likeliest stay, as few as reach the share p; the others are minus infinity."""
        return self._after("after_top_p")

    @property
    def probabilities(self) -> np.ndarray:
        """What stays, as shares of 1."""
        return shares(self.after_top_p)

    def shares_on_the_way(self) -> dict[str, np.ndarray]:
        """The probabilities from what the model says to what is drawn from, by their headings.

        The stages that look back are among them where they are asked for. Temperature 0 leaves
        all to the highest.
        """
        found = {MODEL_SAYS: shares(self.logits.astype(np.float64))}
        shown = {stage.name: stage.shares for stage in stages_shown(self.sampling)}
        decided = False
        for name, scores in self.stages():
            decided = decided or (name == "scaled" and self.sampling.greedy)
            if name in shown:
                found[shown[name]] = self._all_to_the_highest() if decided else shares(scores)
        return found

    def _all_to_the_highest(self) -> np.ndarray:
        certain = np.zeros(len(self.logits))
        certain[self.highest] = 1
        return certain

    @cached_property
    def highest(self) -> int:
        """The id with the highest logit once repeats are held back; of equals, the lowest id."""
        scores = self.after_no_repeat if self.sampling.looks_back else self.logits
        return int(scores.argmax())

    @cached_property
    def token(self) -> int:
        """The chosen id: the one that the draw falls on, or the highest when greedy.

        The probabilities are laid end to end in the order of their ids, and the draw is a point
        on that line. Greedy takes `highest`.

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
        best = best_first(self.logits)[:count]
        stages = dict(self.stages())
        tables = (self.logits, *stages.values(), shares(stages["after_top_p"]))
        columns = [table[best].tolist() for table in tables]
        return [Row(*cells) for cells in zip(best.tolist(), *columns, strict=True)]


def distribution(logits: np.ndarray | Sequence[float], sampling: Sampling,
                 draw: float | None = None,
                 history: Sequence[int] | np.ndarray = ()) -> Distribution:
    """How a token is chosen from logits: every stage as a table.

    logits   (vocabulary): an array, a list, or a run's table
    draw     a random number of at least 0 and below 1; greedy needs none
    history  the ids of the text so far, the oldest first, for the settings that look back
    Raises:  ShapeMismatch, BookError when the logits are no basis for a choice, SettingError
    """
    array = np.asarray(logits)
    if array.ndim != 1 or not array.size:
        raise ShapeMismatch(
            f"The logits have the shape {' x '.join(map(str, array.shape)) or 'of one number'}; "
            f"one number for each token of the vocabulary is expected. Take the row of one "
            f"position: run[run.book.role('next_logits')].")
    if not math.isfinite(array[array.argmax()]):
        raise _no_choice(array)
    seen = _checked(history, len(array)) if sampling.looks_back else NOTHING
    made = Distribution(array, sampling, draw, seen)
    if sampling.looks_back and not math.isfinite(made.after_no_repeat[made.highest]):
        raise SettingError(
            f"No token is left: each that the logits leave open would repeat "
            f"{sampling.no_repeat_ngram} tokens in a row. Raise no_repeat_ngram, or leave it out.")
    if draw is not None and not 0 <= draw < 1:
        raise SettingError(f"The draw is {draw!r}; a number of at least 0 and below 1 is expected, "
                           f"as a random generator gives it.")
    return made


def _checked(history: Sequence[int] | np.ndarray, n_vocabulary: int) -> np.ndarray:
    """Raises:  ShapeMismatch, SettingError when the ids so far are none"""
    ids = np.asarray(history)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise ShapeMismatch(f"The history has the shape {ids.shape} of {ids.dtype}; a row of token "
                            f"ids is expected, the oldest first: run.ids.")
    if ids.size and not 0 <= ids.min() <= ids.max() < n_vocabulary:
        raise SettingError(f"The history has ids from {ids.min()} to {ids.max()}; the logits "
                           f"are of {n_vocabulary:,} tokens. Give the ids of the same model.")
    return ids.astype(np.int64)


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
