"""The pages of steps: Embed, every block, Head. One titled block of cells a step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from xlsxwriter.format import Format

from cutaway.engines.xlsx.cells import ArrayFormula, ExactSheet, Link, Numbers, Page
from cutaway.engines.xlsx.forms import COUNT, Front, Speech
from cutaway.engines.xlsx.layout import EMBED, FIRST_ROW, LABELS, Block, Layout, fronts_of
from cutaway.engines.xlsx.parts import HELPER_FORMULAS, Helper, Part
from cutaway.engines.xlsx.places import Place
from cutaway.engines.xlsx.style import HEAT, SHARES, Styles
from cutaway.engines.xlsx.values import Tables

WIDTHS = ((0, 0, 8.0), (1, 1, 5.0), (2, 2, 15.0), (LABELS, 16_383, 7.0))
FRONT = "Cutaway"
MASKING = {"causal", "present"}  # what writes minus infinity into cells


@dataclass(frozen=True)
class Drawing:
    """What is needed to draw steps: where all lies, how it looks, and the numbers.

    tokens  those of the prompt, as cells hold them
    """

    layout: Layout
    styles: Styles
    tables: Tables
    tokens: list[str]

    def speech(self, part: Part) -> Speech:
        """The language in which a part's formula is said."""
        names = {symbol: {kind: helper.name for kind, helper in kinds.items()}
                 for symbol, kinds in part.helpers.items()}
        return Speech(self.layout.places, names)

    def label(self, position: int) -> str:
        return self.tokens[position] if position < len(self.tokens) else ""


def step_page(drawing: Drawing, page: Page, lead: str) -> None:
    """Every block of one page."""
    page_head(drawing.styles, page, page.name, lead)
    page.columns += WIDTHS
    if page.name == EMBED:
        _inputs(drawing, page)
    for block in drawing.layout.pages[page.name]:
        _titles(drawing, page, block)
        _column_labels(drawing, page, block)
        _row_labels(drawing, page, block)
        for front in fronts_of(block.part.symbol):
            fill(drawing, page, block.part, front)
        for helper in block.part.all_helpers():
            for front in fronts_of(helper.of):
                fill_helper(drawing, page, block.part, helper, front)
        page.finish.append(_colours(drawing, block))
    page.finish.append(lambda sheet: sheet.freeze_panes(2, LABELS))


def page_head(styles: Styles, page: Page, title: str, lead: str) -> None:
    """A title, the way back to the front page, and what the page is about."""
    page.words(0, 0, title, styles.title)
    page.heights[0] = 34
    page.pieces.append(Link(1, 0, FRONT, "← map", styles.link))
    page.words(1, LABELS, lead, styles.explanation)


def _inputs(drawing: Drawing, page: Page) -> None:
    """The prompt's ids and their positions, which the page Tokens found."""
    styles, row = drawing.styles, FIRST_ROW
    page.words(row, 1, "ids, positions", styles.step)
    page.words(row + 1, 1, "The tokens of the prompt and their places", styles.explanation)
    page.words(row + 2, 1, "tokens in the prompt", styles.explanation)
    page.formula(row + 2, LABELS, 'IF(t_status="",MAX(t_token_number),1)', len(drawing.tokens),
                 styles.whole)
    page.words(row + 3, 2, "token", styles.column_words)
    for place, name in enumerate(drawing.layout.book.inputs):
        page.words(row + 3, LABELS + place, name, styles.column_words)
    ids = drawing.tables["ids"]
    for position in range(drawing.layout.n_positions):
        line = row + 4 + position
        page.pieces.append(Numbers(line, 1, np.array([[position]]), styles.label))
        page.formula(line, 2, f"IF({position}<{COUNT},INDEX(t_vocabulary,"
                     f"INDEX(t_ids,{position + 1})+1),\"\")", drawing.label(position),
                     styles.token)
        page.formula(line, LABELS, f'IF(t_status="",MAX(INDEX(t_found_ids,{position + 1}),0),0)',
                     int(ids[position]), styles.whole)
        page.pieces.append(Numbers(line, LABELS + 1, np.array([[position]]), styles.whole))


def input_names(layout: Layout) -> dict[str, str]:
    """The defined names that the page Embed adds to those of the tables."""
    places = {COUNT: Place(EMBED, FIRST_ROW + 2, LABELS, 1, 1, True, COUNT),
              "t_tokens": Place(EMBED, FIRST_ROW + 4, 2, layout.n_positions, 1, True, "t_tokens")}
    return {name: place.address for name, place in places.items()}


