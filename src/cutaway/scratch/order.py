"""Which cell reads which: who makes a name, in what order to calculate, and where a circle is."""

from collections.abc import Iterable

from cutaway.scratch.cell import Cell

Makers = dict[str, list[Cell]]


def makers(cells: Iterable[Cell]) -> Makers:
    """For each name the cells that make it, in the order of the sheet."""
    found: Makers = {}
    for cell in cells:
        for name in cell.makes:
            found.setdefault(name, []).append(cell)
    return found


def read_by(cell: Cell, makers: Makers) -> list[Cell]:
    """The other cells that a cell reads, by the names in its source."""
    return [maker for name in sorted(cell.words.reads) for maker in makers.get(name, ())
            if maker.id != cell.id]


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """The cells, each after those that it reads; otherwise as they stand on the sheet."""
    cells = list(cells)
    made_by, done = makers(cells), dict[str, Cell]()
    for cell in cells:
        waiting = [(cell, False)]
        entered = set[str]()
        while waiting:
            one, ready = waiting.pop()
            if ready:
                done.setdefault(one.id, one)
            elif one.id not in done and one.id not in entered:
                entered.add(one.id)
                waiting.append((one, True))
                waiting += [(other, False) for other in read_by(one, made_by)]
    return list(done.values())


def behind(cell: Cell, cells: Iterable[Cell]) -> list[Cell]:
    """All cells that a cell reads, directly or through others, in the order to calculate them."""
    cells = list(cells)
    made_by = makers(cells)
    found: set[str] = set()
    waiting = [cell]
    while waiting:
        new = [one for one in read_by(waiting.pop(), made_by) if one.id not in found]
        found |= {one.id for one in new}
        waiting += new
    return [one for one in in_order(cells) if one.id in found and one.id != cell.id]


def circle_through(cell: Cell, cells: Iterable[Cell]) -> list[str]:
    """The names along a circle of formulas that a formula is part of, itself first and last.

    Nothing where there is none. A code cell breaks a circle: it runs when it is asked to.
    """
    made_by = makers(one for one in cells if one.is_formula)
    waiting, seen = [(cell, [cell.name])], {cell.id}
    while waiting and cell.is_formula:
        one, way = waiting.pop()
        for other in makers_of(one, made_by):
            if other.id == cell.id:
                return [*way, cell.name]
            if other.id not in seen:
                seen.add(other.id)
                waiting.append((other, [*way, other.name]))
    return []


def makers_of(cell: Cell, makers: Makers) -> list[Cell]:
    """The cells that make what a cell reads; itself, when it reads its own name."""
    return [maker for name in sorted(cell.words.reads) for maker in makers.get(name, ())]
