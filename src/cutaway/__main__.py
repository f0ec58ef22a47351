"""The `cutaway` program, and `python -m cutaway`: the command line."""

import os
import signal


def main() -> None:
    """Run the command line. Ctrl-C while its modules load ends it at once, without a word."""
    may_interrupt = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if may_interrupt:  # a program that a shell began in the background stays deaf to it
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    from cutaway.cli import main as run

    if may_interrupt:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run(prog_name="cutaway")


if __name__ == "__main__":
    main()
