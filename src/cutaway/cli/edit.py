"""`cutaway edit`: what if a number, a formula or the prompt were another?"""

from collections.abc import Sequence
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
    from cutaway.model import Model
    from cutaway.workbook import Difference, Run


@click.command(epilog=examples(
    "cutaway edit \"Mike is quick. He moves\" 'h3.attention[head=1]=0'",
    "cutaway edit \"Mike is quick. He moves\" 'h0.residual[position=0]=0' 'h2.mlp_output=0'",
    "cutaway edit \"Mike is quick. He moves\" 'attention=softmax(causal(scores) * 2)'",
    "cutaway edit \"Mike is quick. He moves\" 'h3.attention=softmax(scores)' --json"))
@click.argument("prompt", type=PROMPT)
@click.argument("changes", nargs=-1, required=True, metavar="TABLE[CELLS]=VALUE...")
@click.option("--top", default=8, show_default=True, metavar="N", type=click.IntRange(1),
              help="How many candidates for the next token to show.")
@click.option("--tables", default=10, show_default=True, metavar="N", type=click.IntRange(0),
              help="How many of the tables that moved to show.")
@model_option
@calculating_options
@json_option
def edit(*, prompt: str, changes: tuple[str, ...], top: int, tables: int, model: str,
         calculating: Calculating, as_json: bool) -> None:
    """What if? Calculate PROMPT, make the changes, and calculate what depends on them.

    VALUE is a number, laid over the chosen cells; or a formula, for a whole step: with the block's
    number for that block alone (h3.attention=...), without it for every block (attention=...).
    Several changes are made one after the other.
    """
    from cutaway.cli.drawing.comparison import comparison_as_json, draw_comparison
    from cutaway.cli.screen import open_screen, print_json
    from cutaway.model import open_model
    from cutaway.workbook.address import changed

    before = calculating.run(open_model(model), prompt)
    after = before
    for change in changes:
        after = changed(after, change)
    found = _moved(before, after)
    if as_json:
        print_json({"changes": changes, **comparison_as_json(before, after, found, top)})
    else:
        draw_changes(changes)
        draw_comparison(open_screen(), before, after, found, sides=("before", "after"), top=top,
                        tables=tables)


def changed_run(model: "Model", prompt: str | Sequence[int], changes: Sequence[str]) -> "Run":
    """A run of a prompt after several changes.

    Raises:  as `changed` does
    """
    from cutaway.workbook.address import changed

    run = model.run(prompt)
    for change in changes:
        run = changed(run, change)
    return run


def _moved(before: "Run", after: "Run") -> "list[Difference]":
    """The tables that differ, of those that the changes or their consequences reach."""
    touched = {name for name, node in after.book.nodes.items() if node != before.book.nodes[name]}
    touched |= after.edits.keys()
    reached = touched | after.book.downstream(touched)
    return before.diff(after, [name for name in after.book.nodes if name in reached])


def draw_changes(changes: Sequence[str]) -> None:
    """Every change in a line, under a heading."""
    from cutaway.cli.screen import open_screen
    from cutaway.words import harmless

    screen = open_screen()
    screen.heading("What if")
    for change in changes:
        screen.print(f"  {harmless(change)}")
