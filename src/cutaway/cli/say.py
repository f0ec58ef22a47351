"""What a verb says outside of its drawings: on standard output, or on standard error.

Nothing else writes to them by click, so that no name of a stranger's is a command to the terminal.
"""

from typing import IO

import click

from cutaway.words import harmless


def say(words: str = "", *, err: bool = False, nl: bool = True,
        file: IO[str] | None = None) -> None:
    """Words as they are, but for the characters that would steer the terminal."""
    click.echo(harmless(words), file=file, nl=nl, err=err)
