"""The pages of plain numbers: the model's parameters, the merges, the classes of characters."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from xlsxwriter.utility import xl_range_abs

from cutaway.engines.xlsx.cells import ExactRows, Numbers, Page, Rows
from cutaway.engines.xlsx.layout import LABELS, WeightBlock
from cutaway.engines.xlsx.places import Place
from cutaway.engines.xlsx.step_pages import WIDTHS, page_head
from cutaway.engines.xlsx.style import Styles
from cutaway.engines.xlsx.token_tables import CLASS_NAMES, TokenTables, class_ranges

MERGES, CHARACTERS = "Merges", "Characters"
TOP = 4  # the row below the titles and the columns' names


def weight_page(page: Page, styles: Styles, blocks: Sequence[WeightBlock],
                weights: Mapping[str, np.ndarray], texts: Sequence[str]) -> None:
    """The parameters of one page, every digit of them.  texts: all tokens, as labels"""
    page_head(styles, page, page.name, "Parameters: what the model has learned. Change one, and "
              "all that depends on it is calculated again.")
    page.columns += WIDTHS
    for block in blocks:
        n_rows, n_columns = block.shape
        rows, columns = ("", *block.axes)[-2:]
        page.words(block.row, 1, block.name, styles.step)
        page.words(block.row, LABELS + 2, " x ".join(
            f"{length:,} {axis}" for length, axis in
            zip(block.shape[-len(block.axes):], block.axes, strict=True)), styles.explanation)
        page.words(block.row + 1, 2, f"{rows} ↓ {columns} →" if rows else f"{columns} →",
                   styles.column_words)
        page.pieces.append(Numbers(block.row + 1, LABELS, np.arange(n_columns)[None],
                                   styles.column))
        if rows:
            page.pieces.append(Numbers(block.row + 2, 1, np.arange(n_rows)[:, None],
                                       styles.label))
        if rows == "vocabulary":
            page.pieces.append(Rows(block.row + 2, 2, n_rows, _one_of(texts), styles.token))
        page.pieces.append(Numbers(block.row + 2, LABELS, ExactRows(weights[block.name]),
                                   styles.parameter))
    page.finish.append(lambda sheet: sheet.freeze_panes(2, LABELS))


def _one_of(texts: Sequence[str]) -> Callable[[int], list[str | int | None]]:
    return lambda index: [texts[index]]


def texts_name(tokens: Place) -> dict[str, str]:
    """The defined name of the tokens' texts, which are beside their embeddings.

    tokens  where the token table is
    """
    place = Place(tokens.sheet, tokens.row, LABELS - 1, tokens.n_rows, 1, True, "t_vocabulary")
    return {place.name: place.address}


def merges_page(page: Page, styles: Styles, tables: TokenTables) -> dict[str, str]:
    """The merges twice: sorted by their pair to be found, and by rank. Returns their names."""
    page_head(styles, page, MERGES, "Which neighbours become one token. A pair's key is left id x "
              "vocabulary + right id; its rank is when the merge was learnt.")
    page.columns += [(0, 0, 14.0), (1, 1, 9.0), (2, 3, 9.0), (4, 8, 12.0)]
    for column, words in enumerate(("key", "rank", "", "rank", "left", "right", "becomes", "left",
                                    "right", "becomes")):
        page.words(TOP - 1, column, words, styles.column_words)
    page.pieces.append(Rows(TOP, 0, len(tables.keys), lambda row: tables.keys[row], styles.whole))

    def by_rank(rank: int) -> list[str | int | None]:
        merge = tables.merges[rank]
        return [rank, *merge, *[tables.texts[id] for id in merge]]

    page.pieces.append(Rows(TOP, 3, len(tables.merges), by_rank, styles.whole))
    page.finish.append(lambda sheet: sheet.freeze_panes(TOP, 0))
    n_keys, n_merges = len(tables.keys), max(1, len(tables.merges))
    return {"t_merge_key": _column(MERGES, 0, n_keys), "t_merge_rank": _column(MERGES, 1, n_keys),
            "t_merge_id": _column(MERGES, 6, n_merges)}


def characters_page(page: Page, styles: Styles, tables: TokenTables) -> dict[str, str]:
    """Classes of characters, and the tokens of single bytes. Returns their names."""
    page_head(styles, page, CHARACTERS, "From each code point to the next one listed, characters "
              "are of one class. Beside it: the token of every byte.")
    page.columns += [(0, 0, 14.0), (1, 1, 9.0), (2, 8, 10.0)]
    classes = class_ranges()
    for column, words in enumerate(("from code point", "class", "", "", "byte", "id", "token")):
        page.words(TOP - 1, column, words, styles.column_words)
    page.pieces.append(Rows(TOP, 0, len(classes), lambda row: [
        *classes[row], CLASS_NAMES[classes[row][1]]], styles.whole))
    page.pieces.append(Rows(TOP, 4, 256, lambda byte: [
        byte, tables.byte_ids[byte], tables.texts[tables.byte_ids[byte]]], styles.whole))
    page.finish.append(lambda sheet: sheet.freeze_panes(TOP, 0))
    return {"t_class_from": _column(CHARACTERS, 0, len(classes)),
            "t_class": _column(CHARACTERS, 1, len(classes)),
            "t_byte_ids": _column(CHARACTERS, 5, 256)}


def _column(page: str, column: int, count: int) -> str:
    return f"'{page}'!{xl_range_abs(TOP, column, TOP + count - 1, column)}"
