"""The command line: one file a verb, and the screen that all of them draw on."""

from cutaway.cli.group import main

__all__ = ["main"]
