"""An opened model: its shape, its book, its weights and its tokenizer, ready to run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from cutaway.engines.choice import default_engine
from cutaway.errors import TokenizerFileError
from cutaway.models import GPT2 as GPT2_RECORD
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.words import did_you_mean
from cutaway.workbook.book import Book
from cutaway.workbook.run import Engine, Run, start_run

if TYPE_CHECKING:
    from cutaway.tokenizer import Tokenizer
    from cutaway.weights import ModelFiles, Weights

BUNDLED = "storybook"
GPT2 = "gpt2"  # OpenAI's vocabulary, which is at hand without a model


@dataclass(frozen=True)
class Model:
    """A GPT-2 that was opened.

        model = open_model()                     # the bundled storybook
        run = model.run("Mike is quick. He moves")
        run["h3.attention"]

    name          as `cutaway models` lists it, or the path that it was opened from
    card          the model card's text, where there is one
    architecture  the record of the kind of model that it is
    """

    name: str
    config: ModelConfig
    book: Book
    weights: "Weights"
    tokenizer: "Tokenizer"
    card: str | None = None
    architecture: Architecture = GPT2_RECORD

    def run(self, prompt: str | Sequence[int] | np.ndarray, *, engine: Engine | None = None,
            keep: Iterable[str] = ("*",), memory_budget_bytes: int = 4 * 2**30) -> Run:
        """A run of the model on a prompt: every table, calculated when it is read.

        prompt  a text, or ids (position) or (batch position)
        engine  the model's own, `model.engine`, when none is given; NumpyEngine(np.float64) for
                the truth
        Raises: EmptyPrompt, PromptTooLong, NotText, UnknownToken
        """
        ids = self.tokenizer.encode(prompt) if isinstance(prompt, str) else prompt
        engine = engine or self.engine
        return start_run(self.book, self.weights, ids, engine=engine, vocabulary=self.tokenizer,
                         keep=keep, memory_budget_bytes=memory_budget_bytes,
                         leaves=self._leaves.setdefault(engine, {}))

    @cached_property
    def engine(self) -> Engine:
        """What calculates a run when no engine is named: native code for a large model, where it
        has been compiled, otherwise NumPy.

        Raises:  SettingError when CUTAWAY_ENGINE names no engine
        """
        return default_engine(self.book)

    @cached_property
    def _leaves(self) -> WeakKeyDictionary[Engine, dict[str, Any]]:
        """The weights as each engine has them, so that runs need not convert them again."""
        return WeakKeyDictionary()


def open_model(name: str | Path = BUNDLED, *, tokenizer: str | Path | None = None) -> Model:
    """A model by its name in the store, or by the path of its files.

        open_model()                    # the bundled storybook, offline
        open_model("gpt2")              # after `cutaway fetch gpt2`
        open_model("my-model/")         # a folder that `cutaway train` or transformers wrote
        open_model("gpt2-csvs/", tokenizer="gpt2")

    tokenizer  as `open_tokenizer` takes it, instead of the files beside the weights
    Raises:    UnknownModel, WeightsError, TokenizerError, ConfigError, MissingExtra
    """
    from cutaway.weights import find_model

    found = find_model(str(name))
    files = found.tokenizer_folder if tokenizer is None else tokenizer
    if files is None and found.packed_tokenizer:
        raise TokenizerFileError(
            f"{found.name}: its tokenizer is in the zip with its weights, and a zip is not "
            "unpacked. Take both into the store: `cutaway add PATH`.")
    if files is None:
        raise TokenizerFileError(
            f"{found.name} has no tokenizer beside its weights, so it cannot read a text. "
            f"{_where_to_get_one(found)}")
    return _model(found, open_tokenizer(files))


def open_tokenizer(name: str | Path) -> "Tokenizer":
    """A tokenizer without a model: GPT-2's own, a model's, or that of a folder.

        open_tokenizer("gpt2")          # OpenAI's 50,257 tokens, offline
        open_tokenizer("storybook")     # that of a model on this computer
        open_tokenizer("my-model/")     # a folder, or a file as `Tokenizer.open` takes it

    name     a text, or a `Path`, which is never read as a name. "gpt2" is always OpenAI's, whatever
             model or folder is called so; `./gpt2` is the folder

    Raises:  TokenizerError, MissingExtra
    """
    from cutaway.tokenizer import Tokenizer

    return Tokenizer.open(tokenizer_path(name))


def tokenizer_path(name: str | Path) -> Path:
    """Where the files of a tokenizer are.  name, Raises:  as in `open_tokenizer`"""
    if name == GPT2:
        from cutaway.tokenizer import gpt2_folder

        return gpt2_folder()
    if isinstance(name, str) and name in tokenizer_names():
        return _tokenizer_of_model(name)
    path = Path(name).expanduser()
    if not str(name) or not path.exists():
        raise TokenizerFileError(f"There is no tokenizer, no model and no folder {str(name)!r}."
                                 f"{did_you_mean(str(name), tokenizer_names())} {_at_hand()}")
    return path


def tokenizer_names() -> list[str]:
    """The names that `open_tokenizer` knows: GPT-2's own, and the models on this computer."""
    from cutaway.weights import Store, bundled_names

    return list(dict.fromkeys([GPT2, *bundled_names(), *Store().names()]))


def _tokenizer_of_model(name: str) -> Path:
    from cutaway.weights import find_model

    folder = find_model(name).tokenizer_folder
    if folder is None:
        raise TokenizerFileError(f"The model {name!r} has no tokenizer. {_at_hand()}")
    return folder


def _at_hand() -> str:
    names = [f"{name} (OpenAI's own)" if name == GPT2 else name for name in tokenizer_names()]
    return (f"Here are: {', '.join(names)}. A folder can be named as well: with vocab.json and "
            "merges.txt, with encoder.json and vocab.bpe, or with tokenizer.json.")


def _where_to_get_one(found: "ModelFiles") -> str:
    from cutaway.tokenizer import N_GPT2_TOKENS, fits

    files = f"vocab.json and merges.txt (OpenAI: encoder.json and vocab.bpe) into {found.folder}"
    n_row = found.config.vocab_size
    if fits(N_GPT2_TOKENS, n_row):
        return (f"Its token table has {n_row:,} rows, enough for the {N_GPT2_TOKENS:,} tokens of "
                f"GPT-2's own vocabulary, which comes with Cutaway: `cutaway add PATH --tokenizer "
                f"{GPT2}` takes the model into the store with it. For another vocabulary, put "
                f"{files}.")
    return f"Put {files}, or take it into the store with `cutaway add PATH --tokenizer FOLDER`."


def _model(found: "ModelFiles", tokenizer: "Tokenizer") -> Model:
    """Raises:  TokenizerFileError when the two do not belong together"""
    from cutaway.tokenizer import fits

    n_row = found.config.vocab_size
    if not fits(len(tokenizer), n_row):
        raise TokenizerFileError(
            f"{found.name}: the tokenizer has {len(tokenizer):,} tokens, but the model's token "
            f"table has {n_row:,} rows, which is not that number made up to a multiple of 8 to "
            f"128. They belong to different models, or a part of the tokenizer's files is missing, "
            f"such as its added tokens.")
    card = found.card.read_text(encoding="utf-8", errors="replace") if found.card else None
    kind = found.architecture
    if len(tokenizer) < n_row:
        tokenizer = tokenizer.padded(n_row)
    return Model(found.name, found.config, kind.book(found.config), found.weights, tokenizer, card,
                 kind)
