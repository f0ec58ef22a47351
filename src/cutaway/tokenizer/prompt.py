"""A prompt as somebody typed it: its ids, and what its writer should know of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from cutaway.tokenizer.special import marks_in
from cutaway.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Prompt:
    """A prompt that was read.

    ids       none for an empty text of a vocabulary without `<|endoftext|>`
    began     the mark that stands in the place of an empty text
    unread    the marks in it that were read as ordinary letters
    at_space  whether it ends with a space, in a vocabulary whose words begin with theirs
    """

    ids: list[int]
    began: str | None = None
    unread: tuple[str, ...] = ()
    at_space: bool = False


def read_prompt(tokenizer: Tokenizer, text: str, *, special: bool = False) -> Prompt:
    """The ids of a prompt. An empty one begins with the model's own mark, where it has one.

        read_prompt(tokenizer, "").ids                                  # [50256]
        read_prompt(tokenizer, "The end.<|endoftext|>").unread          # ("<|endoftext|>",)
        read_prompt(tokenizer, "The end.<|endoftext|>", special=True)   # ids that end with 50256

    special  whether marks in the text are the model's own tokens, or letters like any other
    Raises:  NotText
    """
    if not text and tokenizer.end_of_text is not None:
        return Prompt([tokenizer.end_of_text], began=tokenizer.text_of(tokenizer.end_of_text))
    marks = marks_in(text, tokenizer.special)
    if special and marks:
        ids = tokenizer.encode_with_special(text)
        return Prompt(ids, at_space=_ends_with_space(tokenizer, ids))
    ids = tokenizer.encode(text)
    return Prompt(ids, None, marks, _ends_with_space(tokenizer, ids))


def hints(tokenizer: Tokenizer, prompt: Prompt, remedy: str) -> Iterator[str]:
    """What the writer of a prompt should know of it, a sentence or two each.

    remedy   what to do about a mark that was read as letters
    """
    if prompt.began:
        yield (f"The prompt is empty: the text begins after the model's own mark, "
               f"{prompt.began}.")
    for mark in prompt.unread:
        count = len(tokenizer.encode(mark))
        yield f"{mark} in the prompt was read as letters, {count} tokens. {remedy}"
    if prompt.at_space:
        yield ("The prompt ends with a space. This model's words begin with theirs, so that it has "
               "hardly seen one alone: leave the space out for a likelier text.")


def _ends_with_space(tokenizer: Tokenizer, ids: list[int]) -> bool:
    """Whether a space that was to begin the next word is in the prompt already."""
    if not ids or not tokenizer.bytes_of(ids[-1]).endswith(b" "):
        return False
    return any(len(token) > 1 and token[:1] == b" " != token[1:2] for token in tokenizer.vocabulary)
