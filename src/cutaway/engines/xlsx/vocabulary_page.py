"""The page Vocabulary: a row for each token, a column for each table that speaks of all tokens."""

import numpy as np

from cutaway.engines.xlsx.cells import ArrayFormula, ExactSheet, Numbers, Page, Rows
from cutaway.engines.xlsx.forms import COUNT
from cutaway.engines.xlsx.layout import LABELS, SHARES, VOCABULARY, Block, fronts_of
from cutaway.engines.xlsx.places import Place
from cutaway.engines.xlsx.step_pages import (
    Drawing,
    explained,
    faint,
    fill,
    fill_helper,
    page_head,
    short,
    stated,
    style_of,
)
from cutaway.engines.xlsx.style import HEAT
from cutaway.engines.xlsx.values import COLDEST, shares

EXPLANATIONS = LABELS + 9  # the column in which the tables' explanations begin


def vocabulary_page(drawing: Drawing, page: Page, texts: tuple[str, ...],
                    temperature: float) -> None:
    """Every table whose last axis is the vocabulary, side by side.  texts: all tokens"""
    styles, layout = drawing.styles, drawing.layout
    page_head(styles, page, VOCABULARY, "The language head: a row for each token.")
    page.columns += [(0, 0, 8.0), (1, 1, 6.0), (2, 2, 16.0), (LABELS, 16_383, 9.0)]
    for block in layout.down:
        _listed(drawing, page, block)
        _columns(drawing, page, block)
        for front in fronts_of(block.part.symbol):
            fill(drawing, page, block.part, front)
        for helper in block.part.all_helpers():
            for front in fronts_of(helper.of):
                fill_helper(drawing, page, block.part, helper, front)
                place = layout.places.of(helper.name, front)
                page.words(place.row, place.column - 1, helper.kind, styles.label)
    _shares(drawing, page, temperature)
    page.pieces.append(Numbers(layout.top, 1, np.arange(len(texts))[:, None], styles.label))
    page.pieces.append(Rows(layout.top, 2, len(texts), lambda id: [texts[id]], styles.token))
    page.words(layout.top - 1, 1, "id", styles.column_words)
    page.words(layout.top - 1, 2, "token", styles.column_words)
    page.finish.append(lambda sheet: sheet.freeze_panes(layout.top, LABELS))


def vocabulary_names(n_vocabulary: int, top: int) -> dict[str, str]:
    """The defined names that this page adds to those of the tables."""
    place = Place(VOCABULARY, top, 1, n_vocabulary, 1, True, "t_vocabulary_ids")
    return {place.name: place.address}


def _listed(drawing: Drawing, page: Page, block: Block) -> None:
    """One line about a table at the top of the page."""
    styles, step = drawing.styles, block.node.step
    page.words(block.row, 0, step.number, styles.number_of_step)
    words = stated(block) if block.whole else f"first: {short(block.part, block.node.name)}"
    page.words(block.row, 1, words, styles.formula)
    if block.whole:
        page.words(block.row, EXPLANATIONS, explained(block), styles.explanation)


def _columns(drawing: Drawing, page: Page, block: Block) -> None:
    """A table's name above its columns, and the positions where it has one for each."""
    styles, axes = drawing.styles, block.part.symbol.axes
    places = [drawing.layout.places.of(block.part.name, front)
              for front in fronts_of(block.part.symbol)]
    first, last = places[0], places[-1]
    page.words(first.row - 2, first.column, block.part.name, styles.step)
    for place in places:
        for index in range(place.n_columns):
            if "position" in axes[-2:-1]:
                page.formula(place.row - 1, place.column + index, f"INDEX(t_tokens,{index + 1})",
                             drawing.label(index), styles.column_words)
            else:
                page.words(place.row - 1, place.column + index, "", styles.column)
    corners = (first.row, first.column, first.row + first.n_rows - 1,
               last.column + last.n_columns - 1)

    def colours(sheet: ExactSheet) -> None:
        if "position" in axes[-2:-1]:
            sheet.conditional_format(*corners, faint(
                styles, f"MOD(COLUMN()-{first.column + 1},{first.n_columns})>={COUNT}"))
        if style_of(styles, block.part) is styles.value:
            sheet.conditional_format(*corners, dict(HEAT))

    page.finish.append(colours)


def _shares(drawing: Drawing, page: Page, temperature: float) -> None:
    """The probabilities at the front page's temperature, which its table and chart show."""
    layout, styles = drawing.layout, drawing.styles
    name = layout.book.role("next_logits")
    values, cells = shares(drawing.tables[name], temperature), layout.places.of(name).name
    whole, largest, total = (layout.places.of(name) for name in
                             (SHARES, f"{SHARES}.max", f"{SHARES}.sum"))
    cold = f"MAX(t_temperature,{COLDEST!r})".upper().replace("T_TEMPERATURE", "t_temperature")
    weight = f"EXP(({cells}-{largest.name})/{cold})"
    logits = drawing.tables[name]
    sums = float(np.exp((logits - logits.max()) / max(temperature, COLDEST)).sum())
    page.words(whole.row - 2, whole.column, "share", styles.step)
    page.words(whole.row - 1, whole.column, "at temp.", styles.column_words)
    for place, formula, value, kind in (
            (largest, f"MAX({cells})", float(logits.max()), "max"),
            (total, f"SUMPRODUCT({weight})", sums, "sum")):
        page.formula(place.row, place.column, formula, value, styles.helper)
        page.words(place.row, place.column - 1, kind, styles.label)
    page.pieces.append(ArrayFormula(whole.row, whole.column, f"{weight}/{total.name}",
                                    values[:, None], styles.share))
