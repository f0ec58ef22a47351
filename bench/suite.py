"""Every figure that speed is judged by, in one run: `make bench`.

    python -m bench.suite
    python -m bench.suite --only generation,prefill --rounds 3
    python -m bench.suite --quick                  # a small model, one round: does it all work?
    python -m bench.suite --records docs/figures/records.json   # tables and plots anew

Prints one table: what was found, the target, and whether it is met. A whole run also writes the
measured parts of docs/performance.md, the plots in docs/figures and their records; --only and
--quick leave them as they are.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from bench.document import written
from bench.figure import Figure, table, unmeasured
from bench.machine import tell, this_machine, wait_until_quiet
from bench.one import arguments, effort, in_lines, work_folder
from bench.rounds import Effort
from bench.worker import REPOSITORY, NotHere, threads

DOCUMENT = REPOSITORY / "docs" / "performance.md"
FIGURES = REPOSITORY / "docs" / "figures"
RECORDS = "records.json"


@dataclass(frozen=True)
class Part:
    """One file of the suite.

    module   measures
    teller   the module that says what was found, where it is another one; its functions then begin
             with the part's name
    rounds   how many rounds, from the effort's; None where the file takes the effort itself
    """

    module: str
    teller: str = ""
    rounds: Callable[[int], int] | None = None

    def measure(self, asked: Effort, work: Path) -> dict:
        module = import_module(self.module)
        if self.rounds is None:
            return module.measure(asked, work)
        wait_until_quiet(asked.patience_seconds)
        return module.measure(self.rounds(asked.rounds))

    def figures(self, name: str, record: dict) -> list[Figure]:
        return self._told(name, "figures")(record)

    def section(self, name: str, record: dict) -> str:
        return self._told(name, "section")(record)

    def _told(self, name: str, what: str) -> Callable:
        word = f"{name}_{what}" if self.teller else what
        return getattr(import_module(self.teller or self.module), word)


PARTS = {
    "generation": Part("bench.generation"),
    "quality": Part("bench.quality"),
    "prefill": Part("bench.prefill"),
    "workbook": Part("bench.workbook"),
    "edits": Part("bench.edits"),
    "growth": Part("bench.growth"),
    "training": Part("bench.training", "bench.others", lambda rounds: 4 * rounds),
    "encoding": Part("bench.encoding", "bench.others", lambda rounds: rounds),
    "startup": Part("bench.startup", "bench.others", lambda rounds: 2 * rounds),
}


def measured(names: Iterable[str], asked: Effort, work: Path) -> dict:
    """The records by part; of one that could not be measured, why."""
    records: dict[str, dict] = {}
    for name in names:
        began = time.perf_counter()
        tell(f"\n== {name}")
        try:
            records[name] = PARTS[name].measure(asked, work)
        except (ImportError, NotHere, OSError, SystemExit) as error:
            records[name] = {"unmeasured": str(error)}
            tell(f"  {name} is left out: {error}")
        tell(f"  {time.perf_counter() - began:.0f} seconds")
    return records


def figures_of(records: dict) -> list[Figure]:
    """Every figure of every part, in their order."""
    found = []
    for name, part in PARTS.items():
        if name not in records:
            continue
        why = records[name].get("unmeasured")
        found += [unmeasured(name, why)] if why else part.figures(name, records[name])
    return found


def sections_of(records: dict, machine: str) -> dict[str, str]:
    """The measured parts of the document by the names of their places in it."""
    sections = {"summary": summary(figures_of(records), machine)}
    for name, part in PARTS.items():
        if name in records and "unmeasured" not in records[name]:
            sections[name] = part.section(name, records[name])
    return sections


def summary(found: list[Figure], machine: str) -> str:
    """The one table, and what it was measured on."""
    words = {True: "met", False: "**not met**", None: ""}
    rows = [[one.what, one.found, one.target, words[one.met]] for one in found]
    return "\n\n".join([
        f"`make bench` on {machine}. Everybody had {threads()} threads and a process of its own; "
        "contestants took turns, and ratios are medians of the rounds' own ratios, with the lowest "
        "and the highest. A turn that other work on the machine had disturbed was measured again.",
        table(["what", "found", "target", ""], rows)])


def parser() -> argparse.ArgumentParser:
    made = arguments(__doc__)
    made.add_argument("--only", metavar="PARTS", type=_parts,
                      help=f"some of {', '.join(PARTS)}, with commas between them")
    made.add_argument("--records", type=Path, metavar="FILE",
                      help="measure nothing: take what an earlier run has written")
    return made


def _parts(text: str) -> list[str]:
    names = text.split(",")
    wrong = [name for name in names if name not in PARTS]
    if wrong:
        raise argparse.ArgumentTypeError(
            f"{wrong[0]!r} is no part of the suite; it has {', '.join(PARTS)}")
    return names


def main() -> None:
    options = parser().parse_args()
    try:
        records, machine = _records(options)
    except KeyboardInterrupt:
        raise SystemExit("\nStopped; nothing is left running, and nothing was written.") from None
    if options.json:
        print(json.dumps(records, indent=1))
        return
    print(f"\n{machine}\n")
    print(in_lines(figures_of(records)))
    if not (options.only or options.quick):
        write(records, machine)
        print(f"\nWritten: {DOCUMENT.relative_to(REPOSITORY)}, and the plots in "
              f"{FIGURES.relative_to(REPOSITORY)}")


def _records(options: argparse.Namespace) -> tuple[dict, str]:
    """What is measured now, or what was, and the machine's name."""
    if options.records:
        kept = json.loads(options.records.read_text(encoding="utf-8"))
        return kept["records"], kept["machine"]
    with work_folder(options.work) as work:
        return measured(options.only or PARTS, effort(options), work), str(this_machine())


def write(records: dict, machine: str) -> None:
    """The document, the plots and the records."""
    from bench.plots import draw

    draw(records, FIGURES)
    (FIGURES / RECORDS).write_text(json.dumps({"machine": machine, "records": records}, indent=1),
                                   encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(written(text, sections_of(records, machine)), encoding="utf-8")


if __name__ == "__main__":
    main()
