"""The ids are those of GPT-2: of its peers on any string, and of the workshop's examples."""

import random

import pytest
import tiktoken

from cutaway.tokenizer import PATTERN, Tokenizer
from cutaway.tokenizer.classes import SURROGATES, character_classes
from tests.shared import shared_data
from tests.tokenizer.oracles import fuzzed_strings

# Source: the workshop's notes, checked there against GPT-2's own files; W37 is their item 37.
WORKSHOP = {
    "Mike is quick. He moves": [16073, 318, 2068, 13, 679, 6100],                 # W37
    " reinjury": [6865, 21871],                                                   # W38
    " reindeer": [302, 521, 28153],                                               # W39
    "TL;DR": [14990, 26, 7707],                                                   # W40
    "strawberry": [301, 1831, 8396],                                              # W56
    "Strawberry": [1273, 1831, 8396],
    " strawberry": [41236],
    " Strawberry": [42611],
    "STRAWBERRY": [2257, 20530, 13246, 18276],
    " STRAWBERRY": [3563, 20530, 13246, 18276],
    '"strawberry': [1, 301, 1831, 8396],
    '"Strawberry': [1, 1273, 1831, 8396],
    '"STRAWBERRY': [1, 2257, 20530, 13246, 18276],
    "The dog chases the cat": [464, 3290, 442, 1386, 262, 3797],                  # W88
    "The cat chases the dog": [464, 3797, 442, 1386, 262, 3290],
}
# W42: people read both with ease, the tokenizer sees different things. The text of the sample is
# not in the notes, so the counts are the peers' and not the notes' 13 and 25.
STRAIGHT = "According to a researcher at Cambridge University, it doesn't matter"
JUMBLED = "Aoccdrnig to a rscheearch at Cmabrigde Uinervtisy, it deosn't mttaer"
JAPANESE = "日本語は難しい"                                                        # W59


@pytest.mark.parametrize("text", WORKSHOP)
def test_the_workshops_examples_have_the_workshops_ids(gpt2, text):
    assert gpt2.encode(text) == WORKSHOP[text]
    assert gpt2.encode_visibly(text).ids == WORKSHOP[text]


def test_ids_equal_both_peers_on_20000_fuzzed_strings(gpt2, peers):
    by_tiktoken, by_hugging_face = peers
    texts = list(fuzzed_strings(20_000))
    encoded = by_hugging_face.encode_batch(texts)
    for text, theirs in zip(texts, encoded, strict=True):
        ours = gpt2.encode(text)
        assert ours == theirs.ids == by_tiktoken.encode_ordinary(text), ascii(text)


def test_the_visible_path_gives_the_same_ids_on_4000_fuzzed_strings(gpt2, peers):
    by_tiktoken, _ = peers
    for text in fuzzed_strings(4_000, seed=1):
        assert gpt2.encode_visibly(text).ids == by_tiktoken.encode_ordinary(text), ascii(text)


def test_ids_equal_both_peers_on_a_long_text(gpt2, peers):
    text = shared_data("stories/valid.txt").read_text(encoding="utf-8")
    by_tiktoken, by_hugging_face = peers
    assert gpt2.encode(text) == by_tiktoken.encode_ordinary(text)
    assert gpt2.encode(text) == by_hugging_face.encode(text).ids


def test_a_jumbled_sentence_costs_more_tokens_than_the_straight_one(gpt2, peers):
    by_tiktoken, _ = peers
    assert len(gpt2.encode(JUMBLED)) == len(by_tiktoken.encode_ordinary(JUMBLED))
    assert len(gpt2.encode(JUMBLED)) > 1.5 * len(gpt2.encode(STRAIGHT))


def test_japanese_costs_more_tokens_than_it_has_characters(gpt2, peers):
    by_tiktoken, _ = peers
    assert gpt2.encode(JAPANESE) == by_tiktoken.encode_ordinary(JAPANESE)
    assert len(gpt2.encode(JAPANESE)) > len(JAPANESE) == 7


