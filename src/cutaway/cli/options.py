"""Options and arguments that several verbs share, and what is read from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from secrets import randbits
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.files import read_standard_input
from cutaway.cli.prompt import prompt_ids, special_option
from cutaway.cli.say import say
from cutaway.tokenizer.text import check_text

if TYPE_CHECKING:
    from cutaway.generate import Sampling
    from cutaway.model import Model
    from cutaway.workbook import Run
    from cutaway.workbook.run import Engine

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Prompt(click.ParamType):
    """A text from the command line, or from standard input when it is `-`.

    Raises:  NotText when it is not valid Unicode
    """

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == "-":
            text = check_text(read_standard_input())
            return text.removesuffix("\n").removesuffix("\r")  # as $(...) in a shell does
        return check_text(_as_typed(value))


def _as_typed(value: str) -> str | bytes:
    """Bytes of the command line that are no UTF-8, which Python hides in lone surrogates."""
    try:
        return value if value.isascii() else value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value


PROMPT = Prompt()

model_option = click.option(
    "--model", default="storybook", metavar="NAME|PATH", show_default=True,
    help="A model of `cutaway models`, or the folder or file of one.")
TOKENIZER = "NAME|FOLDER"
TOKENIZER_HELP = ("gpt2 (OpenAI's own vocabulary, always at hand), a model of `cutaway models`, or "
                  "a folder with a tokenizer's files.")
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for a program to read.")


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of reading texts, given to the verb as `reading`."""
    @click.option("--as", "kind", metavar="KIND",
                  help="What files hold: text, lines (each a document), csv, jsonl or parquet.  "
                       "[default: by their endings, else text]")
    @click.option("--column", metavar="NAME",
                  help="The column or field that has the texts.  [default: text, or the only one]")
    @click.option("--encoding", default="utf-8", show_default=True, metavar="NAME",
                  help="How text was saved: utf-16, cp1252, ...")
    @wraps(function)
    def called(*, kind: str | None, column: str | None, encoding: str, **others: Any) -> Any:
        from cutaway.texts import Reading

        return function(reading=Reading(kind, column, encoding), **others)

    return called


@dataclass(frozen=True)
class Calculating:
    """How a prompt is read, and how runs are calculated: by which engine, in which precision, and
    in how much memory."""

    float64: bool
    memory_mib: int
    engine: str | None = None
    special: bool = False

    def run(self, model: "Model", prompt: str, keep: str | tuple[str, ...] = "*", *,
            long: bool = False) -> "Run":
        """A run of the model on a prompt as it was typed.  Others: as in `run_of`"""
        return self.run_of(model, self.ids(model, prompt), keep, long=long)

    def ids(self, model: "Model", prompt: str) -> list[int]:
        """The ids of a prompt as it was typed; hints for its writer go to standard error."""
        return prompt_ids(model, prompt, self.special)

    def run_of(self, model: "Model", ids: Sequence[int], keep: str | tuple[str, ...] = "*", *,
               long: bool = False) -> "Run":
        """A run of the model; says so where its tables will not all fit into the memory.

        long  whether so much is calculated that compiling for it is worth the wait
        """
        run = model.run(ids, engine=self._engine(model, long), keep=keep,
                        memory_budget_bytes=self.memory_mib * 2**20)
        needed_mib = sum(run.memory_needed().values()) / 2**20
        if keep and needed_mib > self.memory_mib:
            say(f"All tables of this run take {needed_mib:,.0f} MiB, and "
                f"{self.memory_mib:,} MiB are allowed: some are calculated again when they "
                f"are read again. --memory {needed_mib + 1:.0f} holds them all.", err=True)
        return run

    def _engine(self, model: "Model", long: bool) -> "Engine":
        """Raises:  SettingError"""
        import numpy as np

        from cutaway.engines import choice
        from cutaway.engines.numpy import NumpyEngine
        from cutaway.errors import SettingError

        if self.float64:
            if self.engine not in (None, "auto", "numpy"):
                raise SettingError(f"The engine {self.engine!r} calculates with 32-bit numbers; "
                                   f"--float64 needs the engine 'numpy'.")
            return NumpyEngine(np.float64)
        name = self.engine or choice.engine_of_environment()
        if long or name != "auto":
            choice.compile_for(name, model.book, lambda words: say(words, err=True))
        return choice.named_engine(name, model.book, compile_now=long)


