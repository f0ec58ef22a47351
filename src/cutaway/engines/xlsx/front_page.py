"""The front page: the prompt to type into, what comes next, and the road map."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from cutaway.engines.xlsx.cells import ArrayFormula, ExactSheet, Link, Numbers, Page
from cutaway.engines.xlsx.formulas import shown, shown_value
from cutaway.engines.xlsx.step_pages import FRONT, Drawing
from cutaway.engines.xlsx.style import SHARE
from cutaway.engines.xlsx.values import shares

TOP = 10
PROMPT, STATUS, LIST = 4, 6, 9           # rows
PLACE, TOKEN, ID = 1, 2, 3               # columns of the prompt's tokens
RANK, NEXT, NEXT_ID, PROBABILITY = 5, 6, 7, 8
CHART = 10
LAST = 16
TEMPERATURE = 1.0


@dataclass(frozen=True)
class Entry:
    """One line of the road map."""

    page: str
    about: str


def front_names() -> dict[str, str]:
    """The defined names of the cells that one types into, and of what comes out."""
    cells = {"t_prompt": (PROMPT, PLACE), "t_temperature": (LIST + 1, PROBABILITY),
             "t_text": (STATUS + 1, PLACE), "t_next_id": (LIST + 3, NEXT_ID),
             "t_continued": (LIST + 3 + TOP, NEXT)}
    return {name: f"'{FRONT}'!{xl_rowcol_to_cell(*cell, True, True)}"
            for name, cell in cells.items()}


def front_page(drawing: Drawing, page: Page, workbook: Workbook, texts: tuple[str, ...],
               words: "Words") -> None:
    """Puts the page together."""
    styles = drawing.styles
    page.columns += [(0, 0, 2.0), (PLACE, PLACE, 7.0), (TOKEN, TOKEN, 18.0), (ID, ID, 8.0),
                     (4, 4, 3.0), (RANK, RANK, 5.0), (NEXT, NEXT, 20.0), (NEXT_ID, NEXT_ID, 8.0),
                     (PROBABILITY, PROBABILITY, 12.0), (9, 9, 3.0), (CHART, LAST, 10.0),
                     (LAST + 1, 16_383, 9.0)]
    page.heights |= {0: 38, PROMPT: 42, STATUS: 18, STATUS + 1: 6, LIST: 30}
    page.words(0, PLACE, f"Cutaway: {words.model}", styles.title)
    page.words(1, PLACE, words.lead, styles.explanation)
    page.words(3, PLACE, "Type a prompt", styles.heading)
    _input(drawing, page, words.prompt)
    _tokens(drawing, page, words)
    _next(drawing, page, texts, words)
    page.finish.append(lambda sheet: _chart(sheet, workbook))
    bottom = LIST + max(drawing.layout.n_positions, TOP + 4) + 2
    _road_map(drawing, page, bottom, words.pages)
    _legend(drawing, page, bottom)
    page.finish.append(_print_on_one_page)


@dataclass(frozen=True)
class Words:
    """What the front page says of this model and its prompt."""

    model: str
    lead: str
    prompt: str
    pages: list[Entry]


def _input(drawing: Drawing, page: Page, prompt: str) -> None:
    styles = drawing.styles
    for column in range(PLACE, LAST + 1):
        page.words(PROMPT, column, prompt if column == PLACE else "", styles.input)
    page.finish.append(lambda sheet: _merge(sheet, PROMPT, PLACE, LAST))
    positions = drawing.layout.n_positions
    page.formula(STATUS, PLACE,
                 f'IF(t_status="",t_count&" of at most {positions} tokens",t_status)',
                 f"{len(drawing.tokens)} of at most {positions} tokens", styles.status)
    # In a cell with line breaks LibreOffice keeps a tab as U+0001, which no cell holds otherwise.
    page.formula(STATUS + 1, PLACE, 'SUBSTITUTE(t_prompt&"",CHAR(1),CHAR(9))', prompt,
                 styles.hidden)


def _merge(sheet: ExactSheet, row: int, first: int, last: int) -> None:
    """One wide cell out of several that were written."""
    sheet.merge.append([row, first, row, last])


def _tokens(drawing: Drawing, page: Page, words: Words) -> None:
    """The prompt's tokens with their ids."""
    styles = drawing.styles
    page.words(LIST - 1, PLACE, "Tokens", styles.heading)
    page.words(LIST - 1, TOKEN, "", styles.heading)
    page.words(LIST - 1, ID, "", styles.heading)
    for column, title in ((PLACE, "position"), (TOKEN, "token"), (ID, "id")):
        style = styles.column_middle if column == TOKEN else styles.column_words
        page.words(LIST, column, title, style)
    ids = drawing.tables["ids"]
    for position in range(drawing.layout.n_positions):
        row, there = LIST + 1 + position, position < len(drawing.tokens)
        given = f'AND(t_status="",{position}<t_count)'
        page.pieces.append(Numbers(row, PLACE, np.array([[position]]), styles.label))
        page.formula(row, TOKEN, f'IF({given},{shown(f"INDEX(t_tokens,{position + 1})")},"")',
                     shown_value(drawing.tokens[position]) if there else "", styles.symbol)
        page.formula(row, ID, f'IF({given},INDEX(t_ids,{position + 1}),"")',
                     int(ids[position]) if there else "", styles.whole)


