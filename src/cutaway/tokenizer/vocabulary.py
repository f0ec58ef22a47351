"""A whole tokenizer learnt from texts, by the quickest way to the same merges."""

import warnings
from collections.abc import Iterable, Iterator, Sequence

from cutaway.errors import SettingError
from cutaway.fast_paths import fast_paths
from cutaway.tokenizer.bytes import FIRST_TOKENS
from cutaway.tokenizer.corpus import byte_words
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.learn import learn_from_words, lowest_ids
from cutaway.tokenizer.learn_quickly import MOST_MERGES, learn_quickly
from cutaway.tokenizer.special import END_OF_TEXT, looks_special
from cutaway.tokenizer.text import check_text
from cutaway.tokenizer.tokenizer import Tokenizer
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule


def learn_tokenizer(texts: str | bytes | Iterable[str | bytes], vocab_size: int,
                    special: Sequence[str] = (END_OF_TEXT,), *,
                    rule: TokenizerRule = GPT2_RULE) -> Tokenizer:
    """A tokenizer learnt from texts. Its ids: 256 bytes, the merges' tokens, the special tokens.

    Ties go to the lowest ids, as in Hugging Face's `tokenizers`: the merges are the same, pair for
    pair. They are those of `learn_merges` as well, learnt without its records.

    texts       one text, or several; no token reaches from one into the next
    vocab_size  how many tokens, all three kinds together. A text with too few different pairs gives
                fewer, with a warning: `len(tokenizer)` tells how many
    rule        how texts are cut into pieces; no token crosses a cut
    Raises:     SettingError for a size below the 256 bytes and the special tokens, and for special
                tokens that are not written like a mark; NotText
    """
    count = vocab_size - len(FIRST_TOKENS) - len(special)
    _check_settings(vocab_size, count, special)
    texts = [texts] if isinstance(texts, str | bytes) else texts
    merges = _learn((check_text(text) for text in texts), count, rule)
    tokenizer = Tokenizer.from_merges(merges, special, rule)
    if len(tokenizer) < vocab_size:
        warnings.warn(
            f"The text has only {len(tokenizer.merges):,} pairs to merge, so the vocabulary has "
            f"{len(tokenizer):,} tokens instead of {vocab_size:,}. Give more text for more.",
            stacklevel=2)
    return tokenizer


def _learn(texts: Iterator[str], count: int, rule: TokenizerRule) -> list[Pair]:
    if fast_paths() and count <= MOST_MERGES:
        return learn_quickly(texts, count, rule)
    words = byte_words(texts, rule)
    return [merge.pair for merge in learn_from_words(words, count, lowest_ids)]


def _check_settings(vocab_size: int, count: int, special: Sequence[str]) -> None:
    if count < 0:
        raise SettingError(
            f"A vocabulary of {vocab_size} tokens is too small: the 256 bytes and the special "
            f"tokens alone are {256 + len(special)}. Choose at least that many.")
    for text in special:
        if not looks_special(text):
            raise SettingError(f"The special token {text!r} could be mistaken for ordinary text. "
                               f"Write it like a mark, such as '<|{text.strip('<|>')}|>'.")
