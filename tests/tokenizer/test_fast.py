"""The fast path is taken only where it gives the ids of the visible one."""

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.tokenizer import FIRST_TOKENS, Tokenizer, fast, learn_merges, pretokens
from cutaway.tokenizer.encode import merge_plainly, split_bytes
from cutaway.tokenizer.fast import (
    FEW_TEXTS,
    LONGEST_SPACE,
    SHORT_TEXT,
    fast_encoder,
    has_too_long_a_space,
    tokens_tell_merges,
)
from cutaway.tokenizer.merge_quickly import merge_quickly
from cutaway.tokenizer.pretokens import ascii_pretokens


@pytest.fixture(autouse=True, scope="module")
def switched_on():
    """The fast paths are what is tested here, also where all tests run without them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)
        yield


@st.composite
def merges_by_hand(draw):
    """Merges that nobody learnt from a text, each of tokens that are there already."""
    tokens, merges = [b"a", b"b", b"c"], []
    for _ in range(draw(st.integers(0, 8))):
        pair = draw(st.sampled_from(tokens)), draw(st.sampled_from(tokens))
        if pair not in merges and len(pair[0] + pair[1]) < 12:
            merges.append(pair)
            tokens.append(pair[0] + pair[1])
    return draw(st.permutations(merges))


def encode_fast(tokenizer, text):
    """The ids of a text that is encoded after the few that go the plain way."""
    for _ in range(FEW_TEXTS):
        tokenizer.encode("")
    return tokenizer.encode(text)


@given(merges_by_hand(), st.text(alphabet="abc", max_size=30))
def test_both_paths_agree_whatever_the_merges(merges, text):
    tokenizer = Tokenizer.from_merges(merges)
    visible = tokenizer.encode_visibly(text).ids
    assert tokenizer.encode(text) == encode_fast(tokenizer, text) == visible


@given(st.text(alphabet="abc ", max_size=60), st.text(alphabet="abc ", max_size=60))
def test_learnt_merges_always_go_the_fast_way(text, other):
    merges = [merge.pair for merge in learn_merges(text, 20)]
    assert tokens_tell_merges(merges)
    tokenizer = Tokenizer.from_merges(merges)
    assert encode_fast(tokenizer, other) == tokenizer.encode_visibly(other).ids


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_a_short_prompt_has_the_pieces_of_gpt2s_own_pattern(text):
    assert ascii_pretokens(text) == list(pretokens(text))


def test_every_character_of_ascii_is_cut_from_its_neighbours_as_gpt2s_pattern_does():
    kinds = [chr(point) for point in range(128)]
    for text in ("".join(kinds), *(f"{one}{other}a '{one}s {other}1" for one in kinds
                                   for other in kinds)):
        assert ascii_pretokens(text) == list(pretokens(text))


def test_the_first_short_prompts_do_without_tiktoken_and_the_ids_stay_the_same(gpt2):
    prompt = "Mike's quick.  He moves\n 12 times"
    tokenizer = Tokenizer(gpt2.vocabulary, gpt2.merges, gpt2.special)
    first = [tokenizer.encode(prompt) for _ in range(FEW_TEXTS)]
    assert "_fast" not in vars(tokenizer._encoder)
    later = tokenizer.encode(prompt)
    assert "_fast" in vars(tokenizer._encoder)
    assert {*map(tuple, first)} == {tuple(later)}
    assert later == gpt2.encode_visibly(prompt).ids


def test_text_that_is_long_or_not_ascii_never_goes_the_short_prompts_way(gpt2):
    for text in ("a " * SHORT_TEXT, "naïve"):
        tokenizer = Tokenizer(gpt2.vocabulary, gpt2.merges, gpt2.special)
        assert tokenizer.encode(text) == gpt2.encode_visibly(text).ids
        assert "_fast" in vars(tokenizer._encoder)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_tokenizer_can_be_copied_and_sent_to_another_process_after_it_went_the_fast_way(copied):
    tokenizer = Tokenizer.from_merges([(b"t", b"h"), (b"th", b"e")])
    ids = encode_fast(tokenizer, "that the")
    other = copied(tokenizer)
    assert other == tokenizer
    assert encode_fast(other, "that the") == ids


@pytest.mark.parametrize("first", [True, False])
def test_special_tokens_may_stand_before_or_between_the_others(first):
    merges = [(b"t", b"h"), (b"th", b"e")]
    tokens = [*FIRST_TOKENS, b"th", b"the"]
    place = 0 if first else 257
    tokens.insert(place, b"<mark>")
    tokenizer = Tokenizer(tuple(tokens), tuple(merges), {"<mark>": place})
    assert encode_fast(tokenizer, "that the") == tokenizer.encode_visibly("that the").ids


def test_ids_that_do_not_rise_with_the_merges_are_kept():
    merges = ((b"t", b"h"), (b"th", b"e"))
    tokenizer = Tokenizer((b"the", b"th", *reversed(FIRST_TOKENS)), merges, {})
    ids = encode_fast(tokenizer, "that the")
    assert ids == tokenizer.encode_visibly("that the").ids
    assert ids[0] == 1 and tokenizer.decode(ids) == "that the"


def test_everything_goes_the_plain_way_where_fast_paths_are_switched_off(monkeypatch, gpt2):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    tokenizer = Tokenizer(gpt2.vocabulary, gpt2.merges, gpt2.special)
    monkeypatch.setattr(fast, "fast_encoder", None)  # calling either would fail
    monkeypatch.setattr(fast, "ascii_pretokens", None)
    for text in ("Mike is quick", "a " * SHORT_TEXT, "naïve"):
        assert tokenizer.encode(text) == gpt2.encode_visibly(text).ids


@pytest.mark.parametrize("text", [" ", "a" + "\n" * LONGEST_SPACE, " " * (LONGEST_SPACE + 1),
                                  "a" + "\t " * LONGEST_SPACE + "b", "a b\n" * LONGEST_SPACE])
def test_a_space_too_long_is_found_wherever_it_stands(text):
    """The oracle is a search through the whole text."""
    longest = max(map(len, re.findall(r"\s+", text)))
    assert has_too_long_a_space(text) == (longest >= LONGEST_SPACE)


def test_gpt2s_own_merges_go_the_fast_way(gpt2):
    assert tokens_tell_merges(gpt2.merges)


def test_merges_that_tiktoken_would_misread_go_the_plain_way():
    """tiktoken would join a and bc, which together are the token abc; no merge does."""
    merges = [(b"b", b"c"), (b"a", b"b"), (b"ab", b"c")]
    assert fast_encoder(merges, range(259)) is None
    tokenizer = Tokenizer.from_merges(merges)
    assert [tokenizer.text_of(id) for id in tokenizer.encode("abc")] == ["a", "bc"]


# ---- Long pieces ---------------------------------------------------------------------------


@given(merges_by_hand(), st.text(alphabet="abc", max_size=60))
def test_the_heap_makes_the_merges_of_the_plain_way_whatever_they_are(merges, text):
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    tokens = split_bytes(text.encode("utf-8"))
    assert merge_quickly(tokens, ranks) == merge_plainly(tokens, ranks)


@given(st.text(alphabet="abcd", max_size=400), st.text(alphabet="abcd", min_size=100, max_size=400))
def test_a_long_word_has_the_same_tokens_and_merges_either_way(lesson, word):
    tokenizer = Tokenizer.from_merges([merge.pair for merge in learn_merges(lesson, 40)])
    (piece,) = tokenizer.encode_visibly(word).pretokens
    steps = list(piece.walk())
    assert piece.n_steps == len(steps)
    assert piece.tokens == (steps[-1].after if steps else split_bytes(piece.raw))


class Counted(dict):
    """Ranks that count how often a pair is looked up."""

    n_lookups = 0

    def get(self, *arguments):
        self.n_lookups += 1
        return super().get(*arguments)


def test_the_work_grows_with_the_word_and_not_with_its_square():
    ranks = Counted({merge.pair: merge.number for merge in learn_merges("abcdefgh" * 3, 20)})
    for length in (1_000, 8_000):
        ranks.n_lookups = 0
        merge_quickly(split_bytes(b"abcdefgh" * (length // 8)), ranks)
        assert ranks.n_lookups <= 3 * length  # one a pair at first, two for each token that is made