def _next(drawing: Drawing, page: Page, texts: tuple[str, ...], words: Words) -> None:
    """The next token, the temperature, and the ten likeliest."""
    styles, name = drawing.styles, drawing.layout.book.role("next_logits")
    logits, place_of_logits = drawing.tables[name], drawing.layout.places.of(name)
    best = (-logits).argsort(kind="stable")[:TOP]
    probabilities = shares(logits, TEMPERATURE)
    for column in range(RANK, PROBABILITY + 1):
        page.words(LIST - 1, column, "The next token" if column == RANK else "", styles.heading)
    first = xl_rowcol_to_cell(LIST + 3, NEXT)
    page.formula(LIST, NEXT, f'IF({first}="","–",{first})', shown_value(texts[best[0]]),
                 styles.predicted)
    page.words(LIST + 1, NEXT, "temperature", styles.explanation)
    page.pieces.append(Numbers(LIST + 1, PROBABILITY, np.array([[TEMPERATURE]]),
                               styles.input_number))
    for column, title in ((RANK, ""), (NEXT, "token"), (NEXT_ID, "id"),
                          (PROBABILITY, "probability")):
        style = styles.column_middle if column == NEXT else styles.column_words
        page.words(LIST + 2, column, title, style)
    for place, id in enumerate(best.tolist()):
        row = LIST + 3 + place
        here = xl_rowcol_to_cell(row, NEXT_ID)
        page.pieces.append(Numbers(row, RANK, np.array([[place + 1]]), styles.label))
        page.formula(row, NEXT, f'IF({here}="","",{shown(f"INDEX(t_vocabulary,{here}+1)")})',
                     shown_value(texts[id]), styles.symbol)
        page.pieces.append(_likeliest(row, place + 1, id, place_of_logits.name,
                                      styles.whole))
        page.formula(row, PROBABILITY, f'IF({here}="","",INDEX(t_share,{here}+1))',
                     float(probabilities[id]), styles.share)
    page.words(LIST + 3 + TOP, RANK, "→", styles.label)
    page.formula(LIST + 3 + TOP, NEXT,
                 'IF(t_status="",t_text&INDEX(t_vocabulary,t_next_id+1),"")',
                 words.prompt + texts[best[0]], styles.explanation)


def _likeliest(row: int, place: int, id: int, logits: str, style: Format) -> ArrayFormula:
    """The id of the token with the so-manieth logit; of equals, the lowest id first.

    logits  what the cells of the next token's logits are called
    """
    logit = f"LARGE({logits},{place})"
    formula = (f'IF(t_status="",SMALL(IF({logits}={logit},t_vocabulary_ids),'
               f'{place}-SUM(IF({logits}>{logit},1,0))),"")')
    return ArrayFormula(row, NEXT_ID, formula, np.array([[id]]), style)


def _chart(sheet: ExactSheet, workbook: Workbook) -> None:
    """The ten likeliest tokens as bars."""
    chart = workbook.add_chart({"type": "bar"})
    assert chart is not None
    font = {"name": "Calibri", "size": 9, "color": "#465063"}
    first, last = LIST + 3, LIST + 2 + TOP
    chart.add_series({"categories": [FRONT, first, NEXT, last, NEXT],
                      "values": [FRONT, first, PROBABILITY, last, PROBABILITY],
                      "fill": {"color": SHARE}, "gap": 45})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": "#A89F8B"},
                      "major_tick_mark": "none", "minor_tick_mark": "none"})
    chart.set_x_axis({"num_format": "0 %", "num_font": font, "min": 0, "line": {"none": True},
                      "major_gridlines": {"visible": True, "line": {"color": "#D5CDBB"}},
                      "major_tick_mark": "none", "minor_tick_mark": "none"})
    chart.set_title({"name": "What comes next, and how likely",
                     "name_font": {**font, "size": 11, "bold": True}})
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": "#F6F2E9"}})
    chart.set_plotarea({"fill": {"color": "#F6F2E9"}})
    chart.set_size({"width": 520, "height": 340})
    sheet.insert_chart(LIST - 1, CHART, chart)


def _road_map(drawing: Drawing, page: Page, top: int, entries: Sequence[Entry]) -> None:
    """Every page with a link and what is on it."""
    styles = drawing.styles
    for column in range(PLACE, PROBABILITY + 1):
        page.words(top, column, "The model, page by page" if column == PLACE else "",
                   styles.heading)
    for number, entry in enumerate(entries):
        page.pieces.append(Link(top + 1 + number, PLACE, entry.page, entry.page, styles.link))
        page.words(top + 1 + number, ID, entry.about, styles.explanation)


def _legend(drawing: Drawing, page: Page, top: int) -> None:
    """What the colours mean."""
    styles = drawing.styles
    for column in range(CHART, LAST + 1):
        page.words(top, column, "The colours" if column == CHART else "", styles.heading)
    meanings = [
        (styles.input_number, "type here: the prompt, the temperature"),
        (styles.parameter, "a parameter: a number that the model has learned"),
        (styles.warm, "a table of the model, where it is positive"),
        (styles.cold, "the same, where it is negative"),
        (styles.green, "a share of 1: the greener, the larger"),
        (styles.helper, "a working number: a row's maximum, mean or sum; a merge"),
    ]
    for number, (style, meaning) in enumerate(meanings):
        page.words(top + 1 + number, CHART, "", style)
        page.words(top + 1 + number, CHART + 1, f"  {meaning}", styles.explanation)
    page.words(top + 2 + len(meanings), CHART, "Faint rows lie behind the end of the prompt.",
               styles.explanation)
    page.words(top + 3 + len(meanings), CHART, "A block is one formula: select any of its cells to "
               "read it.", styles.explanation)


def _print_on_one_page(sheet: ExactSheet) -> None:
    sheet.fit_to_pages(1, 1)