def _titles(drawing: Drawing, page: Page, block: Block) -> None:
    """The step's number, name, formula and explanation."""
    styles, step = drawing.styles, block.node.step
    page.words(block.row, 0, step.number, styles.number_of_step)
    if not block.whole:
        page.words(block.row, 1, f"first: {short(block.part, block.node.name)}", styles.formula)
        return
    page.words(block.row, 1, step.name, styles.step)
    page.words(block.row + 1, 1, stated(block), styles.formula)
    page.words(block.row + 2, 1, explained(block), styles.explanation)
    page.heights[block.row] = 20


def stated(block: Block) -> str:
    """The step's formula as the book states it."""
    step = block.node.step
    return f"{step.name} = {' ; '.join(step.formula.splitlines())}"


def explained(block: Block) -> str:
    """What the step means, and what was typed over its table."""
    typed = [f"Typed over it: {words}." for words in block.part.words]
    return " ".join([*block.node.step.explanation.split(), *typed])


def short(part: Part, table: str) -> str:
    """A part's formula without the name of the block in front of every table."""
    prefix, dot, _ = table.rpartition(".")
    words = str(part.symbol)
    return words.replace(prefix + dot, "") if dot else words


def _column_labels(drawing: Drawing, page: Page, block: Block) -> None:
    symbol, row = block.part.symbol, block.row + block.n_title_rows - 1
    *_, rows, columns = ("", *symbol.axes)
    styles = drawing.styles
    page.words(row, 2, f"{rows} ↓ {columns} →" if rows else f"{columns} →", styles.column_words)
    n_columns = symbol.shape[-1] or 0
    if columns == "source":
        for source in range(n_columns):
            page.formula(row, LABELS + source, f"INDEX(t_tokens,{source + 1})",
                         drawing.label(source), styles.column_words)
    else:
        page.pieces.append(Numbers(row, LABELS, np.arange(n_columns)[None], styles.column))
    for number, helper in enumerate(block.part.all_helpers()):
        page.words(row, LABELS + n_columns + 1 + number, helper.kind, styles.column_words)


def _row_labels(drawing: Drawing, page: Page, block: Block) -> None:
    """The head, the number and the token of every row."""
    axes, styles = block.part.symbol.axes, drawing.styles
    for front in fronts_of(block.part.symbol):
        place = drawing.layout.places.of(block.part.name, front)
        if len(axes) > 1:
            page.pieces.append(Numbers(place.row, 1, np.arange(place.n_rows)[:, None],
                                       styles.label))
        for index in range(place.n_rows):
            if front:
                page.words(place.row + index, 0, " ".join(
                    f"{axis} {number}" for axis, number in zip(axes, front, strict=False)),
                    styles.label)
            if "position" in axes[-2:-1]:
                page.formula(place.row + index, 2, f"INDEX(t_tokens,{index + 1})",
                             drawing.label(index), styles.token)


def fill(drawing: Drawing, page: Page, part: Part, front: Front) -> None:
    """The formulas of one block of cells, with the numbers that they give."""
    if part.typed is not None:
        fill_typed(drawing, page, part, front)
        return
    place = drawing.layout.places.of(part.name, front)
    cells = np.atleast_2d(drawing.tables[part.name][front])
    for panel in drawing.speech(part).panels(part.symbol, front, place.down):
        rows = slice(panel.row, panel.row + panel.n_rows)
        columns = slice(panel.column, panel.column + panel.n_columns)
        array, row, column = cells[rows, columns], panel.row, panel.column
        if place.down:
            array, row, column = array.T, panel.column, panel.row
        page.pieces.append(ArrayFormula(place.row + row, place.column + column, panel.text, array,
                                        style_of(drawing.styles, part)))


