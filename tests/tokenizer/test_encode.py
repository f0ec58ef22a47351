"""Encoding is visible: the pieces, their bytes, every merge and the pairs that it beat."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import TokenizerError
from cutaway.tokenizer import FIRST_TOKENS, Tokenizer, gpt2_folder, letters, pretokens
from cutaway.tokenizer.bytes import from_letters

# Source: W54. Ranks are lines of vocab.bpe counted from 0, so that id = 256 + rank.
QUICK = [(("i", "c"), 35), (("q", "u"), 165), (("ic", "k"), 368), (("Ġ", "qu"), 371),
         (("Ġqu", "ick"), 1812)]


def _merges(pretoken):
    return [(tuple(letters(part) for part in step.chosen.pair), step.chosen.rank)
            for step in pretoken.steps]


def test_the_merges_of_quick_are_the_workshops(gpt2):
    (quick,) = gpt2.encode_visibly(" quick").pretokens
    assert _merges(quick) == QUICK
    assert quick.letters == "Ġquick" and quick.tokens == (b" quick",) and quick.ids == (2068,)


def test_every_step_shows_all_neighbours_and_the_lowest_rank_wins(gpt2):
    (quick,) = gpt2.encode_visibly(" quick").pretokens
    for step in quick.steps:
        pairs = list(pairwise(step.before))
        assert [candidate.pair for candidate in step.candidates] == pairs
        ranks = [c.rank for c in step.candidates if c.rank is not None]
        assert step.chosen in step.candidates and step.chosen.rank == min(ranks)
        assert b"".join(step.after) == b"".join(step.before) == b" quick"


def test_the_ranks_are_the_lines_of_the_merges_file(gpt2):
    lines = (gpt2_folder() / "vocab.bpe").read_text(encoding="utf-8").split("\n")
    assert lines[1:4] == ["Ġ t", "Ġ a", "h e"]                                    # W51
    assert [tuple(map(letters, pair)) for pair in gpt2.merges] == [
        tuple(line.split(" ")) for line in lines[1:-1]]
    assert len(gpt2.merges) == 50_000 and len(gpt2) == 50_257                     # W51, W52


def test_what_no_merge_joins_is_shown_as_rejected(gpt2):
    (reinjury,) = gpt2.encode_visibly(" reinjury").pretokens
    assert [(c.pair, c.rank) for c in reinjury.rejected] == [((b" rein", b"jury"), None)]


def test_a_pair_that_stands_there_twice_is_joined_twice_in_one_step():
    (pretoken,) = Tokenizer.from_merges([(b"a", b"b")]).encode_visibly("abab").pretokens
    assert [step.after for step in pretoken.steps] == [(b"ab", b"ab")]


def test_the_bytes_have_gpt2s_order_and_letters(gpt2):
    """Source: encoder.json, whose first 256 entries are the bytes' letters (W49)."""
    assert tuple(gpt2.vocabulary[:256]) == FIRST_TOKENS
    assert sorted(FIRST_TOKENS) == [bytes([byte]) for byte in range(256)]
    assert (letters(b" the\n"), gpt2.id_of("!"), gpt2.id_of(" ")) == ("ĠtheĊ", 0, 220)


def test_pieces_keep_the_space_in_front_and_punctuation_alone():
    """Source: W50, and what tiktoken's documentation says of runs of spaces."""
    assert list(pretokens("Mike's quick. He   moves\n 12%")) == [
        "Mike", "'s", " quick", ".", " He", "  ", " moves", "\n", " 12", "%"]


@given(st.text())
def test_the_pieces_joined_are_the_text(text):
    assert "".join(pretokens(text)) == text
    encoded = Tokenizer.from_merges([]).encode_visibly(text)
    assert b"".join(encoded.tokens) == text.encode("utf-8")


def test_only_the_256_letters_stand_for_bytes():
    """Source: bytes_to_unicode of openai/gpt-2: printable bytes stay, the others are U+0100 on."""
    names = {letters(token) for token in FIRST_TOKENS}
    assert len(names) == 256 and max(map(ord, names)) == 0x143
    for letter in map(chr, range(0x200)):
        if letter in names:
            assert letters(from_letters(letter)) == letter
        else:
            with pytest.raises(TokenizerError, match="is none of the 256 letters") as error:
                from_letters("a" + letter + "\0")
            assert repr(letter) in str(error.value)
