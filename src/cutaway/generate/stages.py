"""The stages from logits to scores: each a name, a short function, a sentence.

A stage takes the scores of the one before it (vocabulary), the settings, and the history: the ids
of the text so far (place), the oldest first. It gives scores again, minus infinity for a token that
is cut. A stage whose setting is not given leaves the scores as they are.

Source:  the order, and what each stage does, are those of Hugging Face's logits processors
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cutaway.generate.sampling import Sampling


@dataclass(frozen=True)
class Stage:
    """One stage of the choice.

    name      of its table: `Distribution.after_top_k`, `Row.after_top_k`, the database's column
    title     two or three words to stand above a column
    sentence  what it does
    shares    the heading of the probabilities that it leaves; of stages with the same one, the
              last one's are meant
    """

    name: str
    title: str
    sentence: str
    shares: str
    scores: Callable[[np.ndarray, Sampling, np.ndarray], np.ndarray]


def penalised(scores: np.ndarray, sampling: Sampling, history: np.ndarray) -> np.ndarray:
    """Source:  Keskar et al. 2019, "CTRL", and Hugging Face's choice for logits below 0"""
    penalty = sampling.repetition_penalty
    if penalty is None:
        return scores
    penalised, seen = scores.copy(), np.unique(history)
    before = scores[seen]
    penalised[seen] = np.where(before < 0, before * penalty, before / penalty)
    return penalised


def without_repeats(scores: np.ndarray, sampling: Sampling, history: np.ndarray) -> np.ndarray:
    """Source:  Paulus et al. 2017, "A Deep Reinforced Model for Abstractive Summarization" """
    n = sampling.no_repeat_ngram
    if n is None or len(history) < n:
        return scores
    ngrams = np.lib.stride_tricks.sliding_window_view(history, n)  # (place n)
    newest = history[len(history) - (n - 1):]
    begin_alike = (ngrams[:, :-1] == newest).all(axis=1)
    left = scores.copy()
    left[ngrams[begin_alike, -1]] = -np.inf
    return left


def divided(scores: np.ndarray, sampling: Sampling, history: np.ndarray) -> np.ndarray:
    return scores if sampling.greedy else scores / sampling.temperature


def cut_by_k(scores: np.ndarray, sampling: Sampling, history: np.ndarray) -> np.ndarray:
    k = sampling.top_k
    if k is None or k >= len(scores):
        return scores
    lowest_kept = np.partition(scores, -k)[-k]
    return np.where(scores < lowest_kept, -np.inf, scores)


def cut_by_p(scores: np.ndarray, sampling: Sampling, history: np.ndarray) -> np.ndarray:
    """From the least likely upwards, tokens are cut as long as all that is cut has at most 1 - p
    of the probability; the likeliest stays in any case. Of equally likely ones the highest id
    is cut first, so that what stays is always the top of `best_first`.

    Source:  Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration"; Hugging Face's
             processor leaves open which of equally likely tokens it cuts
    """
    p = sampling.top_p
    if p is None:
        return scores
    rising = best_first(scores)[::-1]
    cut = np.empty(len(scores), dtype=bool)
    cut[rising] = np.cumsum(shares(scores[rising])) <= 1 - p
    cut[rising[-1]] = False
    return np.where(cut, -np.inf, scores)


STAGES = (
    Stage("after_penalty", "penalty",
          "The logit of every token that is in the text already is divided by the repetition "
          "penalty, or multiplied by it where it is below 0.", "after penalty", penalised),
    Stage("after_no_repeat", "n-gram",
          "A token that would repeat n tokens in a row is cut.", "without repeats",
          without_repeats),
    Stage("scaled", "scaled",
          "Divided by the temperature; by nothing when it is 0.", "after temperature", divided),
    Stage("after_top_k", "top-k",
          "The k highest stay, and whatever ties with the k-th.", "after cuts", cut_by_k),
    Stage("after_top_p", "top-p",
          "The likeliest stay, as few as reach the share p.", "after cuts", cut_by_p),
)
MODEL_SAYS = "model says"  # the heading of the probabilities before every stage
TAKES_THE_HIGHEST = "Temperature 0 takes the highest logit: all of the probability is its own."


def stages_shown(sampling: Sampling) -> list[Stage]:
    """The stages that a reader is shown: the two that look back only where they are asked for."""
    idle = {"after_penalty": sampling.repetition_penalty is None,
            "after_no_repeat": sampling.no_repeat_ngram is None}
    return [stage for stage in STAGES if not idle.get(stage.name)]


def shares_shown(sampling: Sampling) -> dict[str, str]:
    """The headings of the probabilities on the way to the choice, each with what was done."""
    found = {MODEL_SAYS: "The probabilities as the model gives them."}
    for stage in stages_shown(sampling):
        certain = sampling.greedy and stage.name == "scaled"
        sentence = TAKES_THE_HIGHEST if certain else stage.sentence
        found[stage.shares] = f"{found.get(stage.shares, '')} {sentence}".lstrip()
    return found


def best_first(scores: np.ndarray) -> np.ndarray:
    """The ids in the order of their scores, highest first; of equals, the lowest id first."""
    return np.argsort(-scores, kind="stable")


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax, step 7's and `next_probabilities`' formula, with exp(-infinity) = 0."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()
