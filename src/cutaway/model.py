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
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.workbook.book import Book
from cutaway.workbook.run import Engine, Run, start_run

if TYPE_CHECKING:
    from cutaway.tokenizer import Tokenizer
    from cutaway.weights import Weights

BUNDLED = "storybook"


@dataclass(frozen=True)
class Model:
    """A GPT-2 that was opened.

        model = open_model()                     # the bundled storybook
        run = model.run("Mike is quick. He moves")
        run["h3.attention"]

    name   as `cutaway models` lists it, or the path that it was opened from
    card   the model card's text, where there is one
    """

    name: str
    config: Config
    book: Book
    weights: "Weights"
    tokenizer: "Tokenizer"
    card: str | None = None

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


def open_model(name: str | Path = BUNDLED) -> Model:
    """A model by its name in the store, or by the path of its files.

        open_model()                    # the bundled storybook, offline
        open_model("gpt2")              # after `cutaway fetch gpt2`
        open_model("my-model/")         # a folder that `cutaway train` or transformers wrote

    Raises:  UnknownModel, WeightsError, TokenizerError, ConfigError
    """
    from cutaway.tokenizer import Tokenizer
    from cutaway.weights import find_model

    found = find_model(str(name))
    if found.tokenizer_folder is None:
        raise TokenizerFileError(
            f"{found.name} has no tokenizer beside its weights, so it cannot read a text. Put "
            f"vocab.json and merges.txt (OpenAI: encoder.json and vocab.bpe) into {found.folder}, "
            f"or take it into the store with `cutaway add PATH --tokenizer FOLDER`.")
    tokenizer = Tokenizer.open(found.tokenizer_folder)
    if len(tokenizer) != found.config.vocab_size:
        raise TokenizerFileError(
            f"{found.name}: the tokenizer has {len(tokenizer):,} tokens, but the model's wte has "
            f"{found.config.vocab_size:,} rows. They belong to different models.")
    card = found.card.read_text(encoding="utf-8", errors="replace") if found.card else None
    return Model(found.name, found.config, gpt2(found.config), found.weights, tokenizer, card)
