"""A prompt of the command line: its ids, and hints on standard error."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.model import Model
    from cutaway.tokenizer import Prompt

special_option = click.option(
    "--special", is_flag=True,
    help="Marks in the text, such as <|endoftext|>, are the model's own tokens.")


def prompt_ids(model: "Model", text: str, special: bool = False, *,
               remedy: str = "--special makes it the model's own token.") -> list[int]:
    """The ids of a prompt as it was typed; hints for its writer go to standard error.

    remedy   what to do about a mark that was read as letters
    Raises:  NotText
    """
    from cutaway.tokenizer import read_prompt

    prompt = read_prompt(model.tokenizer, text, special=special)
    if len(prompt.ids) <= model.config.n_positions:  # or an error follows, which says enough
        for hint in _hints(model, prompt, remedy):
            say(hint, err=True)
    return prompt.ids


def _hints(model: "Model", prompt: "Prompt", remedy: str) -> Iterator[str]:
    if prompt.began:
        yield (f"The prompt is empty: the text begins after the model's own mark, "
               f"{prompt.began}.")
    for mark in prompt.unread:
        count = len(model.tokenizer.encode(mark))
        yield f"{mark} in the prompt was read as letters, {count} tokens. {remedy}"
    if prompt.at_space:
        yield ("The prompt ends with a space. This model's words begin with theirs, so that it has "
               "hardly seen one alone: leave the space out for a likelier text.")
