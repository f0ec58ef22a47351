"""The loop that writes text: calculate, choose a token, append it, and again.

    for token in generate(model.run("Once upon a time"), Sampling(0.8, top_k=40), seed=1):
        print(token.text, end="", flush=True)
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, cast

import numpy as np

from cutaway.errors import PromptError, SettingError
from cutaway.generate.distribution import Distribution, distribution
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.generate.stop import UntilPhrase
from cutaway.tokenizer import TextStream, Tokenizer
from cutaway.workbook.run import Run

if TYPE_CHECKING:
    from cutaway.model import Model

Seed = int | np.random.Generator | None


@dataclass(frozen=True, eq=False)
class Token:
    """One token of a text that is being written.

    id            its id in the vocabulary
    text          the text that is certain now: whole characters only, so that it is empty while a
                  character's last bytes are still to come. All texts joined are the whole text
    distribution  how it was chosen
    run           the run that ends with this token; `generate(token.run)` goes on from here
    restarted     whether the context was full, and `run` starts anew from its newest tokens
    stopped_by    the stop phrase that ended the text, which `text` leaves out
    """

    id: int
    text: str
    distribution: Distribution
    run: Run
    restarted: bool = False
    stopped_by: str | None = None


def generate_text(model: "Model", prompt: str, sampling: Sampling = GREEDY, *,
                  max_tokens: int = 100, seed: Seed = None,
                  stop_tokens: Container[int] = frozenset(), stop: Sequence[str] = ()) -> str:
    """The text that follows a prompt, without the prompt. The settings are those of `generate`.

    Raises:  SettingError, EmptyPrompt, PromptTooLong, NotText
    """
    run = model.run(prompt, keep=())
    tokens = generate(run, sampling, max_tokens=max_tokens, seed=seed, stop_tokens=stop_tokens,
                      stop=stop)
    return "".join(token.text for token in tokens)


def generate(run: Run, sampling: Sampling = GREEDY, *, max_tokens: int = 100, seed: Seed = None,
             stop_tokens: Container[int] = frozenset(), stop: Sequence[str] = (),
             history: Sequence[int] | None = None) -> Iterator[Token]:
    """The tokens that follow a run, each as soon as it is chosen.

    A long text holds what its runs hold. Start it with `model.run(prompt, keep=())` to hold the
    keys and values only; a table of any token is then calculated again when it is read.

    max_tokens   the most tokens to write
    seed         a whole number for the same text every time; a generator, of which one number is
                 drawn for each token, none when greedy; None for another text every time
    stop_tokens  ids that end the text; the one that does is the last Token, and adds no text
    stop         phrases that end the text, looked for in what is written: the text ends before
                 the one that is complete first. A phrase may run over several tokens; what may be
                 its beginning is held back until that is certain
    history      the ids so far, where they are more than the run's, for the settings that look
                 back: to go on after a restart, `[*token.distribution.history, token.id]`
    Raises:      SettingError; PromptError when the run holds several prompts
    """
    if run.ids.ndim != 1:
        raise PromptError(f"The run holds {len(run.ids)} prompts, and one is expected. "
                          f"Start a run for each, and write a text with each.")
    if isinstance(max_tokens, bool) or not isinstance(max_tokens, Integral) or max_tokens < 0:
        raise SettingError(f"max_tokens is {max_tokens!r}; a whole number of at least 0 is "
                           f"expected: how many tokens to write at most. Try 100.")
    ids = [int(id) for id in (run.ids if history is None else history)]
    return _tokens(run, _Choices(sampling, random_generator(seed), ids), max_tokens, stop_tokens,
                   _Text(run, stop))


@dataclass(frozen=True)
class _Choices:
    """How tokens are chosen, and the ids so far."""

    sampling: Sampling
    random: np.random.Generator
    history: list[int]

    def next(self, run: Run) -> Distribution:
        choice = select_next_token(run, self.sampling, self.random, self.history)
        self.history.append(choice.token)
        return choice


def _tokens(run: Run, choices: _Choices, max_tokens: int, stop_tokens: Container[int],
            text: "_Text") -> Iterator[Token]:
    """The loop itself; `generate` has checked its settings before the first token is asked for."""
    for count in range(1, max_tokens + 1):
        choice = choices.next(run)
        run, restarted = append(run, choice.token)
        stopped = choice.token in stop_tokens
        piece = "" if stopped else text.add(choice.token)
        stopped = stopped or text.found is not None
        if stopped or count == max_tokens:
            piece += text.finish()
        yield Token(choice.token, piece, choice, run, restarted, text.found)
        if stopped:
            return


def select_next_token(run: Run, sampling: Sampling, random: np.random.Generator,
                      history: Sequence[int] | None = None) -> Distribution:
    """The choice of the token that follows a run; one number is drawn, none when greedy.

    history  the ids so far, where they are more than the run's
    """
    draw = None if sampling.greedy else random.random()
    logits = run.array(run.book.role("next_logits"))
    return distribution(logits, sampling, draw, run.ids if history is None else history)


def append(run: Run, token: int) -> tuple[Run, bool]:
    """The run with one more token, and whether it had to start anew.

    A model has no embedding for a position past its last. When every position is taken, the newest
    half of the tokens, this one included, becomes a run of its own from position 0 on: again a
    plain, full calculation, which has forgotten the older half. Edits stay.
    """
    n_positions = run.book.sizes["position"]
    if len(run.ids) < n_positions:
        return run.append(token), False
    newest = max(1, n_positions // 2)
    return run.edit("ids", np.append(run.ids, token)[-newest:]), True


def random_generator(seed: Seed) -> np.random.Generator:
    """NumPy's PCG64 from a seed, fresh for None; a generator is passed through.

    Raises:  SettingError when the seed is anything else than a whole number of at least 0
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0):
        raise SettingError(f"The seed is {seed!r}; a whole number of at least 0 is expected. "
                           f"The same seed gives the same text; leave it out for another text.")
    return np.random.Generator(np.random.PCG64(seed))


class _Text:
    """What turns the coming ids into text, the prompt behind it, up to a stop phrase.

    It has heard the prompt, whose last token may be the first bytes of a character. Without a
    tokenizer every text is empty.

    Raises:  SettingError for phrases without a tokenizer, and for an empty one
    """

    def __init__(self, run: Run, phrases: Sequence[str]):
        if isinstance(phrases, str):
            raise SettingError(f"stop is the text {phrases!r}; a list of phrases is expected: "
                               f"stop=[{phrases!r}].")
        self._until, self._stream = UntilPhrase(phrases), None
        if run.vocabulary is not None:
            self._stream = TextStream(cast(Tokenizer, run.vocabulary))
            for id in run.ids:
                self._stream.add(int(id))
        elif phrases:
            raise SettingError("The run has no tokenizer, so that no phrase can be looked for in "
                               "its text. Give stop_tokens, the ids that end it.")

    @property
    def found(self) -> str | None:
        return self._until.found

    def add(self, id: int) -> str:
        return self._until.add(self._stream.add(id)) if self._stream else ""

    def finish(self) -> str:
        """What was held back; nothing after a phrase."""
        if self._stream is None or self.found is not None:
            return ""
        return self._until.add(self._stream.finish()) + self._until.finish()
