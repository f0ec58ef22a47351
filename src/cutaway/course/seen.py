"""What a lesson's expressions can say of a run, beside the words that cells of one's own have."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from cutaway.engines.numpy import NumpyEngine
from cutaway.errors import LessonError, UnknownTable
from cutaway.generate import GREEDY, Distribution, Sampling, distribution, generate
from cutaway.look import (
    Guess,
    guesses_by_block,
    likeliest,
    multiplications_to_predict,
    parameter_count,
)
from cutaway.model import Model, open_tokenizer
from cutaway.scratch.labelled import Labelled, plain, with_labels
from cutaway.scratch.names import Names
from cutaway.scratch.source import NO_SOURCE, formula_tree, reads
from cutaway.tokenizer import Tokenizer
from cutaway.tokenizer.learn import Merge, learn_from_words
from cutaway.workbook import Run
from cutaway.workbook.address import changed

_MOST_WRITTEN = 200


class Seen:
    """A run as lessons speak of it: its tables by their names, and what one asks of them.

        given("The cat chases the dog").likeliest()
        edited("h4.attention[head=4]=0").probability(" his")
        given("She was").h4.attention[4, " was"]

    runs  the model's runs by their prompts, which all that is seen of one lesson share
    """

    def __init__(self, model: Model, run: Run, now: Run | None = None,
                 runs: dict[str, Run] | None = None):
        self._model, self._run, self._now = model, run, run if now is None else now
        self._runs = {} if runs is None else runs
        self._names = Names(run, model)

    # ---- The next token ------------------------------------------------------------------

    def likeliest(self, place: int = 0) -> str:
        """The text of the likeliest next token, or of the one at a place behind it."""
        return likeliest(self._run, place + 1)[place].text

    def probability(self, token: str) -> float:
        """How likely a token is to come next, from 0 to 1."""
        return float(self.next_probabilities[token])

    def logit(self, token: str) -> float:
        """How close the predicted embedding is to a token's."""
        return float(self.next_logits[token])

    def rank(self, token: str) -> int:
        """A token's place among all, by its probability; 1 is the likeliest."""
        shares = plain(self.next_probabilities)
        return int((shares > self.probability(token)).sum()) + 1

    def guesses(self) -> list[Guess]:
        """The likeliest next token if the model ended after each block."""
        return guesses_by_block(self._run)

    def writes(self, count: int, temperature: float = 0, top_k: int | None = None,
               top_p: float | None = None, seed: int | None = None) -> str:
        """The text that follows; greedy when the temperature is 0."""
        sampling = Sampling(temperature, top_k, top_p) if temperature else GREEDY
        tokens = generate(self._run, sampling, max_tokens=min(count, _MOST_WRITTEN), seed=seed)
        return "".join(token.text for token in tokens)

    def sampled(self, temperature: float = 1, top_k: int | None = None,
                top_p: float | None = None) -> Labelled:
        """How likely each token is to be drawn, after temperature and cuts."""
        chosen = self._chosen(Sampling(temperature, top_k, top_p))
        return self._of_tokens(chosen.probabilities)

    def drawn(self, draw: float, temperature: float = 1, top_k: int | None = None,
              top_p: float | None = None) -> str:
        """The token that a random number between 0 and 1 falls on."""
        chosen = self._chosen(Sampling(temperature, top_k, top_p), draw)
        return self._model.tokenizer.text_of(chosen.token)

    def logits_when(self, how: str) -> Labelled:
        """The next token's logits of the same prompt, calculated in another way.

        how      "float64", "float16", "token by token" (with remembered keys and values), or
                 "in a batch" (the same text eight times at once)
        """
        ids, name = self._run.ids, self._run.book.role("next_logits")
        if how == "token by token":
            run = self._model.run(ids[:1])
            for id in ids[1:]:
                run = run.append(int(id))
        elif how == "in a batch":
            run = self._model.run(np.stack([ids] * 8))
        else:
            run = self._model.run(ids, engine=NumpyEngine(np.dtype(how).type))
        return self._of_tokens(run.array(name).reshape(-1, len(self.next_logits))[0])

    def _chosen(self, sampling: Sampling, draw: float | None = None) -> Distribution:
        return distribution(plain(self.next_logits), sampling, draw)

    def _of_tokens(self, numbers: np.ndarray) -> Labelled:
        """One number for each token of the vocabulary, with their texts."""
        return with_labels(numbers, "", self.next_logits.rows, self._names.tokens)

    # ---- The run itself ------------------------------------------------------------------

    def tokens(self) -> list[str]:
        """The texts of the prompt's tokens."""
        return [self._model.tokenizer.text_of(int(id)) for id in self._run.ids]

    def multiplications(self) -> int:
        """How many multiplications it takes to predict the next token."""
        return multiplications_to_predict(self._run)

    def parameters(self) -> int:
        """How many numbers the model has learned."""
        return parameter_count(self._run.book)

    def given(self, prompt: str) -> "Seen":
        """The same model on another prompt."""
        if prompt not in self._runs:
            self._runs[prompt] = self._model.run(prompt)
        return Seen(self._model, self._runs[prompt], runs=self._runs)

    def edited(self, *changes: str) -> "Seen":
        """The same run after changes, each as `cutaway edit` takes it."""
        run = self._run
        for change in changes:
            run = changed(run, change)
        return Seen(self._model, run, runs=self._runs)

    @property
    def now(self) -> "Seen":
        """The workbook that is open, with everything that the visitor has done to it."""
        return Seen(self._model, self._now, runs=self._runs)

    def __getattr__(self, word: str) -> Any:
        if word.startswith("_"):
            raise AttributeError(word)
        found = self._names.meaning([word])
        if word in found:
            return found[word]
        role = self._run.book.find_role(word)
        if role is None:
            raise AttributeError(f"{self._model.name} has no table {word!r}")
        return self._names.table(role)

    # ---- Expressions ---------------------------------------------------------------------

    def value(self, expression: str) -> Any:
        """What an expression gives.

        Raises:  LessonError with what is wrong
        """
        try:
            code = compile(formula_tree(expression), "<lesson>", "eval")
            return eval(code, self._meaning(reads(expression)))
        except NO_SOURCE as error:
            raise LessonError(f"{expression!r} cannot be read: {error}.") from error
        except Exception as error:
            words = error.args[0] if isinstance(error, UnknownTable) else error
            raise LessonError(f"{expression!r} has no value with {self._model.name}: "
                              f"{words}") from error

    def _meaning(self, words: Iterable[str]) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in SAID}
        roles = {word: getattr(self, word) for word in words
                 if word not in self._run and self._run.book.find_role(word)}
        return {"__builtins__": PLAIN, **self._names.meaning(words), **roles, **own, **FUNCTIONS}


