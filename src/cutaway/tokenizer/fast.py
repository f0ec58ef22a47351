"""The fast path: the same merges in `tiktoken`, where that gives the same ids as merging them here.

tiktoken does not keep the merges. It keeps the tokens they make, and joins any two neighbours that
together are a token, the lowest one first. For merges that were learnt from text this comes to
the same; for merges that were written by hand it need not. So it is checked, not hoped.
"""

import re
from collections.abc import Callable, Sequence

from cutaway.tokenizer.bytes import FIRST_TOKENS
from cutaway.tokenizer.encode import Pair, merge_all, split_bytes
from cutaway.tokenizer.pretokens import PATTERN

# tiktoken's regular expressions give up, loudly, on a million spaces in a row.
LONGEST_SPACE = 500_000


def fast_encoder(merges: Sequence[Pair]) -> Callable[[str], list[int]] | None:
    """A function from text to ranks, or None when tiktoken would give others than the merges do.

    A rank is 0 to 255 for the bytes in GPT-2's order, then 256 for the first merge, and so on.
    """
    if not tokens_tell_merges(merges):
        return None
    import tiktoken

    tokens = (*FIRST_TOKENS, *(left + right for left, right in merges))
    encoding = tiktoken.Encoding(
        "cutaway", pat_str=PATTERN, special_tokens={},
        mergeable_ranks={token: rank for rank, token in enumerate(tokens)})
    return encoding.encode_ordinary


def tokens_tell_merges(merges: Sequence[Pair]) -> bool:
    """Whether every token can only come about by its own merge.

    It is enough that each token's bytes, merged with the merges before its own, end as exactly the
    two parts of its own merge: then no other two neighbours can ever stand where it belongs.
    """
    ranks: dict[Pair, int] = {}
    for rank, pair in enumerate(merges):
        if merge_all(split_bytes(pair[0] + pair[1]), ranks) != pair:
            return False
        ranks[pair] = rank
    return True


def has_too_long_a_space(text: str) -> bool:
    """Whether the text has a run of spaces that tiktoken cannot take."""
    return len(text) > LONGEST_SPACE and any(
        run.end() - run.start() > LONGEST_SPACE for run in re.finditer(r"\s\s+", text))
