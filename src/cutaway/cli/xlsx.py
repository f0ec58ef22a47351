"""`cutaway xlsx`: the model as a workbook of live formulas."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cutaway.cli.options import PROMPT, examples, model_option
from cutaway.cli.prompt import prompt_ids
from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.engines.xlsx import Size


@click.command(epilog=examples(
    'cutaway xlsx "Mike is quick. He moves" -o gpt.xlsx',
    "cutaway xlsx \"Mike is quick. He moves\" 'h3.attention[head=1]=0' -o quiet.xlsx",
    'cutaway xlsx "Once upon a time" -o long.xlsx --positions 20 --model my-model'))
@click.argument("prompt", type=PROMPT)
@click.argument("changes", nargs=-1, metavar="[TABLE[CELLS]=VALUE]...")
@click.option("-o", "--output", "path", required=True, metavar="FILE",
              type=click.Path(path_type=Path), help="The workbook to write, such as gpt.xlsx.")
@click.option("--positions", default=16, show_default=True, metavar="N",
              help="The most tokens that a prompt typed into the workbook may have.")
@model_option
def xlsx(prompt: str, changes: tuple[str, ...], path: Path, positions: int, model: str) -> None:
    """Write the model as a spreadsheet in which the prompt is a cell that one types into.

    Every step is a block of live formulas, from the characters of PROMPT to the next token; every
    weight is a cell. It opens in Excel 2016 and later and in LibreOffice 7.4 and later, without
    macros.

    TABLE[CELLS]=VALUE types numbers over a table, or gives a step another formula, as in `cutaway
    edit`; both stand in the cells.
    """
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.cli.edit import changed_run
    from cutaway.cli.screen import counted, open_screen
    from cutaway.engines.xlsx import size_of, write_xlsx
    from cutaway.model import open_model

    _check_path(path)
    opened = open_model(model)
    if prompt:
        prompt_ids(opened, prompt, remedy="The workbook knows no special tokens.")
    like = changed_run(opened, prompt, changes) if changes else None
    _tell_before(path, size_of(opened, positions, like))
    with shown_progress() as show:
        write_xlsx(opened, prompt, path, positions, show, like=like)
    screen = open_screen()
    screen.print(f"{path} is written: {path.stat().st_size / 1e6:,.1f} MB, "
                 f"room for {counted(positions, 'token')}.")
    screen.hint("Open it, type another prompt into the coloured cell, and see:",
                f"soffice {path}")


def _check_path(path: Path) -> None:
    """Check that a spreadsheet can be written there.

    Raises:  click.UsageError for a name that no spreadsheet program opens, or a missing folder
    """
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{path} does not end with .xlsx, so no spreadsheet program would "
                               f"open it. Write -o {path.with_suffix('.xlsx')}")
    if not path.parent.is_dir():
        raise click.UsageError(f"The folder {path.parent} is not there. Make it, or choose "
                               f"another one.")
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder. Choose another name.")


def _tell_before(path: Path, size: "Size") -> None:
    """What is going to be written, on standard error, before it is."""
    say(f"{path}: {size.cells / 1e6:,.1f} million cells, about {size.bytes / 1e6:,.0f} MB; "
        f"writing takes about {_time(size.seconds)} and "
        f"{size.memory_bytes / 1e6:,.0f} MB of memory.", err=True)
    if size.is_much:
        say("A desktop program may refuse to open so large a workbook, or need more memory "
            "than there is. A smaller model shows the same steps.", err=True)


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 100 else f"{seconds / 60:,.0f} min"