def calculating_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of calculating a run, given to the verb as `calculating`."""
    @click.option("--float64", is_flag=True,
                  help="Calculate with 64-bit numbers instead of 32-bit ones.")
    @click.option("--memory", "memory_mib", default=4096, show_default=True, metavar="MIB",
                  type=click.IntRange(1), help="The most memory that tables may take.")
    @click.option("--engine", metavar="NAME", default=None,
                  help="numpy, compiled (native code), int8 (weights of a byte), or auto: native "
                       "code for large models.")
    @special_option
    @wraps(function)
    def called(*, float64: bool, memory_mib: int, engine: str | None, special: bool,
               **others: Any) -> Any:
        calculating = Calculating(float64, memory_mib, engine, special)
        return function(calculating=calculating, **others)

    return called


@dataclass(frozen=True)
class Writing:
    """How a text goes on: at most so many tokens, each chosen so."""

    max_tokens: int
    sampling: "Sampling"
    seed: int | None
    chosen_temperature: bool = True  # somebody gave it

    def samples(self, count: int) -> "dict[int, Writing]":
        """So many ways to write, by their seeds: the given one and those after it, or new ones.

        Raises:  SettingError where every text would be the same
        """
        from cutaway.errors import SettingError

        sampling = self.sampling
        if sampling.greedy and self.chosen_temperature:
            raise SettingError("At temperature 0 every sample is the same text. Give a temperature "
                               "above it, such as --temperature 0.8, or leave --samples out.")
        if sampling.greedy:
            sampling = replace(sampling, temperature=1.0)
        first = randbits(31) if self.seed is None else self.seed
        return {seed: Writing(self.max_tokens, sampling, seed)
                for seed in range(first, first + count)}


def writing_options(max_tokens: int) -> Decorator:
    """The options of writing text, given to the verb as `writing`.  max_tokens: the default"""
    options = (
        click.option("--max-tokens", default=max_tokens, show_default=True, metavar="N",
                     help="The most tokens to write."),
        click.option("--temperature", type=float, metavar="T",
                     help="0 always takes the likeliest token; above 1 the unlikely ones gain."),
        click.option("--top-k", type=int, metavar="K", help="Choose among the K likeliest only."),
        click.option("--top-p", type=float, metavar="P",
                     help="Choose among the likeliest that together reach the share P."),
        click.option("--repetition-penalty", type=float, metavar="R",
                     help="Above 1, tokens that the text has already become less likely."),
        click.option("--no-repeat-ngram", type=int, metavar="N",
                     help="N tokens in a row never come twice."),
        click.option("--seed", type=int, metavar="N", help="The same text on every run."),
    )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def called(*, max_tokens: int, temperature: float | None, top_k: int | None,
                   top_p: float | None, repetition_penalty: float | None,
                   no_repeat_ngram: int | None, seed: int | None, **others: Any) -> Any:
            from cutaway.generate import Sampling

            chance = any(one is not None for one in (top_k, top_p, seed))
            sampling = Sampling(_temperature(temperature, chance), top_k, top_p,
                                repetition_penalty, no_repeat_ngram)
            writing = Writing(max_tokens, sampling, seed, temperature is not None)
            return function(writing=writing, **others)

        for option in reversed(options):
            called = option(called)
        return called

    return decorate


def _temperature(given: float | None, chance: bool) -> float:
    """Greedy as long as nothing asks for chance; temperature 1 when something but it does."""
    if given is not None:
        return given
    return 1.0 if chance else 0.0


def examples(*lines: str) -> str:
    """Examples as they stand at the end of a verb's --help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
