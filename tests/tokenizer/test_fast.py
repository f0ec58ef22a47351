"""The fast path is taken only where it gives the ids of the visible one."""

from hypothesis import given
from hypothesis import strategies as st

from cutaway.tokenizer import Tokenizer, learn_merges
from cutaway.tokenizer.fast import fast_encoder, tokens_tell_merges

LETTERS = st.sampled_from([b"a", b"b", b"c"])


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


@given(merges_by_hand(), st.text(alphabet="abc", max_size=30))
def test_both_paths_agree_whatever_the_merges(merges, text):
    tokenizer = Tokenizer.from_merges(merges)
    assert tokenizer.encode(text) == tokenizer.encode_visibly(text).ids


@given(st.text(alphabet="abc ", max_size=60), st.text(alphabet="abc ", max_size=60))
def test_learnt_merges_always_go_the_fast_way(text, other):
    merges = [merge.pair for merge in learn_merges(text, 20)]
    assert tokens_tell_merges(merges)
    tokenizer = Tokenizer.from_merges(merges)
    assert tokenizer.encode(other) == tokenizer.encode_visibly(other).ids


def test_gpt2s_own_merges_go_the_fast_way(gpt2):
    assert tokens_tell_merges(gpt2.merges)


def test_merges_that_tiktoken_would_misread_go_the_plain_way():
    """tiktoken would join a and bc, which together are the token abc; no merge does."""
    merges = [(b"b", b"c"), (b"a", b"b"), (b"ab", b"c")]
    assert fast_encoder(merges) is None
    tokenizer = Tokenizer.from_merges(merges)
    assert [tokenizer.text_of(id) for id in tokenizer.encode("abc")] == ["a", "bc"]
