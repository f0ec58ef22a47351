"""`cutaway show`: any table of a run, or any weight, as numbers, heat, CSV or JSON."""

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
    from cutaway.cli.drawing.slices import Slice
    from cutaway.cli.screen import Screen
    from cutaway.model import Model
    from cutaway.workbook import Run

EXAMPLE_PROMPT = "Mike is quick. He moves"


@click.command(epilog=examples(
    "cutaway show 'h3.attention[head=1]' \"Mike is quick. He moves\"",
    "cutaway show 'h3.attention[head=1]' \"Mike is quick. He moves\" --heat",
    "cutaway show 'h0.qkv[position=0:3,qkv=0:8]' \"Mike is quick. He moves\"",
    "cutaway show 'wte[vocabulary=\" is\"]'",
    "cutaway show h3.mlp_active \"Mike is quick. He moves\" --heat",
    "cutaway show next_logits \"Mike is quick. He moves\" --csv -"))
@click.argument("table")
@click.argument("prompt", type=PROMPT, required=False)
@click.option("--heat", is_flag=True, help="Colours or shades instead of numbers alone.")
@click.option("--all", "everything", is_flag=True, help="Every row and column, however many.")
@click.option("--csv", metavar="FILE|-", help="Write all selected cells as CSV, in full precision.")
@model_option
@calculating_options
@json_option
def show(*, table: str, prompt: str | None, heat: bool, everything: bool, csv: str | None,
         model: str, calculating: Calculating, as_json: bool) -> None:
    """Any TABLE of the model, calculated for PROMPT; or any weight, which needs no prompt.

    Tables are named as `cutaway steps` lists them; those of a block begin with its number: h0, h1,
    and so on. Cells are chosen in brackets: TABLE[AXIS=NUMBER], [AXIS=FROM:TO] or [AXIS=TOKEN],
    several with commas. Numbers count from 0; the column "row" counts from 1, as spreadsheets do.
    """
    from cutaway.cli.drawing.slices import slice_of
    from cutaway.cli.screen import open_screen, sized
    from cutaway.model import open_model
    from cutaway.workbook.address import parse_address

    address = parse_address(table)
    opened = open_model(model)
    run = calculating.run(opened, EXAMPLE_PROMPT if prompt is None else prompt)
    chosen = slice_of(run, address)
    if csv:
        _write_csv(chosen, csv)
    elif as_json:
        _print_as_json(chosen)
    else:
        screen = open_screen()
        screen.heading(str(address), sized(chosen.array.shape, chosen.axes))
        _draw_origin(screen, opened, run, address.name)
        if prompt is None and address.name not in run.book.weights:
            screen.note(f"No prompt was given; this one was taken: {EXAMPLE_PROMPT}")
        _draw_sheets(screen, chosen, heat, everything)


def _draw_sheets(screen: "Screen", chosen: "Slice", heat: bool, everything: bool) -> None:
    from cutaway.cli.drawing.grid import Style, draw_sheet
    from cutaway.cli.drawing.heat import heat_of
    from cutaway.cli.drawing.numbers import number_format

    style = Style(number_format(chosen.array), heat_of(chosen.array) if heat else None, everything)
    screen = screen.widened() if everything else screen
    for words, sheet in chosen.sheets():
        screen.heading(words) if words else screen.print("")
        draw_sheet(screen, sheet, style)


def _draw_origin(screen: "Screen", model: "Model", run: "Run", name: str) -> None:
    """Where the numbers come from: the formula, or the file."""
    if name in run.book.nodes:
        node = run.book.nodes[name]
        screen.print(f"  = {node.step.formula}")
        screen.note(f"{node.step.explanation}")
        screen.note(f"Step {node.step.number}; reads {', '.join(node.reads)}.")
    elif name in run.book.weights:
        origin = model.weights.origin(name)
        screen.note(f"A weight: {origin.tensor} in {origin.file.name}, {origin.dtype}.")


def _print_as_json(chosen: "Slice") -> None:
    from cutaway.cli.screen import print_json

    table = chosen.table
    print_json({
        "name": table.name, "axes": chosen.axes, "shape": chosen.array.shape,
        "numbers": dict(zip(chosen.axes, chosen.numbers, strict=True)),
        "tokens": {axis: tokens for axis, numbers in zip(chosen.axes, chosen.numbers, strict=True)
                   if any(tokens := [chosen.label(axis, number) for number in numbers])},
        "formula": table.provenance.formula, "reads": table.provenance.reads,
        "values": chosen.array.tolist()})


def _write_csv(chosen: "Slice", path: str) -> None:
    import sys
    from pathlib import Path

    from cutaway.cli.files import write_whole
    from cutaway.studio.share.table_csv import cells_csv

    if path == "-":
        sys.stdout.writelines(cells_csv(chosen))
    else:
        write_whole(Path(path), lambda file: file.writelines(cells_csv(chosen)))
