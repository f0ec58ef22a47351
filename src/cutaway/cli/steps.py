"""`cutaway steps`: the definition of a model, step by step, as the code states it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import examples, json_option, model_option

if TYPE_CHECKING:
    from cutaway.cli.screen import Screen
    from cutaway.glossary import Entry
    from cutaway.workbook import Sheet, Step

TITLES = {
    "embed": "once, at the beginning: from tokens to numbers",
    "block": "again and again, h0 to the last: the same steps, each time with other weights",
    "head": "once, at the end: from numbers to the next token",
}


@click.command(epilog=examples(
    "cutaway steps",
    "cutaway steps attention",
    "cutaway steps c_attn_w",
    "cutaway steps softmax",
    "cutaway steps --model my-model",
    "cutaway steps --json"))
@click.argument("name", required=False)
@model_option
@json_option
def steps(name: str | None, model: str, as_json: bool) -> None:
    """How a model is calculated: every step with its number, formula, axes and meaning.

    With a NAME, all about that one table: what it reads, what reads it, and what each word of its
    formula means. The NAME of an operation (softmax, @), or of anything else in the glossary, tells
    what it does, with a small example. GPT-2's numbers 1 to 16 are those of the workshop's
    spreadsheet.
    """
    from cutaway.weights import find_model

    found = find_model(model)
    sheets = found.architecture.book(found.config).sheets
    if as_json:
        _print_as_json(sheets, name)
    elif name is None:
        _draw_all(sheets, *_definition(found.architecture.book))
    elif (entry := _word(sheets, name)) is not None:
        _draw_word(sheets, entry)
    else:
        _draw_one(sheets, _own_name(name))


def _definition(book: "Callable[..., object]") -> tuple[str, int]:
    """The file in which a model is defined, and how many lines it has."""
    from inspect import getsourcefile

    path = Path(getsourcefile(book) or "")
    return f"{path.parent.name}/{path.name}", len(path.read_text("utf-8").splitlines())


def _word(sheets: Mapping[str, "Sheet"], name: str) -> "Entry | None":
    """The glossary's entry of a name, where it is no table's."""
    from cutaway.glossary import find

    is_table = any(_own_name(name) in (*sheet.steps, *sheet.weights) for sheet in sheets.values())
    return None if is_table else find(name)


def _draw_word(sheets: Mapping[str, "Sheet"], entry: "Entry") -> None:
    """What a word means, and the steps whose formulas have it."""
    import re

    from cutaway.cli.screen import open_screen

    screen = open_screen()
    screen.heading(entry.word, entry.kind if entry.kind != "word" else "")
    screen.print(f"  {_plain(entry.meaning)}")
    rows = [["for example", _plain(entry.example)], ["in a spreadsheet", _plain(entry.spreadsheet)]]
    if entry.kind in ("operation", "sign", "constant"):
        uses = re.compile(r"(?<!\w)(?<!\*)" + re.escape(entry.word) + r"(?!\w)(?!\*)")
        users = [step.name for sheet in sheets.values() for step in sheet.steps.values()
                 if uses.search(step.formula)]
        rows.append(["is used by", ", ".join(users) or "no step of this model"])
    screen.table(["", ""], [row for row in rows if row[1]], wrap=[1])


def _plain(text: str) -> str:
    """Markdown without its marks."""
    return text.replace("**", "").replace("`", "")


def _own_name(name: str) -> str:
    """A table's name without its block: h3.attention is an attention like every other."""
    prefix, dot, own = name.rpartition(".")
    return own if dot and prefix[:1] == "h" and prefix[1:].isdigit() else name


def _draw_all(sheets: Mapping[str, "Sheet"], file: str, n_lines: int) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from cutaway.cli.screen import QUIET, STRONG, open_screen

    screen = open_screen()
    for sheet in sheets.values():
        screen.heading(sheet.name, TITLES.get(sheet.name, ""))
        for step in sheet.steps.values():
            screen.print("", _title_line(screen, step, STRONG, QUIET))
            screen.print(Padding(Text(step.formula), (0, 0, 0, 7)),
                         Padding(Text(step.explanation.split("\n")[0], QUIET), (0, 0, 0, 7)))
        screen.print("")
        screen.note("Weights: " + ", ".join(
            f"{weight} ({' '.join(axes)})" for weight, axes in sheet.weights.items()))
    screen.note(f"That is the whole model: {file}, {n_lines} lines with all their explanations.")
    screen.hint("All about one of them:", "cutaway steps attention")


