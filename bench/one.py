"""What every file of the suite has in common when it is run by itself."""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figure import Figure
from bench.machine import this_machine
from bench.rounds import QUICK, Effort


def run_alone(words: str | None, measure: Callable[[Effort, Path], dict],
              figures: Callable[[dict], list[Figure]], section: Callable[[dict], str]) -> None:
    """Measures one thing and prints what was found."""
    options = arguments(words).parse_args()
    with work_folder(options.work) as work:
        try:
            record = measure(effort(options), work)
        except KeyboardInterrupt:
            raise SystemExit("\nStopped; nothing is left running.") from None
    print_out(record, figures, section, options.json)


def print_out(record: dict, figures: Callable[[dict], list[Figure]],
              section: Callable[[dict], str], plain: bool) -> None:
    """What was found.  plain: as JSON"""
    if plain:
        print(json.dumps(record, indent=1))
        return
    print(f"\n{this_machine()}\n\n{section(record)}\n")
    print(in_lines(figures(record)))


def arguments(words: str | None) -> argparse.ArgumentParser:
    """The options that all have."""
    parser = argparse.ArgumentParser(description=(words or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=Effort.rounds,
                        help="how often each contestant has its turn (default: %(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="one round, a small model, no waiting: to see that everything works")
    parser.add_argument("--patience", type=float, metavar="SECONDS",
                        default=Effort.patience_seconds,
                        help="how long to wait for a quiet machine (default: %(default).0f)")
    parser.add_argument("--work", type=Path, metavar="FOLDER",
                        help="keep the models written for the peers here, for the next time")
    parser.add_argument("--json", action="store_true", help="print the plain records")
    return parser


def effort(options: argparse.Namespace) -> Effort:
    return QUICK if options.quick else Effort(options.rounds, options.patience)


@contextmanager
def work_folder(folder: Path | None) -> Iterator[Path]:
    """The folder given, or one that is deleted in the end."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="cutaway-bench-") as made:
            yield Path(made)


def in_lines(found: list[Figure]) -> str:
    """One figure a line, for the screen."""
    words = {True: "met", False: "NOT MET", None: ""}
    wide = max((len(one.what) for one in found), default=0)
    lines = [f"{one.what:<{wide}}  {one.found:<28} {one.target:<18} {words[one.met]}"
             for one in found]
    return "\n".join(line.rstrip() for line in lines)
