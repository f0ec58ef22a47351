"""Books of random formulas: they look back, ahead and across all rows, read inputs, have two heads,
and sheets that run from the last block to the first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cutaway import Book, NumpyEngine, Run, Sheet, start_run
from cutaway.workbook.inputs import Input
from cutaway.workbook.step import function_from_formula

SIZES = {"vocabulary": 7, "position": 12, "embed": 4, "head": 2, "head_embed": 2, "joined": 4}
CONSTANTS = {"n_head": 2, "eps": 1e-5}
ROWS, HEADS = "position embed", "head position head_embed"
PAIRS, HEAD_PAIRS = "position source", "head position source"
ONE_ROW, SQUARE = "embed", "embed joined"
BLOCK_WEIGHTS = {"w": "embed embed", "g": "embed", "b": "embed"}

# What a formula may be, by the axes of its table. {rows} and the like stand for a table of those
# axes; a template is left out where there is none yet.
FORMULAS = {
    ROWS: ["{rows} + {rows}", "normalise({rows}, eps)", "gelu({rows}) * g + b", "{rows} @ w + b",
           "softmax({rows})", "{rows} - {rows} / 2", "{rows} * places",
           "softmax(causal({rows} @ transpose({rows}))) @ {rows}",  # attention
           "softmax({rows} @ transpose({rows})) @ {rows}",  # all of all
           "{rows} @ softmax(transpose({rows}) @ {rows})",  # through a square
           "normalise(transpose(normalise(transpose({rows}), eps)), eps)",
           "{rows} - last_row({rows})", "{rows} + {one_row}", "look_up({rows}, positions)",
           "merge_heads({heads})", "{pairs} @ {rows}", "transpose({pairs}) @ {rows}",
           "softmax(causal({pairs})) @ {rows}", "{rows} @ {square} / 8", "look_up(wte, targets)",
           "normalise({rows}, eps) * rate", "rms_normalise({rows}, eps) * g",
           "silu({rows}) * {rows}", "exact_gelu({rows}) + relu({rows})",
           "quick_gelu({rows})", "rotate({rows}, positions, 10)",
           "transpose(rms_normalise(transpose({rows}), eps))"],
    HEADS: ["split_heads({rows}, n_head)", "{head_pairs} @ {heads}", "{heads} + {heads}",
            "split_heads(part({rows}, 0, of=1), n_head)", "rotate({heads}, positions, 10)",
            "repeat_heads(split_heads(part({rows}, 1, of=2), 1), n_head)"],
    PAIRS: ["softmax(causal({rows} @ transpose({rows}) / 2))",
            "softmax({rows} @ transpose({rows}))", "{pairs} @ {pairs}", "{pairs} * 2",
            "{pairs} + {pairs}"],
    HEAD_PAIRS: ["softmax(causal({heads} @ transpose({heads})))", "{heads} @ transpose({heads})",
                 "softmax(causal({head_pairs}))", "softmax(causal({head_pairs} * 2 + 1))",
                 "softmax({head_pairs})", "{head_pairs} @ {head_pairs}", "gelu({head_pairs})"],
    ONE_ROW: ["last_row({rows})", "{one_row} + last_row({rows})", "softmax({one_row} @ w)",
              "last_row({rows} + {rows})"],
    SQUARE: ["softmax(transpose({rows}) @ {rows})", "{square} * 2"],
}
KINDS = {ROWS: "rows", HEADS: "heads", PAIRS: "pairs", HEAD_PAIRS: "head_pairs", ONE_ROW: "one_row",
         SQUARE: "square"}


@dataclass(frozen=True)
class Case:
    """A random book, and what is done with it.

    typed  (table, number, cells by axis): the edits, in order
    """

    book: Book
    formulas: dict[str, str]
    prompts: np.ndarray
    typed: list[tuple[str, float, dict[str, Any]]]
    seed: int

    def __repr__(self) -> str:
        lines = [f"{name} = {formula}" for name, formula in self.formulas.items()]
        return "\n".join([*lines, f"prompts {self.prompts.tolist()}", f"typed {self.typed}"])

    def run(self, ids: np.ndarray, engine: Any = None, **options: Any) -> Run:
        """A run of the book on these ids, (position) or (batch position), nothing typed yet."""
        generator = np.random.default_rng(self.seed)
        weights = {name: generator.normal(0, 0.5, [SIZES[axis] for axis in axes])
                   for name, axes in self.book.weights.items()}
        return start_run(self.book, weights, ids, engine=engine or NumpyEngine(np.float64),
                         inputs={"targets": (ids + 1) % 7, "rate": 0.5, "places": np.full(4, 1.5)},
                         **options)

    def typed_into(self, run: Run) -> Run:
        for name, number, cells in self.typed:
            run = run.edit(name, number, **cells)
        return run

    def appended(self, run: Run, ids: np.ndarray, read: str | None = None) -> Run:
        """The run with more ids, (position), a table read on the way."""
        for id in ids:
            run = run.append(int(id), targets=int((id + 1) % 7))
            if read:
                _ = run.array(read)
        return run


@st.composite
def cases(draw) -> Case:
    """A book of two blocks, two heads and sheets that run backwards; two prompts; some edits."""
    pool = _nothing_yet()
    embed = Sheet("embed", weights={"wte": "vocabulary embed", "wpe": "position embed"})
    embed.step("a", ROWS)(function_from_formula(
        "embeddings", "look_up(wte, ids) + look_up(wpe, positions)"))
    block = _sheet(draw, "block", pool, draw(st.integers(2, 6)), BLOCK_WEIGHTS)
    head = _sheet(draw, "head", _nothing_yet(), draw(st.integers(1, 3)), BLOCK_WEIGHTS)
    other = _sheet(draw, "other", _nothing_yet(), 2, {})
    back = _sheet(draw, "down", pool, draw(st.integers(1, 3)), {})
    last = _last_rows(block, 1)
    sheets = [embed, block.at(0), block.at(1, receives=_last_rows(block, 0)),
              head.at(receives=last), other.at(receives=_last_rows(block, 0)),
              back.at(1, receives=last), back.at(0, receives=_last_rows(back, 1) or last)]
    book = Book(sheets, constants=CONSTANTS, sizes=SIZES, inputs={
        "targets": Input("position", rows_of="vocabulary"), "rate": Input(""),
        "places": Input("embed")})
    n = draw(st.integers(4, 9))
    prompts = np.array(draw(st.lists(st.lists(st.integers(0, 6), min_size=n, max_size=n),
                                     min_size=2, max_size=2)))
    formulas = {name: node.step.formula for name, node in book.nodes.items()}
    return Case(book, formulas, prompts, draw(st.lists(_edits(book, n), max_size=2)),
                draw(st.integers(0, 9)))


def _nothing_yet() -> dict[str, list[str]]:
    """The tables that a formula may read, by their axes, before there are any but the stream."""
    return {axes: ["stream"] if axes == ROWS else [] for axes in FORMULAS}


def _last_rows(sheet: Sheet, block: int) -> str | None:
    """The last table of rows that a sheet makes, in a block."""
    names = [step.name for step in sheet.steps.values() if " ".join(step.axes) == ROWS]
    return f"h{block}.{names[-1]}" if names else None


def _sheet(draw, name: str, pool: dict[str, list[str]], count: int,
           weights: dict[str, str]) -> Sheet:
    """A sheet of random formulas over the tables of `pool`, which its own are added to."""
    made = Sheet(name, receives="stream", weights=weights)
    for number in range(count + 1):
        axes = ROWS if number == count else draw(st.sampled_from(
            [axes for axes in FORMULAS if _fitting(axes, pool, weights)]))
        formula = draw(st.sampled_from(_fitting(axes, pool, weights)))
        for kind, label in KINDS.items():
            while "{" + label + "}" in formula:
                formula = formula.replace("{" + label + "}", draw(st.sampled_from(pool[kind])), 1)
        table = f"{name}_{number}"
        made.step(number, axes, remembered=draw(st.booleans()) and axes == HEADS)(
            function_from_formula(table, formula))
        pool[axes].append(table)
    return made


def _fitting(axes: str, pool: dict[str, list[str]], weights: dict[str, str]) -> list[str]:
    """The templates whose tables are all there."""
    missing = ["{" + label + "}" for kind, label in KINDS.items() if not pool[kind]]
    missing += [] if weights else [" w", " g", "+ b"]
    return [formula for formula in FORMULAS[axes] if not any(one in formula for one in missing)]


def _edits(book: Book, n_positions: int):
    """A number typed over some cells of some table."""

    @st.composite
    def edit(draw):
        name = draw(st.sampled_from([*book.nodes, "wte", "positions"]))
        axes = book.axes(name)
        cells = {}
        for axis in axes:
            if axis in ("position", "source") and name not in book.weights and draw(st.booleans()):
                cells[axis] = draw(st.integers(0, n_positions - 1))
            elif axis in SIZES and draw(st.booleans()):
                cells[axis] = draw(st.integers(0, (7 if axis == "vocabulary" else 2) - 1))
        if name == "positions":  # an appended one counts on, so that cells are named
            return name, draw(st.sampled_from([0, 1])), {"position": draw(st.integers(0, 2))}
        return name, draw(st.sampled_from([0.0, 0.5, -1.0])), cells

    return edit()
