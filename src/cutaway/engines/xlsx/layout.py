"""Which table lies where: pages in the order of the model map, blocks one below the other.

Everything is placed before anything is written, because formulas name cells on other pages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from cutaway.engines.xlsx.forms import Front, lengths
from cutaway.engines.xlsx.parts import Helper, Part, hides, parts_of, typed_over
from cutaway.engines.xlsx.places import Place, Places, cell_name
from cutaway.workbook.book import Book, Node
from cutaway.workbook.edit import Edit
from cutaway.workbook.symbol import Symbol, trace

LABELS = 3         # columns in front of every block: head, number, token
FIRST_ROW = 4      # below a page's title
VOCABULARY = "Vocabulary"
EMBED, HEAD = "Embed", "Head"
Edits = Mapping[str, tuple[Edit, ...]]
SHARES = "share"   # the probabilities at the front page's temperature


@dataclass(frozen=True)
class Block:
    """A titled block of a page: a step's table, or what its formula needs in cells first.

    row    that of its title
    whole  whether it is the table itself
    """

    node: Node
    part: Part
    row: int
    whole: bool

    @property
    def n_title_rows(self) -> int:
        return 4 if self.whole else 2


@dataclass(frozen=True)
class WeightBlock:
    """A parameter on its page.  row: that of its title"""

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, int]
    row: int


@dataclass
class Layout:
    """Every page of the model with what stands on it.

    n_positions  how many tokens a prompt may have
    pages        the blocks of each page of steps, in the order of the model map
    down         the blocks whose last axis is the vocabulary: columns of the page Vocabulary
    weights      the parameters of each page of weights
    top          the row of the page Vocabulary with token 0
    edits        what was typed over tables of steps
    """

    book: Book
    n_positions: int
    edits: Edits = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    pages: dict[str, list[Block]] = field(default_factory=dict)
    down: list[Block] = field(default_factory=list)
    weights: dict[str, list[WeightBlock]] = field(default_factory=dict)
    top: int = 0

    @property
    def parts(self) -> Iterator[Part]:
        for blocks in (*self.pages.values(), self.down):
            yield from (block.part for block in blocks)

    @property
    def n_cells(self) -> int:
        """How many numbers the workbook holds."""
        return sum(place.n_rows * place.n_columns for fronts in self.places.by_name.values()
                   for place in fronts.values())


def lay_out(book: Book, n_positions: int, edits: Edits | None = None) -> Layout:
    """Places for all tables of a book.

    edits    what was typed over tables; that of weights stands in their cells
    Raises:  UnsupportedStep naming the table that has no spreadsheet form, or no room
    """
    typed = {name: several for name, several in (edits or {}).items() if name in book.nodes}
    layout = Layout(book, n_positions, typed)
    _place_weights(layout)
    layout.pages[EMBED] = []
    _place_inputs(layout)
    bottoms: dict[str, int] = {EMBED: FIRST_ROW + 4 + n_positions + 2}
    down: list[tuple[Node, Part, bool]] = []
    hidden: set[str] = set()
    for name, node in book.nodes.items():
        symbol = trace(book, name, n_positions)
        parts = parts_of(name, symbol, hidden)
        if name in typed:
            parts = typed_over(parts, typed[name])
        elif hides(symbol, hidden):
            hidden.add(name)
        page = EMBED if node.block is None and node.sheet == "embed" else (
            HEAD if node.block is None else f"Block {node.block}")
        for part in parts:
            whole = part is parts[-1]
            if _runs_down(part.symbol):
                down.append((node, part, whole))
                continue
            block = Block(node, part, bottoms.get(page, FIRST_ROW), whole)
            layout.pages.setdefault(page, []).append(block)
            bottoms[page] = _place_block(layout.places, page, block)
    _place_down(layout, down)
    return layout


def _runs_down(symbol: Symbol) -> bool:
    return symbol.axes[-1] == "vocabulary"


def fronts_of(symbol: Symbol) -> list[Front]:
    """The index of every head of a table; one empty index for a table without heads."""
    return list(np.ndindex(*[length or 0 for length in symbol.shape[:-2]]))


def _place_inputs(layout: Layout) -> None:
    """ids and positions: two columns at the top of the page Embed."""
    for place, name in enumerate(layout.book.inputs):
        layout.places.put(name, {(): Place(EMBED, FIRST_ROW + 4, LABELS + place,
                                           layout.n_positions, 1, True, cell_name(name))})


def _place_block(places: Places, page: str, block: Block) -> int:
    """The row below a block, once it and its row helpers have places."""
    symbol, top = block.part.symbol, block.row + block.n_title_rows
    n_rows, n_columns = lengths(symbol)
    fronts = fronts_of(symbol)
    places.put(block.part.name, {
        front: Place(page, top + index * n_rows, LABELS, n_rows, n_columns, False,
                     cell_name(block.part.name, front)) for index, front in enumerate(fronts)})
    for number, helper in enumerate(block.part.all_helpers()):
        _place_helper(places, page, helper, top, LABELS + n_columns + 1 + number)
    return top + len(fronts) * n_rows + 2


def _place_helper(places: Places, page: str, helper: Helper, top: int, column: int) -> None:
    n_rows, _ = lengths(helper.of)
    places.put(helper.name, {
        front: Place(page, top + index * n_rows, column, n_rows, 1, False,
                     cell_name(helper.name, front))
        for index, front in enumerate(fronts_of(helper.of))})


def _place_down(layout: Layout, down: list[tuple[Node, Part, bool]]) -> None:
    """Groups of columns, side by side: row helpers above, then a row for each token."""
    n_helpers = max([2, *(len(part.all_helpers()) for _, part, _ in down)])
    first_helper = FIRST_ROW + len(down) + 3
    layout.top, column = first_helper + n_helpers + 2, LABELS
    for number, (node, part, whole) in enumerate(down):
        layout.down.append(Block(node, part, FIRST_ROW + number, whole))
        n_rows, n_columns = lengths(part.symbol)
        layout.places.put(part.name, {
            front: Place(VOCABULARY, layout.top, column + index * n_rows, n_columns, n_rows, True,
                         cell_name(part.name, front))
            for index, front in enumerate(fronts_of(part.symbol))})
        for place, helper in enumerate(part.all_helpers()):
            _place_down_helper(layout.places, helper, first_helper + place, column)
        column += n_rows * len(fronts_of(part.symbol)) + 1
        if part.name == layout.book.find_role("next_probabilities"):
            _place_shares(layout, first_helper, column, n_columns)
            column += 2


def _place_down_helper(places: Places, helper: Helper, row: int, column: int) -> None:
    n_rows, _ = lengths(helper.of)
    places.put(helper.name, {
        front: Place(VOCABULARY, row, column + index * n_rows, 1, n_rows, True,
                     cell_name(helper.name, front))
        for index, front in enumerate(fronts_of(helper.of))})


def _place_shares(layout: Layout, first_helper: int, column: int, n_vocabulary: int) -> None:
    """The probabilities at another temperature: no step of the model, a view of its last one."""
    for place, kind in enumerate(("max", "sum")):
        layout.places.put(f"{SHARES}.{kind}", {(): Place(
            VOCABULARY, first_helper + place, column, 1, 1, True, cell_name(f"{SHARES}.{kind}"))})
    layout.places.put(SHARES, {(): Place(VOCABULARY, layout.top, column, n_vocabulary, 1, True,
                                         cell_name(SHARES))})


def _place_weights(layout: Layout) -> None:
    bottoms: dict[str, int] = {}
    sizes = layout.book.sizes
    for name, axes in layout.book.weights.items():
        page = _weights_page(name, axes)
        n_rows, n_columns = (1, *[sizes[axis] for axis in axes])[-2:]
        block = WeightBlock(name, axes, (n_rows, n_columns), bottoms.get(page, FIRST_ROW))
        layout.weights.setdefault(page, []).append(block)
        layout.places.put(name, {(): Place(page, block.row + 2, LABELS, n_rows, n_columns, False,
                                           cell_name(name))})
        bottoms[page] = block.row + 2 + n_rows + 1


def _weights_page(name: str, axes: tuple[str, ...]) -> str:
    block, dot, _ = name.partition(".")
    if dot:
        return f"Weights {block.removeprefix('h')}"
    return name if len(axes) > 1 else "Weights head"
