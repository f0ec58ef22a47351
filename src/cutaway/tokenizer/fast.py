"""The fast path: the same merges in `tiktoken`, where that gives the same ids as merging them here.

tiktoken does not keep the merges. It keeps the tokens they make, and joins any two neighbours that
together are a token, the lowest one first. For merges that were learnt from text this comes to
the same; for merges that were written by hand it need not. So it is checked, not hoped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from cutaway.fast_paths import fast_paths
from cutaway.tokenizer.bytes import FIRST_TOKENS
from cutaway.tokenizer.encode import Pair, merge_plainly, split_bytes
from cutaway.tokenizer.pretokens import ascii_pretokens, pretokens
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

# tiktoken's regular expressions give up, loudly, on a million spaces in a row.
LONGEST_SPACE = 500_000
# To import tiktoken and to check the merges takes longer than a few prompts take the plain way.
FEW_TEXTS, SHORT_TEXT = 16, 500


class Encoder:
    """Text to ids, by the quickest way to the ids that the plain way gives.

    The first few short texts go the plain way, and all other texts go through tiktoken, where it
    may be used and gives the same ids. Only ASCII goes the plain way first: for other scripts
    that way needs tiktoken's table of characters (classes.py), so nothing would be saved.

    merges   the pairs that are joined, in the order of their ranks
    ids      the id of each of the 256 bytes in GPT-2's order, then of each merge's token
    plainly  the plain way: from the pieces of a text to its ids
    rule     how texts are cut into pieces
    quickly  tiktoken's own function, for checked texts of at most LONGEST_SPACE characters; None
             as long as `encode` has not needed it, and where it gives other ids
    """

    quickly: Callable[[str], list[int]] | None = None

    def __init__(self, merges: Sequence[Pair], ids: Sequence[int],
                 plainly: Callable[[Iterable[str]], list[int]], rule: TokenizerRule = GPT2_RULE):
        self._merges, self._ids, self._plainly, self._rule = merges, ids, plainly, rule
        self._few_left = FEW_TEXTS if fast_paths() and rule == GPT2_RULE else 0

    def encode(self, text: str) -> list[int]:
        """The ids of a checked text."""
        if self._few_left > 0 and len(text) <= SHORT_TEXT and text.isascii():
            self._few_left -= 1
            return self._plainly(ascii_pretokens(text))
        self.quickly = self._fast
        if self.quickly is None or has_too_long_a_space(text):
            return self._plainly(pretokens(text, self._rule))
        return self.quickly(text)

    @cached_property
    def _fast(self) -> Callable[[str], list[int]] | None:
        return fast_encoder(self._merges, self._ids, self._rule) if fast_paths() else None


def fast_encoder(merges: Sequence[Pair], ids: Sequence[int], rule: TokenizerRule = GPT2_RULE
                 ) -> Callable[[str], list[int]] | None:
    """A function from checked text to ids; None when tiktoken would give others than the merges."""
    if not tokens_tell_merges(merges):
        return None
    import tiktoken

    # tiktoken ranks tokens by their ids. Where a special token stands among them the ids still
    # rise from merge to merge; where they do not, ranks stand for them until the end.
    rising = all(one < other for one, other in pairwise(ids))
    ranks = ids if rising else range(len(ids))
    tokens = (*FIRST_TOKENS, *(left + right for left, right in merges))
    encoding = tiktoken.Encoding("cutaway", pat_str=_whole(rule), special_tokens={},
                                 mergeable_ranks=dict(zip(tokens, ranks, strict=True)))
    # The function within `Encoding.encode_ordinary`, which looks for lone surrogates besides:
    # a checked text has none.
    encode = getattr(encoding, "_core_bpe", encoding).encode_ordinary
    return encode if rising else lambda text: [ids[rank] for rank in encode(text)]


def _whole(rule: TokenizerRule) -> str:
    """The rule's pattern for tiktoken, which drops what a pattern leaves out of a text."""
    if rule == GPT2_RULE:
        return rule.pattern
    return rf"{rule.pattern}|(?:(?!{rule.pattern})[\s\S])+"


def tokens_tell_merges(merges: Sequence[Pair]) -> bool:
    """Whether every token can only come about by its own merge.

    It is enough that each token's bytes, merged with the merges before its own, end as exactly the
    two parts of its own merge: then no other two neighbours can ever stand where it belongs.
    """
    ranks: dict[Pair, int] = {}
    for rank, pair in enumerate(merges):
        if merge_plainly(split_bytes(pair[0] + pair[1]), ranks)[0] != pair:
            return False
        ranks[pair] = rank
    return True


def has_too_long_a_space(text: str) -> bool:
    """Whether the text has a run of spaces that tiktoken might not take.

    A run of LONGEST_SPACE and more stands at one of the places looked at, and goes on for half of
    that, so that a large text need not be searched through.
    """
    half = LONGEST_SPACE // 2
    spaces = re.compile(rf"\s{{{half}}}")
    return any(spaces.match(text, place) for place in range(0, len(text), half))
