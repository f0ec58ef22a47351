"""A whole tokenizer learnt from texts, by the quickest way to the same merges."""

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence

from cutaway.errors import SettingError
from cutaway.tokenizer.bytes import FIRST_TOKENS, from_letters
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.learn import learn_merges, lowest_ids
from cutaway.tokenizer.special import END_OF_TEXT, looks_special
from cutaway.tokenizer.text import check_text
from cutaway.tokenizer.tokenizer import Tokenizer


def learn_tokenizer(texts: str | bytes | Iterable[str | bytes], vocab_size: int,
                    special: Sequence[str] = (END_OF_TEXT,)) -> Tokenizer:
    """A tokenizer learnt from texts. Its ids: 256 bytes, the merges' tokens, the special tokens.

    Ties go to the lowest ids, as in Hugging Face's `tokenizers`. That library does the learning
    where it is installed, `learn_merges` where it is not: the merges are the same, pair for pair.

    texts       one text, or several; no token reaches from one into the next
    vocab_size  how many tokens, all three kinds together. A text with too few different pairs gives
                fewer, with a warning: `len(tokenizer)` tells how many
    Raises:     SettingError for a size below the 256 bytes and the special tokens, and for special
                tokens that are not written like a mark; NotText
    """
    count = vocab_size - len(FIRST_TOKENS) - len(special)
    _check_settings(vocab_size, count, special)
    texts = [texts] if isinstance(texts, str | bytes) else texts
    merges = _learn_quickly((check_text(text) for text in texts), count)
    tokenizer = Tokenizer.from_merges(merges, special)
    if len(tokenizer) < vocab_size:
        warnings.warn(
            f"The text has only {len(tokenizer.merges):,} pairs to merge, so the vocabulary has "
            f"{len(tokenizer):,} tokens instead of {vocab_size:,}. Give more text for more.",
            stacklevel=2)
    return tokenizer


def learn_with_tokenizers(texts: Iterable[str], count: int) -> list[Pair]:
    """The merges that Hugging Face's `tokenizers` learns, starting from all 256 bytes.

    Raises:  ImportError where it is not installed
    """
    import tokenizers
    from tokenizers import models, pre_tokenizers, trainers

    learner = tokenizers.Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=len(FIRST_TOKENS) + count, show_progress=False, special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [(from_letters(left), from_letters(right)) for left, right in merges]


def _learn_quickly(texts: Iterator[str], count: int) -> list[Pair]:
    try:
        return learn_with_tokenizers(texts, count)
    except ImportError:
        return [merge.pair for merge in learn_merges(texts, count, lowest_ids)]


def _check_settings(vocab_size: int, count: int, special: Sequence[str]) -> None:
    if count < 0:
        raise SettingError(
            f"A vocabulary of {vocab_size} tokens is too small: the 256 bytes and the special "
            f"tokens alone are {256 + len(special)}. Choose at least that many.")
    for text in special:
        if not looks_special(text):
            raise SettingError(f"The special token {text!r} could be mistaken for ordinary text. "
                               f"Write it like a mark, such as '<|{text.strip('<|>')}|>'.")
