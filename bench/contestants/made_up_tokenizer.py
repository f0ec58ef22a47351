"""A tokenizer that some peers ask for before they begin: token 7 is called t7."""

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit


def made_up_tokenizer(count: int) -> Tokenizer:
    """One with so many tokens."""
    tokenizer = Tokenizer(WordLevel({f"t{id}": id for id in range(count)}, unk_token="t0"))
    tokenizer.pre_tokenizer = WhitespaceSplit()  # type: ignore[assignment]
    return tokenizer
