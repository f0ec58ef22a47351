"""A model written as a workbook of live formulas."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from xlsxwriter import Workbook

from cutaway.disk import whole_file
from cutaway.engines.xlsx.cells import ExactSheet, Page
from cutaway.engines.xlsx.front_page import Entry, Words, front_names, front_page
from cutaway.engines.xlsx.ladder import TOKENS
from cutaway.engines.xlsx.layout import EMBED, HEAD, VOCABULARY, Layout
from cutaway.engines.xlsx.live import LiveWorkbook
from cutaway.engines.xlsx.size import Opened, laid_out, size_of_layout
from cutaway.engines.xlsx.step_pages import FRONT, Drawing, input_names, page_head, step_page
from cutaway.engines.xlsx.style import Styles, make_styles
from cutaway.engines.xlsx.token_page import Encoded, token_page, too_long
from cutaway.engines.xlsx.token_tables import Capacity, TokenTables
from cutaway.engines.xlsx.values import tables_of
from cutaway.engines.xlsx.vocabulary_page import vocabulary_names, vocabulary_page
from cutaway.engines.xlsx.weight_pages import (
    CHARACTERS,
    MERGES,
    characters_page,
    merges_page,
    texts_name,
    weight_page,
)
from cutaway.errors import EmptyPrompt, PromptError, PromptTooLong, UnsupportedStep
from cutaway.tokenizer import check_text
from cutaway.tokenizer_rule import GPT2_RULE
from cutaway.weights.progress import Progress, ProgressCallback, unwatched
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run

REPORT_EVERY = 50_000  # cells
ZIP64_BYTES = 1_000_000_000
LEADS = {
    EMBED: "Tokens become rows of numbers: what each means, and where it stands.",
    HEAD: "The last row says which token should come next.",
}
BLOCK_LEAD = ("Attention lets every token read from those before it; the MLP then works on each "
              "token by itself.")


def write_xlsx(model: Opened, prompt: str, path: Path, n_positions: int = 16,
               progress: ProgressCallback = unwatched, *, like: Run | None = None) -> None:
    """Writes a model as a workbook in which the prompt is a cell that one types into.

        write_xlsx(open_model(), "Mike is quick. He moves", Path("gpt.xlsx"))

    All weights are written in full. Numbers that were typed over a table stand in its cells.

    n_positions  how many tokens a prompt may have
    like         a run of the model, whose formulas and typed numbers are taken over
    Raises:      UnsupportedStep naming a step or table that no spreadsheet can hold; SettingError;
                 EmptyPrompt, PromptTooLong, NotText, PromptError; DiskError, and then a file that
                 was there is unchanged
    """
    layout = laid_out(model, n_positions, like)
    weights = _with_typed(model.weights, like)
    prompt = check_text(prompt)
    ids = _checked_ids(model, prompt, layout)
    with (whole_file(path) as draft,
          TemporaryDirectory(dir=draft.parent) as folder):
        book = LiveWorkbook(str(draft), {"constant_memory": True, "tmpdir": folder})
        size = size_of_layout(layout, model)
        if size.bytes > ZIP64_BYTES:
            book.use_zip64()
        written = _Written(book, model, weights, layout, prompt, ids)
        pages = written.pages()
        _write_pages(book, written, pages, lambda done: progress(
            Progress(f"writing {path.name}", min(done, size.cells), size.cells, "numbers")))
        progress(Progress(f"packing {path.name}", 0, 1, "file"))
        book.close()
        progress(Progress(f"packing {path.name}", 1, 1, "file"))


def _checked_ids(model: Opened, prompt: str, layout: Layout) -> list[int]:
    """The prompt's ids, when the workbook has room for them.

    Raises:  EmptyPrompt, PromptTooLong, PromptError; UnsupportedStep for another pattern
    """
    if model.tokenizer.rule != GPT2_RULE:
        raise UnsupportedStep("This model's tokenizer cuts texts by another pattern than GPT-2's, "
                              "which is the only one that is said in a spreadsheet's formulas. "
                              "Look at the model with `cutaway sql` or `cutaway open`.")
    unheld = next((letter for letter in prompt if _cannot_stand_in_a_cell(letter)), None)
    if unheld is not None:
        raise PromptError(f"The prompt holds the character U+{ord(unheld):04X}, which a cell of a "
                          f"spreadsheet cannot hold. Leave it out; a line break is U+000A.")
    if not prompt:
        raise EmptyPrompt("The prompt has no token. Give at least one word.")
    ids = model.tokenizer.encode(prompt)
    if len(ids) > layout.n_positions:
        raise PromptTooLong(f"The prompt is {len(ids)} tokens long, and the workbook would have "
                            f"{layout.n_positions} positions. Ask for more with --positions "
                            f"{len(ids)}, or shorten it.")
    refused = too_long(prompt, Capacity.of(layout.n_positions, len(model.tokenizer.merges)))
    if refused:
        raise PromptTooLong(refused)
    return ids


def _with_typed(weights: Mapping[str, np.ndarray],
                like: Run | None) -> Mapping[str, np.ndarray]:
    """The weights with what was typed over them.

    Raises:  UnsupportedStep when a cell cannot hold a number
    """
    edited: dict[str, np.ndarray] = {}
    for name, edits in (like.edits if like else {}).items():
        if name in weights:
            array = np.asarray(weights[name], np.float64)
            for edit in edits:
                array = edit.laid_over(array)
            if np.isinf(array).any():
                raise UnsupportedStep(f"{name}: infinity was typed over it, and no cell of a "
                                      f"spreadsheet holds that.")
            edited[name] = array
    return ChainMap(edited, weights) if edited else weights  # type: ignore[arg-type]


def _cannot_stand_in_a_cell(letter: str) -> bool:
    return (letter < " " and letter not in "\t\n") or letter in "\uFFFE\uFFFF"


@dataclass
class _Written:
    """A workbook while its pages are put together."""

    book: Workbook
    model: Opened
    weights: Mapping[str, np.ndarray]
    layout: Layout
    prompt: str
    ids: list[int]

    def __post_init__(self):
        self.styles: Styles = make_styles(self.book)
        self.tables = TokenTables.of(self.model.tokenizer)
        self.texts = self.tables.texts
        self.capacity = Capacity.of(self.layout.n_positions, len(self.tables.merges))
        self.drawing = Drawing(self.layout, self.styles,
                               tables_of(self.layout, self.weights, self.ids),
                               [self.texts[id] for id in self.ids])
        self.names: dict[str, str] = {}

    def pages(self) -> list[Page]:
        """Every page in the order of the tabs, and what its defined names stand for."""
        front = Page(FRONT)
        tokens = Page(TOKENS)
        encoded = self._tokens(tokens)
        steps = [Page(name) for name in self.layout.pages]
        for page in steps:
            step_page(self.drawing, page, LEADS.get(page.name, BLOCK_LEAD))
        vocabulary = Page(VOCABULARY)
        vocabulary_page(self.drawing, vocabulary, self.texts, 1.0)
        weights = [Page(name) for name in self.layout.weights]
        for page in weights:
            weight_page(page, self.styles, self.layout.weights[page.name], self.weights,
                        self.texts)
        merges, characters = Page(MERGES), Page(CHARACTERS)
        self._define(merges_page(merges, self.styles, self.tables))
        self._define(characters_page(characters, self.styles, self.tables))
        pages = [tokens, *steps, vocabulary, *weights, merges, characters]
        front_page(self.drawing, front, self.book, self.texts, self._words(pages))
        tokens_table = self.layout.places.of(self.layout.book.role("token_table"))
        for names in (encoded.names, self.layout.places.defined_names(), input_names(self.layout),
                      vocabulary_names(len(self.texts), self.layout.top),
                      texts_name(tokens_table), front_names()):
            self._define(names)
        return [front, *pages]

    def _define(self, names: Mapping[str, str]) -> None:
        """Names for cells; a table of the model and a cell of ours must not share one."""
        twice = self.names.keys() & names.keys()
        assert not twice, f"{', '.join(twice)} would name two things"
        self.names |= names

    def _tokens(self, page: Page) -> Encoded:
        page_head(self.styles, page, TOKENS, "How the prompt becomes numbers: characters, bytes, "
                  "and one merge after the other.")
        page.columns += [(0, 0, 34.0), (1, 3, 1.0), (4, 16_383, 6.0)]
        page.finish.append(lambda sheet: sheet.freeze_panes(2, 4))
        encoded = token_page(page, self.styles, self.tables, self.prompt, self.capacity)
        if encoded.status:
            raise PromptTooLong(encoded.status)
        assert encoded.ids == self.ids, "the page's tokens are not the tokenizer's"
        return encoded

    def _words(self, pages: list[Page]) -> Words:
        sizes, model = self.layout.book.sizes, self.model
        blocks = sum(page.name.startswith("Block") for page in pages)
        n_parameters = sum(int(np.prod([sizes[axis] for axis in axes]))
                           for axes in self.layout.book.weights.values())
        lead = (f"{blocks} blocks, {sizes['head']} heads, {sizes['embed']:,} wide, "
                f"{n_parameters:,} parameters. Every other number is a live formula.")
        return Words(model.name, lead, self.prompt,
                     [Entry(page.name, _about(page.name, self.layout.book)) for page in pages])


def _about(page: str, book: Book) -> str:
    """One line of the road map."""
    if page.startswith("Block"):
        numbers = {node.step.number.rstrip("abcdefgh") for node in book.nodes.values()
                   if node.block == book.blocks[0]}
        return f"{len(numbers)} steps: attention, then the MLP"
    if page.startswith("Weights"):
        return "parameters of the language head" if page.endswith("head") else \
            f"parameters of block {page.removeprefix('Weights ')}"
    weights = {book.find_role("token_table"): "what each token means",
               book.find_role("position_table"): "what each place adds"}
    if page in book.weights:
        return f"parameters: {weights.get(page, 'what each token is compared with')}"
    return {TOKENS: "characters, bytes, merges: the prompt becomes ids",
            EMBED: "every token becomes a row of numbers",
            HEAD: "the last row, ready to be compared with every token",
            VOCABULARY: "a row for each token: logits and probabilities",
            MERGES: "which neighbours become one token",
            CHARACTERS: "which characters are letters, numbers, spaces"}[page]


def _write_pages(book: Workbook, written: _Written, pages: list[Page],
                 report: Callable[[int], None]) -> None:
    sheets = [_add_sheet(book, page.name) for page in pages]
    _define(book, written.names)
    done = told = 0
    report(0)
    for page, sheet in zip(pages, sheets, strict=True):
        for count in page.write(sheet):
            done += count
            if done - told >= REPORT_EVERY:
                told = done
                report(done)
        _set_up(sheet, page, written.styles)
        for finish in page.finish:
            finish(sheet)
    sheets[0].activate()


def _add_sheet(book: Workbook, name: str) -> ExactSheet:
    sheet = book.add_worksheet(name, worksheet_class=ExactSheet)
    assert isinstance(sheet, ExactSheet)
    return sheet


def _define(book: Workbook, names: Mapping[str, str]) -> None:
    for name, cells in names.items():
        if book.define_name(name, f"={cells}"):
            raise ValueError(f"{name} is no name that a spreadsheet can define")


def _set_up(sheet: ExactSheet, page: Page, styles: Styles) -> None:
    """Paper, widths, zoom and print."""
    for first, last, width in page.columns:
        sheet.paper(first, last, width, styles.paper)
    sheet.hide_gridlines(2)
    sheet.set_zoom(100 if page.name == FRONT else 90)
    sheet.set_landscape()
    sheet.set_paper(9)
    if page.name != FRONT:
        sheet.set_print_scale(60)
    sheet.set_tab_color({FRONT: "#BF4A1D"}.get(page.name, "#A89F8B"))
