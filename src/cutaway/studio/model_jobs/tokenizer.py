"""Whether a tokenizer was dropped with the weights, fits them, or can be had from another model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutaway.errors import CutawayError, TokenizerError
from cutaway.model import GPT2
from cutaway.studio.model_jobs.store import known_model
from cutaway.tokenizer import N_GPT2_TOKENS, Tokenizer
from cutaway.weights import Store, bundled_names
from cutaway.weights.tokenizer_files import MERGES, VOCABULARY


@dataclass(frozen=True)
class FoundTokenizer:
    """What can be said of a model's tokenizer.

    state   "there", "absent", or "wrong"
    words   in a sentence
    lenders names of tokenizers that would fit: GPT-2's own, and those of models here
    folder  where its files lie, when it is there
    """

    state: str
    words: str
    lenders: tuple[str, ...] = ()
    folder: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that the page hears."""
        return {"state": self.state, "words": self.words, "lenders": list(self.lenders)}


def find_tokenizer(folder: Path, n_vocabulary: int | None, store: Store) -> FoundTokenizer:
    """The tokenizer among the files of a folder.

    n_vocabulary  how many tokens the model has, where that is known
    """
    if not any((folder / name).is_file() for name in (*VOCABULARY, *MERGES, "tokenizer.json")):
        return FoundTokenizer("absent", "No tokenizer has come: without one, the model cannot read "
                              "a text. Drop vocab.json and merges.txt, or tokenizer.json.",
                              _lenders(n_vocabulary, store))
    try:
        count = len(Tokenizer.open(folder))
    except TokenizerError as error:
        return FoundTokenizer("wrong", str(error))
    if n_vocabulary is not None and count != n_vocabulary:
        return FoundTokenizer(
            "wrong", f"The tokenizer has {count:,} tokens, but wte has {n_vocabulary:,} rows. They "
            "belong to different models: drop the right one, or take its files away.")
    return FoundTokenizer("there", f"A tokenizer of {count:,} tokens.", folder=folder)


def _lenders(n_vocabulary: int | None, store: Store) -> tuple[str, ...]:
    """GPT-2's own and the models here that have a tokenizer of so many tokens, by name."""
    if n_vocabulary is None:
        return ()
    own = (GPT2,) if n_vocabulary == N_GPT2_TOKENS else ()
    return tuple(dict.fromkeys((*own, *(name for name in (*bundled_names(), *store.names())
                                        if _lends(name, n_vocabulary, store)))))


def _lends(name: str, n_vocabulary: int, store: Store) -> bool:
    try:
        model = known_model(name, store)
    except CutawayError:
        return False
    return model.tokenizer_folder is not None and model.config.vocab_size == n_vocabulary
