"""Ctrl-C while something must not be left half done."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click


@dataclass
class Interrupt:
    """Whether Ctrl-C was pressed."""

    asked: bool = False


@contextmanager
def first_interrupt_waits(words: str) -> Iterator[Interrupt]:
    """Within it, a first Ctrl-C only says `words` and is remembered; a second one stops at once."""
    interrupt = Interrupt()

    def remember(number: int, frame: object) -> None:
        interrupt.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo(f"\n{words}", err=True)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
