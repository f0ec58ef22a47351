"""A prompt of the command line: its ids, and hints on standard error."""

from typing import TYPE_CHECKING

import click

from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.model import Model

special_option = click.option(
    "--special", is_flag=True,
    help="Marks in the text, such as <|endoftext|>, are the model's own tokens.")


def prompt_ids(model: "Model", text: str, special: bool = False, *,
               remedy: str = "--special makes it the model's own token.") -> list[int]:
    """The ids of a prompt as it was typed; hints for its writer go to standard error.

    remedy   what to do about a mark that was read as letters
    Raises:  NotText
    """
    from cutaway.tokenizer import hints, read_prompt

    prompt = read_prompt(model.tokenizer, text, special=special)
    if len(prompt.ids) <= model.config.n_positions:  # or an error follows, which says enough
        for hint in hints(model.tokenizer, prompt, remedy):
            say(hint, err=True)
    return prompt.ids
