"""`cutaway verify`: every table of a run beside Hugging Face's implementation."""

from typing import TYPE_CHECKING

import click

from cutaway.cli.options import (
    PROMPT,
    Calculating,
    calculating_options,
    examples,
    json_option,
    model_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cutaway.model import Model
    from cutaway.verify import Verified
    from cutaway.workbook import Run

RESULTS = {"same": "same", "differs": "DIFFERS", "absent": "not there"}
EXAMPLE = "Mike is quick. He moves"


@click.command(epilog=examples("cutaway verify", "cutaway verify --float64",
                               'cutaway verify --prompt "Once upon a time" --json'))
@click.option("--prompt", type=PROMPT, default=EXAMPLE, show_default=True, metavar="TEXT",
              help="What is calculated.")
@model_option
@calculating_options
@json_option
def verify(*, prompt: str, model: str, calculating: Calculating, as_json: bool) -> None:
    """Every table of a run beside what Hugging Face's implementation calculates.

    Step by step, with the largest difference as a share of the table's largest number. It needs
    torch and transformers: pip install ".[verify]". The exit status is 1 when a table differs.
    """
    from cutaway.model import open_model

    opened = open_model(model)
    run = calculating.run(opened, prompt)
    found = list(_with_progress(opened, run))
    if as_json:
        _print_as_json(opened, prompt, found)
    else:
        _draw(opened, run, found)
    if any(one.outcome == "differs" for one in found):
        raise click.exceptions.Exit(1)


def _with_progress(model: "Model", run: "Run") -> "Iterator[Verified]":
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.verify import verified
    from cutaway.weights.progress import Progress

    with shown_progress() as show:
        show(Progress("Comparing with Hugging Face", 0, len(run.book.nodes), "tables"))
        for done, one in enumerate(verified(model, run), 1):
            show(Progress("Comparing with Hugging Face", done, len(run.book.nodes), "tables"))
            yield one


def _draw(model: "Model", run: "Run", found: "Sequence[Verified]") -> None:
    from rich.text import Text

    from cutaway.cli.screen import FALL, RISE, counted, open_screen

    screen = open_screen()
    screen.heading("Verified", f"{model.name}, {counted(len(run.ids), 'token')}, at most "
                               f"{found[0].limit:g} of a table's largest number apart")
    screen.table(["table", "formula", "largest difference", ""], [
        [one.table, run.book.nodes[one.table].step.formula,
         "" if one.outcome == "absent" else f"{one.difference:.1e}",
         Text(RESULTS[one.outcome], FALL if one.outcome == "same" else RISE)]
        for one in found], right=[2])
    counts = {outcome: [one for one in found if one.outcome == outcome] for outcome in RESULTS}
    screen.print("")
    screen.note(f"{counted(len(found), 'table')}: {len(counts['same'])} the same as in Hugging "
                f"Face's implementation, {len(counts['differs'])} different, "
                f"{len(counts['absent'])} that it does not have.")
    if counts["differs"]:
        screen.note(f"The first that differs is {counts['differs'][0].table}.")


def _print_as_json(model: "Model", prompt: str, found: "Sequence[Verified]") -> None:
    from dataclasses import asdict

    from cutaway.cli.screen import print_json

    print_json({"model": model.name, "prompt": prompt, "tables": [asdict(one) for one in found],
                "same": all(one.outcome == "same" for one in found)})
