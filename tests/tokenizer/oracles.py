"""GPT-2's tokenizer as its peers build it from OpenAI's files, and strings to compare on."""

import json
import random
import unicodedata
from collections.abc import Iterable, Iterator

import pytest
import tiktoken
import tokenizers
from tiktoken.load import data_gym_to_mergeable_bpe_ranks
from tiktoken_ext.openai_public import r50k_pat_str
from tokenizers import models, pre_tokenizers, trainers

from cutaway.tokenizer import gpt2_folder
from cutaway.tokenizer.bytes import from_letters

# Each library has the character tables of another year, and they differ on what is newer. So the
# strings hold what this Python knows as a character, private ones, and some that never will be one.
NEVER_ASSIGNED = {0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFDD0}
WORDS = ["the", "The", "THE", "Mike", "quickly", "isn't", "We'll", "I'm", "they've", "IT'S", "'d",
         "'tis", "naïve", "cafe\u0301", "straße", "日本語", "人工知能", "한국어", "สวัสดี", "مرحبا",
         "Привет", "नमस्ते", "👩‍👩‍👧", "🙂", "🏳️‍🌈", "🇫🇷", "1234567890", "3.14", "x=1;", "Ⅷ", "½",
         "٣", "<|endoftext|>", "http://a.b/c?d=e", "--", "...", "!?", "\u200b", "\ufeff", "ﬁ", "ſ"]
SPACES = [" ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n ", "\u00a0", "\u3000", "\u2028",
          "\x0b", "\x1c", "\x85", "\u180e", "\u200a", " \t "]


def gpt2_by_tiktoken(monkeypatch: pytest.MonkeyPatch) -> tiktoken.Encoding:
    """GPT-2's encoding as tiktoken's own reader makes it from the files that OpenAI published."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    ranks = data_gym_to_mergeable_bpe_ranks(
        vocab_bpe_file=str(gpt2_folder() / "vocab.bpe"),
        encoder_json_file=str(gpt2_folder() / "encoder.json"))
    return tiktoken.Encoding("gpt2", pat_str=r50k_pat_str, mergeable_ranks=ranks,
                             special_tokens={"<|endoftext|>": 50256})


def gpt2_by_hugging_face() -> tokenizers.Tokenizer:
    """GPT-2's tokenizer as Hugging Face's library makes it from the same files."""
    files = [str(gpt2_folder() / name) for name in ("encoder.json", "vocab.bpe")]
    made = tokenizers.Tokenizer(models.BPE.from_file(*files))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return made


def learnt_by_hugging_face(texts: Iterable[str], vocab_size: int) -> tokenizers.Tokenizer:
    """A tokenizer by the trainer of Hugging Face's library, starting from all 256 bytes."""
    learner = tokenizers.Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocab_size, show_progress=False, special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return learner


def merges_by_hugging_face(texts: Iterable[str], count: int) -> list[tuple[bytes, bytes]]:
    """The merges that the same trainer learns."""
    learner = learnt_by_hugging_face(texts, 256 + count)
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [(from_letters(left), from_letters(right)) for left, right in merges]


def fuzzed_strings(count: int, seed: int = 2019) -> Iterator[str]:
    """Strings of words, runs of spaces, digits, and characters from everywhere in Unicode."""
    chance = random.Random(seed)
    for _ in range(count):
        yield "".join(_piece(chance) for _ in range(chance.randint(0, 12)))


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(WORDS)
    if kind < 0.55:
        return chance.choice(SPACES) * chance.choice((1, 1, 1, 2, 7))
    if kind < 0.7:
        return "".join(chr(chance.randint(0, 0x7F)) for _ in range(chance.randint(1, 6)))
    reach = chance.choice((0x100, 0x800, 0x3000, 0x10000, 0x20000, 0x110000))
    return "".join(_character(chance, reach) for _ in range(chance.randint(1, 5)))


def _character(chance: random.Random, reach: int) -> str:
    while True:
        point = chance.randrange(reach)
        category = unicodedata.category(chr(point))
        if category != "Cs" and (category != "Cn" or point in NEVER_ASSIGNED):
            return chr(point)
