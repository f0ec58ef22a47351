"""How a kind of tokenizer begins: what a text is cut into before anything is merged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TokenizerRule:
    r"""What tokenizers of one kind have in common, whatever their vocabulary.

        TokenizerRule(r"\p{N}{1,3}|\p{L}+|[^\p{L}\p{N}]+")

    pattern        which pieces a text is cut into: a regular expression that `regex` and tiktoken
                   read. No token crosses a cut
    ascii_pattern  the same for ASCII, as Python's `re` reads it; "" where there is none
    alphabet       what merging starts from: "bytes" of UTF-8, or "characters"
    byte_fallback  whether a character that is no token is written as its bytes
    special        the tokens that a vocabulary learned here has beside those of texts
    """

    pattern: str
    ascii_pattern: str = ""
    alphabet: str = "bytes"
    byte_fallback: bool = False
    special: tuple[str, ...] = ("<|endoftext|>",)


# Source: openai/gpt-2, src/encoder.py (2019). Contractions are matched in lower case only.
GPT2_RULE = TokenizerRule(
    pattern=(r"'(?:[sdmt]|ll|ve|re)"    # 's 't 're 've 'm 'll 'd
             r"| ?\p{L}+"               # letters of any script, with one space before them
             r"| ?\p{N}+"               # digits and other numbers
             r"| ?[^\s\p{L}\p{N}]+"     # everything else that is no space
             r"|\s+(?!\S)"              # spaces, but the last stays for the word that follows
             r"|\s+"),
    # The same for ASCII, where `re` knows all classes: it is at hand, while `regex` has to be
    # imported.
    ascii_pattern=(r"(?a:'(?:[sdmt]|ll|ve|re)"
                   r"| ?[A-Za-z]+"
                   r"| ?[0-9]+"
                   r"| ?[^\sA-Za-z0-9]+"
                   r"|\s+(?!\S)"
                   r"|\s+)"))