SAID = ("likeliest", "probability", "logit", "rank", "guesses", "writes", "sampled", "drawn",
        "logits_when", "tokens", "multiplications", "parameters", "given", "edited", "now")
PLAIN = {"__import__": __import__,  # NumPy imports some of its parts when they are first used
         "abs": abs, "len": len, "max": max, "min": min, "round": round, "sum": sum, "all": all,
         "any": any, "sorted": sorted, "range": range, "str": str, "int": int, "float": float,
         "set": set, "list": list, "zip": zip, "enumerate": enumerate}


# ---- Functions of what is given to them ------------------------------------------------------


def most(row: Labelled) -> str:
    """The token whose number is the largest of a row, or the number of its column."""
    return _label(row, int(np.argmax(plain(row))))


def least(row: Labelled) -> str:
    """The token whose number is the smallest of a row, or the number of its column."""
    return _label(row, int(np.argmin(plain(row))))


def top(row: Labelled, count: int) -> list[str]:
    """The tokens whose numbers are the largest of a row, the largest first."""
    return [_label(row, int(place)) for place in (-plain(row)).argsort(kind="stable")[:count]]


def _label(row: Labelled, place: int) -> str:
    axis, numbers = next(iter(row.rows.items()))
    label = row.tokens.label(axis, numbers[place]) if row.tokens else ""
    return label or str(numbers[place])


def ids(text: str, tokenizer: str) -> list[int]:
    """The ids that a tokenizer gives to a text."""
    return _tokenizer(tokenizer).encode(text)


def pieces(text: str, tokenizer: str) -> list[str]:
    """The texts of the tokens that a tokenizer cuts a text into."""
    opened = _tokenizer(tokenizer)
    return [opened.text_of(id) for id in opened.encode(text)]


def vocabulary_size(tokenizer: str) -> int:
    """How many tokens a tokenizer knows."""
    return len(_tokenizer(tokenizer))


def first_merges(count: int, tokenizer: str) -> list[str]:
    """The tokens that a tokenizer's first merges make."""
    return [(left + right).decode() for left, right in _tokenizer(tokenizer).merges[:count]]


def merge_rank(left: str, right: str, tokenizer: str) -> int:
    """The place in the list of merges of the one that joins two pieces; the first is 0."""
    return _tokenizer(tokenizer).merges.index((left.encode(), right.encode()))


def merged(word: str, tokenizer: str) -> list[str]:
    """What is joined on the way from a word's bytes to its tokens, in order."""
    steps = [step for pretoken in _tokenizer(tokenizer).encode_visibly(word).pretokens
             for step in pretoken.steps]
    return [b"".join(step.chosen.pair).decode() for step in steps]


def learned(count: int, **words: int) -> list[Merge[str]]:
    """The merges that words teach, each word cut into letters and standing there so often."""
    return list(learn_from_words({tuple(word): times for word, times in words.items()}, count))


def shares(numbers: Sequence[float]) -> np.ndarray:
    """Numbers as shares of 1: softmax in float64."""
    powers = np.exp(np.asarray(numbers, np.float64) - max(numbers))
    return powers / powers.sum()


@cache
def _tokenizer(name: str) -> Tokenizer:
    return open_tokenizer(name)


FUNCTIONS = {one.__name__: one for one in (
    most, least, top, ids, pieces, vocabulary_size, first_merges, merge_rank, merged, learned,
    shares)}
