"""The loop that writes text: calculate, choose a token, append it, and again.

    for token in generate(model.run("Once upon a time"), Sampling(0.8, top_k=40), seed=1):
        print(token.text, end="", flush=True)
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, cast

import numpy as np

from cutaway.errors import PromptError, SettingError
from cutaway.generate.distribution import Distribution, distribution
from cutaway.generate.sampling import GREEDY, Sampling
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
    """

    id: int
    text: str
    distribution: Distribution
    run: Run
    restarted: bool = False


def generate_text(model: "Model", prompt: str, sampling: Sampling = GREEDY, *,
                  max_tokens: int = 100, seed: Seed = None,
                  stop_tokens: Container[int] = frozenset()) -> str:
    """The text that follows a prompt, without the prompt. The settings are those of `generate`.

    Raises:  SettingError, EmptyPrompt, PromptTooLong, NotText
    """
    run = model.run(prompt, keep=())
    tokens = generate(run, sampling, max_tokens=max_tokens, seed=seed, stop_tokens=stop_tokens)
    return "".join(token.text for token in tokens)


def generate(run: Run, sampling: Sampling = GREEDY, *, max_tokens: int = 100, seed: Seed = None,
             stop_tokens: Container[int] = frozenset()) -> Iterator[Token]:
    """The tokens that follow a run, each as soon as it is chosen.

    A long text holds what its runs hold. Start it with `model.run(prompt, keep=())` to hold the
    keys and values only; a table of any token is then calculated again when it is read.

    max_tokens   the most tokens to write
    seed         a whole number for the same text every time; a generator, of which one number is
                 drawn for each token, none when greedy; None for another text every time
    stop_tokens  ids that end the text; the one that does is the last Token, and adds no text
    Raises:      SettingError; PromptError when the run holds several prompts
    """
    if run.ids.ndim != 1:
        raise PromptError(f"The run holds {len(run.ids)} prompts, and one is expected. "
                          f"Start a run for each, and write a text with each.")
    if isinstance(max_tokens, bool) or not isinstance(max_tokens, Integral) or max_tokens < 0:
        raise SettingError(f"max_tokens is {max_tokens!r}; a whole number of at least 0 is "
                           f"expected: how many tokens to write at most. Try 100.")
    return _tokens(run, sampling, max_tokens, random_generator(seed), stop_tokens)


def _tokens(run: Run, sampling: Sampling, max_tokens: int, random: np.random.Generator,
            stop_tokens: Container[int]) -> Iterator[Token]:
    """The loop itself; `generate` has checked its settings before the first token is asked for."""
    stream = _text_stream(run)
    for count in range(1, max_tokens + 1):
        choice = select_next_token(run, sampling, random)
        run, restarted = append(run, choice.token)
        stopped = choice.token in stop_tokens
        text = stream.add(choice.token) if stream and not stopped else ""
        if stream and (stopped or count == max_tokens):
            text += stream.finish()
        yield Token(choice.token, text, choice, run, restarted)
        if stopped:
            return


def select_next_token(run: Run, sampling: Sampling, random: np.random.Generator) -> Distribution:
    """The choice of the token that follows a run; one number is drawn, none when greedy."""
    draw = None if sampling.greedy else random.random()
    return distribution(run.array(run.book.role("next_logits")), sampling, draw)


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


def _text_stream(run: Run) -> TextStream | None:
    """What turns the coming ids into text, the prompt behind it; None for a run without tokenizer.

    It has heard the prompt, whose last token may be the first bytes of a character.
    """
    vocabulary = run.vocabulary
    if vocabulary is None:
        return None
    stream = TextStream(cast(Tokenizer, vocabulary))
    for id in run.ids:
        stream.add(int(id))
    return stream