def test_end_of_text_is_a_special_token_only_when_asked(gpt2, peers):
    by_tiktoken, _ = peers
    text = "One.<|endoftext|>Two."
    assert gpt2.encode(text) == by_tiktoken.encode_ordinary(text)
    assert gpt2.encode_with_special(text) == by_tiktoken.encode(text, allowed_special="all")
    assert gpt2.end_of_text == 50256                                              # W60
    assert gpt2.special == {"<|endoftext|>": 50256}


def test_a_run_of_spaces_longer_than_tiktoken_can_take_is_encoded(gpt2, peers):
    """tiktoken breaks off at about a million; Hugging Face's library does not."""
    text = "a" + " " * 1_500_000 + "b"
    assert gpt2.encode(text) == peers[1].encode(text).ids


def test_the_same_ids_come_out_when_special_tokens_come_first_in_the_vocabulary(small):
    shifted = Tokenizer((b"<s>", *small.vocabulary[:-1]), small.merges, {"<s>": 0})
    assert shifted.encode(" the path") == [id + 1 for id in small.encode(" the path")]
    assert shifted.encode_visibly(" the path").ids == shifted.encode(" the path")
    assert shifted.encode_with_special("<s>the")[0] == 0


def test_every_character_is_in_the_class_by_which_tiktoken_cuts():
    """A pattern leaves out what it does not match: what is left is one class."""
    ranges = character_classes()
    assert sum(last - first + 1 for first, last, _ in ranges) == 0x110000 - len(SURROGATES)
    patterns = {"letter": r"\p{L}", "number": r"\p{N}", "space": r"\s",
                "other": r"[^\s\p{L}\p{N}]"}
    bytes_alone = {bytes([byte]): byte for byte in range(256)}
    for name, pattern in patterns.items():
        by_tiktoken = tiktoken.Encoding(name, pat_str=pattern, special_tokens={},
                                        mergeable_ranks=bytes_alone)
        text = "".join(chr(code) for first, last, kind in ranges if kind == name
                       for code in range(first, last + 1))
        assert bytes(by_tiktoken.encode_ordinary(text)).decode() == text


NEWER = "\ua7d2"  # a letter since Unicode 17: not every library's table has it


@pytest.fixture(scope="module")
def contractions() -> Tokenizer:
    """A tokenizer whose ids show whether a contraction was cut off: 's is one token, then."""
    return Tokenizer.from_merges([(b"'", b"s"), (b"'", b"t"), (b"'", b"d"), (b"'", b"l"),
                                  (b"'l", b"l"), (b"'", b"v"), (b"'v", b"e")])


@pytest.mark.parametrize("text", [
    f"{NEWER}'s", f"a{NEWER}b'll", f" {NEWER} 've", f"'{NEWER}'d1", f"1{NEWER}'t",
    "\U00010940's", "\U000323b0't \U0001ccf3've"])
def test_characters_of_another_years_table_are_cut_alike_on_every_way_to_ids(text, contractions):
    tokens = {contractions.bytes_of(id): id for id in range(256 + len(contractions.merges))}
    by_tiktoken = tiktoken.Encoding("contractions", pat_str=PATTERN, special_tokens={},
                                    mergeable_ranks=tokens)
    ids = by_tiktoken.encode_ordinary(text)
    assert contractions.encode(text) == ids
    assert contractions.encode_visibly(text).ids == ids


def test_any_mixture_of_characters_of_several_years_is_cut_alike(contractions):
    """Among the first characters of all ranges are those on which the libraries differ."""
    draw = random.Random(11)
    firsts = [chr(first) for first, _, _ in character_classes()]
    for _ in range(500):
        text = "".join(draw.choice([draw.choice(firsts), NEWER, "'s", "'ll", " ", "a", "1", "."])
                       for _ in range(12))
        assert contractions.encode_visibly(text).ids == contractions.encode(text), ascii(text)