def fill_typed(drawing: Drawing, page: Page, part: Part, front: Front) -> None:
    """One block of cells with typed numbers in it; the other cells follow what is given."""
    assert part.typed is not None
    place = drawing.layout.places.of(part.name, front)
    given = drawing.layout.places.of(part.symbol.name, front)
    cells, typed = np.atleast_2d(drawing.tables[part.name][front]), np.atleast_2d(part.typed[front])
    for row, n_rows, column, n_columns in _rectangles(~np.isnan(typed)):
        here = slice(row, row + n_rows), slice(column, column + n_columns)
        numbers, calculated = typed[here], cells[here]
        down, right = place.row + row, place.column + column
        if place.down:
            numbers, calculated = numbers.T, calculated.T
            down, right = place.row + column, place.column + row
        if np.isnan(numbers[0, 0]):
            text = given.rectangle(row, n_rows, column, n_columns)
            page.pieces.append(ArrayFormula(down, right, text, calculated,
                                            style_of(drawing.styles, part)))
        else:
            page.pieces.append(Numbers(down, right, numbers, drawing.styles.input_number))


def _rectangles(mask: np.ndarray) -> Iterator[tuple[int, int, int, int]]:
    """A table in rectangles of cells that are all of one kind: first row, rows, column, columns."""
    for row, n_rows in _runs((mask[1:] != mask[:-1]).any(axis=1)):
        for column, n_columns in _runs(mask[row, 1:] != mask[row, :-1]):
            yield row, n_rows, column, n_columns


def _runs(changes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Neighbours that are alike: the first one, and how many.  changes: from each to the next"""
    bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(changes) + 1]
    return ((first, end - first) for first, end in pairwise(bounds))


def style_of(styles: Styles, part: Part) -> Format:
    """Numbers of the model, or what a formula needs on the way."""
    if any(one.operation in MASKING for one in part.symbol.walk()):
        return styles.maskable if part.symbol.operation != "softmax" else styles.value
    if part.symbol.operation == "softmax" and part.symbol.axes[-1] == "vocabulary":
        return styles.share
    return styles.helper if ".given" in part.name else styles.value


def fill_helper(drawing: Drawing, page: Page, part: Part, helper: Helper, front: Front) -> None:
    """One formula a row: the maximum, the sum, the mean or the variance."""
    place = drawing.layout.places.of(helper.name, front)
    of = drawing.layout.places.of(helper.of.name, front)
    values = np.atleast_1d(drawing.tables[helper.name][front])
    before = _before(drawing.layout, part, helper, front)
    for index, value in enumerate(values.tolist()):
        row, column = ((place.row, place.column + index) if place.down
                       else (place.row + index, place.column))
        formula = HELPER_FORMULAS[helper.kind].format(
            row=of.line(index), before=before.line(index) if before else "")
        page.formula(row, column, formula, value, drawing.styles.helper)


def _before(layout: Layout, part: Part, helper: Helper, front: Front) -> Place | None:
    """Where the row's maximum stands, which its sum of exponentials takes off."""
    for kinds in part.helpers.values():
        if kinds.get("sum") is helper:
            return layout.places.of(kinds["max"].name, front)
    return None


def faint(styles: Styles, behind: str) -> dict[str, Any]:
    """How cells behind the end of the prompt look.  behind: a formula that tells whether"""
    return {"type": "formula", "stop_if_true": True, "format": styles.faint,
            "criteria": f"={behind}"}


def _colours(drawing: Drawing, block: Block) -> Callable[[ExactSheet], None]:
    """Heat over the numbers; what lies behind the end of the prompt is faint."""
    axes, part = block.part.symbol.axes, block.part
    places = [drawing.layout.places.of(part.name, front) for front in fronts_of(part.symbol)]
    top, bottom = places[0].row, places[-1].row + places[-1].n_rows - 1
    right = LABELS + places[0].n_columns - 1
    conditions = []
    if "position" in axes[-2:-1]:
        conditions.append(f"$B{top + 1}>={COUNT}")
    if axes[-1] == "source":
        conditions.append(f"COLUMN()-{LABELS}>{COUNT}")

    def apply(sheet: ExactSheet) -> None:
        if len(places) > 1:
            sheet.conditional_format(top, 0, bottom, LABELS - 1, {
                "type": "formula", "criteria": f"=$B{top + 1}=0",
                "format": drawing.styles.first_of_head})
        if conditions:
            sheet.conditional_format(top, LABELS, bottom, right,
                                     faint(drawing.styles, f"OR({','.join(conditions)})"))
        if style_of(drawing.styles, part) is drawing.styles.value:
            shares = part.symbol.operation == "softmax"
            sheet.conditional_format(top, LABELS, bottom, right, dict(SHARES if shares else HEAT))

    return apply

