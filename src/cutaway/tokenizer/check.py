"""Whether a vocabulary, its merges and its special tokens fit together."""

from collections.abc import Container, Iterable, Mapping, Sequence

from cutaway.errors import TokenizerError
from cutaway.tokenizer.bytes import FIRST_TOKENS, letters
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer_rule import TokenizerRule


def check_distinct(vocabulary: Sequence[bytes]) -> None:
    """Raises:  TokenizerError naming two ids that are the same token"""
    seen: dict[bytes, int] = {}
    for id, token in enumerate(vocabulary):
        if token in seen:
            raise TokenizerError(f"the ids {seen[token]} and {id} are the same token "
                                 f"{letters(token)!r}; every token has one id.")
        seen[token] = id


def check_bytes(vocabulary: Container[bytes]) -> None:
    """Raises:  TokenizerError when a byte has no token: then some texts could not be encoded"""
    missing = [token for token in FIRST_TOKENS if token not in vocabulary]
    if missing:
        raise TokenizerError(
            f"{len(missing)} of the 256 bytes have no token ({_some(missing)}), so some texts could"
            " not be encoded. Learn the vocabulary anew, starting from all 256 bytes.")


def check_merges(merges: Sequence[Pair], vocabulary: Container[bytes]) -> None:
    """Raises:  TokenizerError naming the first merge whose parts or result are no tokens"""
    for rank, (left, right) in enumerate(merges):
        for token in (left, right, left + right):
            if token not in vocabulary:
                raise TokenizerError(
                    f"merge {rank + 1:,} joins {letters(left)!r} and {letters(right)!r}, but "
                    f"{letters(token)!r} is not in the vocabulary. The two do not belong together: "
                    "get both files from the same place.")


def check_reachable(vocabulary: Sequence[bytes], merges: Sequence[Pair],
                    special: Mapping[str, int]) -> None:
    """Raises:  TokenizerError when there are tokens that no merge makes: merges are missing"""
    for text, id in special.items():
        if not 0 <= id < len(vocabulary) or vocabulary[id] != text.encode("utf-8"):
            raise TokenizerError(f"the special token {text!r} is said to have the id {id}, "
                                 "but the vocabulary does not have it there.")
    made = {*FIRST_TOKENS, *(left + right for left, right in merges),
            *(text.encode("utf-8") for text in special)}
    lost = [token for token in vocabulary if token not in made]
    if lost:
        raise TokenizerError(
            f"no merge makes {len(lost):,} of the {len(vocabulary):,} tokens ({_some(lost)}): the "
            f"list of {len(merges):,} merges is cut off, or is another vocabulary's. Get both "
            "files again.")


def check_rule(rule: TokenizerRule) -> None:
    """Raises:  TokenizerError for what is not byte-level byte-pair encoding"""
    if rule.alphabet != "bytes" or rule.byte_fallback:
        raise TokenizerError(
            f"This tokenizer starts from {rule.alphabet}"
            f"{' and falls back on bytes' if rule.byte_fallback else ''}. Cutaway merges bytes: "
            "take a vocabulary of byte-level BPE.")


def _some(tokens: Iterable[bytes], count: int = 5) -> str:
    names = [repr(letters(token)) for token in tokens]
    return ", ".join(names[:count]) + (", ..." if len(names) > count else "")
