"""A model from end to end: its sheets, with the tables and weights of each."""

from dataclasses import dataclass, field

from cutaway.workbook.book import Book, Node


@dataclass(frozen=True)
class SheetPart:
    """One sheet of a book, or all sheets of one block.

    key      "embed", or "h3" for a block
    sheet    the name of the first sheet: "embed", "block", "head"
    block    the block that it belongs to; None outside the blocks
    weights  those that a step of it reads first
    """

    key: str
    sheet: str
    block: int | None
    nodes: list[Node] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)


def sheet_parts(book: Book) -> list[SheetPart]:
    """Every sheet with its tables and weights, in the order of the model."""
    parts: dict[str, SheetPart] = {}
    of_weight: dict[str, str] = {}
    for node in book.nodes.values():
        key = node.sheet if node.block is None else f"h{node.block}"
        parts.setdefault(key, SheetPart(key, node.sheet, node.block)).nodes.append(node)
        for name in node.reads:
            of_weight.setdefault(name, key)
    for name in book.weights:
        key = of_weight.get(name, name.partition(".")[0])
        parts[key if key in parts else next(iter(parts))].weights.append(name)
    return list(parts.values())


def sheets_of_weights(book: Book) -> dict[str, str]:
    """The key of the sheet that each weight belongs to."""
    return {name: part.key for part in sheet_parts(book) for name in part.weights}