def _title_line(screen: "Screen", step: "Step", strong: str, quiet: str) -> Any:
    """The step's number and name on the left, its axes at the right edge."""
    from rich.text import Text

    axes = " ".join(step.axes)
    gap = max(2, screen.width - 7 - len(step.name) - len(axes))
    return Text.assemble((f"  {step.number:>3}  ", quiet), (step.name, strong), " " * gap,
                         (axes, quiet))


def _draw_one(sheets: Mapping[str, "Sheet"], name: str) -> None:
    from cutaway.axes import AXES
    from cutaway.cli.screen import open_screen

    sheet, step = _find(sheets, name)
    screen = open_screen()
    axes = step.axes if step else sheet.weights[name]
    screen.heading(name, f"step {step.number} of the sheet {sheet.name}" if step
                   else f"a weight of the sheet {sheet.name}, learned in training")
    if step:
        screen.print(f"  = {step.formula}")
        screen.note(step.explanation)
    screen.heading("Axes")
    screen.table(["", ""], [[axis, AXES[axis]] for axis in axes], wrap=[1])
    _draw_wiring(screen, sheets, sheet, name, step)
    if step:
        _draw_words(screen, step)


def _draw_wiring(screen: "Screen", sheets: Mapping[str, "Sheet"], sheet: "Sheet", name: str,
                 step: "Step | None") -> None:
    """What a table reads and what reads it."""
    readers = [other.name for one in sheets.values() for other in one.steps.values()
               if name in other.parameters]
    next_reader = "the first step of the next sheet or block" if (
        step and name == list(sheet.steps)[-1] and sheet.name != list(sheets)[-1]) else ""
    screen.heading("Wiring")
    rows = [["reads", ", ".join(step.parameters)]] if step else []
    rows.append(["is read by", ", ".join([*readers, *filter(None, [next_reader])])
                 or "nothing: it is a result"])
    if step and step.remembered:
        rows.append(["remembered", "when a token is appended it grows by a row: the KV cache"])
    screen.table(["", ""], rows, wrap=[1])


def _draw_words(screen: "Screen", step: "Step") -> None:
    """What each operation in the formula gives."""
    import re

    from cutaway.workbook.operations import OPERATIONS

    words = [word for word in dict.fromkeys(re.findall(r"\w+", step.formula)) if word in OPERATIONS]
    if words:
        screen.heading("Words of the formula")
        screen.table(["", ""], [[word, (OPERATIONS[word].__doc__ or "").split("\n")[0]]
                                for word in words], wrap=[1])
        screen.hint("With an example:", f"cutaway steps {words[0]}")


def _find(sheets: Mapping[str, "Sheet"], name: str) -> "tuple[Sheet, Step | None]":
    """The sheet and step of a name; no step for a weight.

    Raises:  UnknownTable saying what was probably meant
    """
    from cutaway.errors import UnknownTable
    from cutaway.glossary import entries
    from cutaway.words import did_you_mean

    for sheet in sheets.values():
        if name in sheet.steps:
            return sheet, sheet.steps[name]
        if name in sheet.weights:
            return sheet, None
    known = [*(word for sheet in sheets.values() for word in (*sheet.steps, *sheet.weights)),
             *(entry.word for entry in entries())]
    raise UnknownTable(f"No step, no weight and no word of the glossary is called {name!r}."
                       f"{did_you_mean(name, known)} "
                       "`cutaway steps` lists them all.")


def _print_as_json(sheets: Mapping[str, "Sheet"], name: str | None) -> None:
    from cutaway.cli.screen import print_json

    if name is not None and (entry := _word(sheets, name)) is not None:
        print_json(asdict(entry))
    elif name is not None:
        sheet, step = _find(sheets, _own_name(name))
        print_json(_step_as_json(sheet, step) if step else
                   {"name": _own_name(name), "sheet": sheet.name,
                    "axes": sheet.weights[_own_name(name)]})
    else:
        print_json([{"sheet": sheet.name, "weights": sheet.weights,
                     "steps": [_step_as_json(sheet, step) for step in sheet.steps.values()]}
                    for sheet in sheets.values()])


def _step_as_json(sheet: "Sheet", step: "Step") -> dict[str, Any]:
    return {"name": step.name, "sheet": sheet.name, "number": step.number, "axes": step.axes,
            "formula": step.formula, "reads": step.parameters, "remembered": step.remembered,
            "explanation": step.explanation}
