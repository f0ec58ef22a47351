"""A run: a calculated book. It never changes; an edit gives another run.

    run = start_run(book, weights, ids, engine=NumpyEngine())
    run["h3.attention"]                                    # calculated now, and kept
    other = run.edit("h3.attention", 0, head=1)            # shares all that is not downstream
    longer = run.append(other_id)                          # calculates one new row of each table
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from cutaway.errors import (
    BookError,
    FormulaError,
    SettingError,
    UnknownTable,
)
from cutaway.words import shape_in_words
from cutaway.workbook.book import Book
from cutaway.workbook.calculation import Beginning, Calculation
from cutaway.workbook.difference import Difference, differences
from cutaway.workbook.edit import Edit, make_edit
from cutaway.workbook.inputs import Inputs, checked_ids, checked_input, grown
from cutaway.workbook.memory import Memory, MemoryRule
from cutaway.workbook.reach import rows_above
from cutaway.workbook.selection import Selector, in_words
from cutaway.workbook.setting import Engine, Setting, Vocabulary
from cutaway.workbook.step import Reach, function_from_formula
from cutaway.workbook.table import Provenance, Table


def start_run(book: Book, weights: Mapping[str, np.ndarray], ids: Sequence[int] | np.ndarray, *,
              engine: Engine, inputs: Mapping[str, Any] | None = None,
              vocabulary: Vocabulary | None = None, keep: str | Iterable[str] = "*",
              memory_budget_bytes: int = 4 * 2**30,
              leaves: dict[str, Any] | None = None) -> "Run":
    """A run of a book, with nothing calculated yet: tables are calculated when they are read.

    weights     arrays by the book's full names; each is read when it is first needed
    ids         (position) or (batch position), whole numbers of the vocabulary
    inputs      what else the book is given, by name: targets, perhaps
    vocabulary  labels rows with the tokens' texts, and reads an edited prompt
    keep        patterns of table names that stay in memory ("h*.attention"); others are
                calculated again when they are read again. Remembered tables always stay
    memory_budget_bytes  the most that this run and the runs appended to it hold
    leaves      the weights as this engine has them, from another run of the same model; this run
                adds those that it reads
    Raises:     EmptyPrompt, PromptTooLong, UnknownToken, UnknownTable, ShapeMismatch, UnknownRow,
                SettingError
    """
    budget = memory_budget_bytes
    if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
        raise SettingError(f"memory_budget_bytes is {budget!r}; a whole number of at least 1 is "
                           f"expected.")
    patterns = (keep,) if isinstance(keep, str) else tuple(keep)
    remembered = frozenset(name for name, node in book.nodes.items() if node.step.remembered)
    kept = set()
    for pattern in patterns:
        matching = {name for name in book.nodes if fnmatchcase(name, str(pattern))}
        if not matching:
            raise UnknownTable(f"keep={pattern!r} is the pattern of no table. Write a table's full "
                               f"name, or one with a star for any text: 'h*.attention'.")
        kept |= matching
    rule = MemoryRule(remembered | kept, remembered, budget)
    setting = Setting(weights, engine, vocabulary, rule, {} if leaves is None else leaves)
    given = {"ids": checked_ids(book, ids)}
    others = {name: checked_input(book, name, value, given["ids"])
              for name, value in (inputs or {}).items()}
    return Run(book, setting, {**others, **given})


class Run:
    """A book, its inputs, its edits, and the tables calculated so far.

    book    the formulas
    inputs  what the run was given, by name, read-only: the ids, and others if the book has any
    ids     (position) or (batch position)
    edits   what was typed over tables, by full name
    """

    def __init__(self, book: Book, setting: Setting, inputs: Inputs, *,
                 edits: Mapping[str, tuple[Edit, ...]] | None = None,
                 shared: Mapping[str, Any] | None = None, before: Calculation | None = None):
        self.book, self.inputs, self.edits = book, inputs, dict(edits or {})
        self.ids, self._setting = inputs["ids"], setting
        self._tables = Calculation(book, setting, inputs, edits=self.edits, shared=shared or {},
                                   before=before)

    # ---- Reading -------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Table:
        """A table by its full name, calculated if it was not.

        Raises:  UnknownTable; ShapeMismatch or FormulaError when an edited formula does not fit;
                 MissingInput; MemoryBudgetExceeded
        """
        array, axes = self.array(name), self.book.axes(name)
        if array.ndim == len(axes) + 1:
            axes = ("batch", *axes)
        return Table(name, axes, array, self.provenance(name), self._label)

    def array(self, name: str) -> np.ndarray:
        """A table's numbers alone, read-only, without what its rows and columns are.

        Raises:  as reading the table does
        """
        self.book.check_name(name)
        array = np.asarray(self._setting.engine.to_numpy(self._tables.whole(name))).view()
        array.flags.writeable = False
        return array

    def __contains__(self, name: object) -> bool:
        return name in self.book

    def __iter__(self) -> Iterator[str]:
        """The names of all tables: inputs, weights, and the calculated ones in their order."""
        return iter(self.book.names())

    def precedents(self, name: str) -> tuple[str, ...]:
        """The tables that a table is made from."""
        return self.book.precedents(name)

    def dependents(self, name: str) -> tuple[str, ...]:
        """The tables that read a table themselves."""
        return self.book.dependents(name)

    def provenance(self, name: str) -> Provenance:
        """Where a table's numbers come from."""
        self.book.check_name(name)
        words = tuple(edit.words for edit in self.edits.get(name, ()))
        if name in self.book.nodes:
            node = self.book.nodes[name]
            return Provenance(node.step.formula, node.reads, edits=words)
        if name in self.book.weights:
            origin = getattr(self._setting.weights, "origin", None)
            return Provenance(origin=str(origin(name)) if origin else "", edits=words)
        if name in self.book.inputs:
            counted = self.book.inputs[name].counted or name == "ids"
            return Provenance(origin="the prompt" if counted else "an input")
        return Provenance(origin="the model's shape")

    def diff(self, other: "Run", names: Iterable[str] | None = None) -> list[Difference]:
        """What is different in another run, worst first: see `differences`."""
        return differences(self, other, names)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What names the tokens; None where nothing does."""
        return self._setting.vocabulary

    @property
    def calculations(self) -> Counter[str]:
        """How many times this run has calculated each table; tables that it shares with the run
        that it came from are not among them."""
        return self._tables.calculations

    @property
    def first_row(self) -> int:
        """The position of the first row that this run calculates: those above it are another's."""
        return self._tables.first

    @property
    def seconds(self) -> dict[str, float]:
        """How long the calculation of each table took, in this run."""
        return self._tables.seconds

    def holds(self, name: str) -> bool:
        """Whether a table can be read without calculating anything.

        Raises:  UnknownTable
        """
        self.book.check_name(name)
        return self._tables.holds(name)

    @property
    def memory(self) -> Memory:
        """What is held, what the budget is, and what was let go for it."""
        return self._tables.memory

    def memory_needed(self) -> dict[str, int]:
        """The bytes of every table that this run calculates, by name, calculated yet or not."""
        return {name: self._tables.bytes_of(node) for name, node in self.book.nodes.items()}

    def _label(self, axis: str, index: int) -> str:
        """The token behind a row or column, where there is one."""
        vocabulary = self._setting.vocabulary
        if vocabulary is None:
            return ""
        if axis == "vocabulary":
            return vocabulary.text_of(index)
        if axis in ("position", "source") and self.ids.ndim == 1 and index < len(self.ids):
            return vocabulary.text_of(int(self.ids[index]))
        return ""

    # ---- Changing ------------------------------------------------------------------------

    def edit(self, name: str, value: Any, **selectors: Selector) -> "Run":
        """A run in which other numbers stand in a table; all that reads them follows.

            run.edit("h3.attention", 0, head=1)                        # a head silenced
            run.edit("h3.attention", 0.9, head=1, position=" quick", source=" is")
            run.edit("h3.residual", other["h3.residual"])              # an activation patched in
            run.edit("h3.mixed", lambda rows: rows * 2, head=1)
            run.edit("prompt", "Sally is slow. She moves")

        Edits of rows beyond the end of a shorter prompt wait until there are such rows again.

        An input is edited like a table. Other ids without selectors are another prompt; if it has
        another length, the inputs that have a number for each position are left behind.

        value      a number, an array that fits the selected cells, or a function of those cells;
                   for "prompt" a text, for "ids" the ids
        selectors  index, label, slice or list by axis name; axes not named are taken whole
        Raises:    UnknownTable, UnknownRow, UnknownToken, ShapeMismatch, MissingInput, BookError
        """
        if name == "prompt" or (name == "ids" and not selectors and not callable(value)):
            return self._with_prompt(name, value, selectors)
        self.book.check_name(name)
        if name in self.book.constants:
            raise BookError(f"{name} is part of the model's shape and cannot be edited. "
                            f"Edit a table, a weight, the prompt, or a step's formula.")
        if name in self.book.inputs:
            return self._with_input(name, value, selectors)
        table = self[name]
        selection = table.selection(**selectors)
        if callable(value):
            value = _called(name, value, selection.of(table.array))
        words = ", ".join(f"{axis} {in_words(one) if isinstance(one, slice) else repr(one)}"
                          for axis, one in selectors.items()) or "all"
        words += f" <- {value}" if isinstance(value, int | float | np.number) else " <- a table"
        new = make_edit(name, table.shape, selection, value, words)
        edits = {**self.edits, name: (*self.edits.get(name, ()), new)}
        if self.ids.ndim == 1 and self._setting.engine.rows_stand_alone:
            untouched = rows_above(self.book, edits, name, new, len(self.ids))
            if untouched:
                return self._edited_below(untouched, name, new, edits)
        shared = self._unchanged({name})
        if name in self.book.nodes:  # calculated already: the new numbers are laid over it
            shared[name] = self._tables.laid_over(new, self._tables.whole(name), name)
        return Run(self.book, self._setting, self.inputs, edits=edits, shared=shared)

    def _edited_below(self, untouched: int, name: str, edit: Edit,
                      edits: Mapping[str, tuple[Edit, ...]]) -> "Run":
        """A run that takes over the rows above an edit, and calculates those from there on."""
        tables, before = self._tables, self._tables.before
        if not isinstance(before, Beginning):
            before = Beginning(tables, untouched)
        elif before.ids.shape[-1] > untouched:  # edited before, further down
            before = Beginning(before.of, untouched)
        run = Run(self.book, self._setting, self.inputs, edits=edits, before=before)
        if before.of is tables or before is tables.before:
            run._tables.take_over(tables, stale={name, *self.book.downstream({name})})
            run._tables.take_edited(tables, name, edit)
        return run

    def _with_prompt(self, name: str, value: Any, selectors: Mapping[str, Selector]) -> "Run":
        """A run of the same model, with the same edits, on another prompt."""
        if selectors:
            raise BookError(f"The {name} is edited as a whole; "
                            f"it has no {', '.join(selectors)} to select.")
        if name == "prompt":
            if self._setting.vocabulary is None:
                raise BookError("This run has no tokenizer and cannot read a text: "
                                "edit 'ids' instead.")
            value = self._setting.vocabulary.encode(value)
        ids = checked_ids(self.book, value)
        if ids.ndim != self.ids.ndim and any(edited in self.book.nodes for edited in self.edits):
            raise BookError("Tables of one prompt and of several have different axes, and this run "
                            "has edited tables. Start a new run for the other prompts.")
        same = ids.shape == self.ids.shape
        shared = self._unchanged({"ids"}) if same else {}
        kept = {other: given for other, given in self.inputs.items()
                if same or (not self.book.inputs[other].grows and ids.ndim == self.ids.ndim)}
        return Run(self.book, self._setting, {**kept, "ids": ids}, edits=self.edits, shared=shared)

    def _with_input(self, name: str, value: Any, selectors: Mapping[str, Selector]) -> "Run":
        """A run that was given other numbers for some cells of an input."""
        known = name in self.inputs or self.book.inputs[name].counted
        if not (known or selectors or callable(value)):
            new = checked_input(self.book, name, value, self.ids)
        else:
            table = self[name]
            selection = table.selection(**selectors)
            if callable(value):
                value = _called(name, value, selection.of(table.array))
            laid = make_edit(name, table.shape, selection, value, "").laid_over(
                table.array.astype(np.float64))
            whole = self.book.inputs[name].rows_of is not None and (laid == laid.round()).all()
            new = checked_input(self.book, name, laid.astype(np.int64) if whole else laid, self.ids)
        return Run(self.book, self._setting, {**self.inputs, name: new}, edits=self.edits,
                   shared=self._unchanged({name}))

    def replace(self, function: Callable, at: str | None = None,
                reach: Reach | None = None) -> "Run":
        """A run in which a step has another formula: in every block, or at one table only.

            def attention(scores):
                return softmax(scores)          # without the mask: everyone sees the future
            run.replace(attention, at="h3.attention")

        reach    what you know of a function that does more than the words of formulas can say: a
                 row of its table reads the same "row" of others, rows up to there ("before"), or
                 "all" of them. Appending and editing are faster for the first two
        Raises:  UnknownTable, FormulaError, BookError
        """
        return self._with_book(self.book.replace(function, at, reach))

    def redefine(self, function: Callable) -> "Run":
        """A run in which an operation is another function, in every formula that calls it.

            def gelu(table):
                return np.maximum(table, 0)         # ReLU in its place
            run.redefine(gelu)

        Raises:  FormulaError when there is no such operation
        """
        return self._with_book(self.book.redefine(function))

    def _with_book(self, book: Book) -> "Run":
        """The same prompt and edits with other formulas."""
        changed = {name for name, node in book.nodes.items() if node is not self.book.nodes[name]}
        shared = self._unchanged(changed, book)
        return Run(book, self._setting, self.inputs, edits=self.edits, shared=shared)

    def without_edits(self) -> "Run":
        """The same formulas and prompt with nothing typed over any table."""
        return Run(self.book, self._setting, self.inputs) if self.edits else self

    def with_edits(self, edits: Mapping[str, tuple[Edit, ...]]) -> "Run":
        """The same formulas and prompt with what was typed over another run's tables."""
        return Run(self.book, self._setting, self.inputs, edits=edits)

    def rewrite(self, name: str, formula: str) -> "Run":
        """A run in which a step has another formula, given as text.

            run.rewrite("h3.attention", "softmax(causal(scores) * 2)")    # block 3 alone
            run.rewrite("attention", "softmax(causal(scores) * 2)")       # every block

        Raises:  FormulaError, UnknownTable, BookError
        """
        one = self.book.step_named(name)
        function = function_from_formula(one.name, formula, one.explanation)
        return self.replace(function, at=name if name in self.book.nodes else None)

    def append(self, token: int | Sequence[int], **inputs: Any) -> "Run":
        """A run that is one token longer. Only its new row is calculated; keys and values grow.

        Tables that look ahead, and what is made from them, are calculated whole: a formula of
        yours may do so, and numbers typed over attention where the source comes later.

        token    an id; with a batch, one id for each prompt
        inputs   the new position's number for each input that has one for every position
        Raises:  PromptTooLong, UnknownToken, ShapeMismatch, MissingInput
        """
        longer = grown(self.book, self.inputs, token, inputs)
        return Run(self.book, self._setting, longer, edits=self.edits, before=self._tables)

    def _unchanged(self, changed: set[str], book: Book | None = None) -> dict[str, Any]:
        """The tables calculated so far that do not depend on what changes."""
        stale = changed | (book or self.book).downstream(changed)
        one, names = self._tables, set(self._tables.memory.tables)
        while one.before is not None:
            one = one.before
            names &= set(one.memory.tables)
        return {name: self._tables.whole(name) for name in self._tables.memory.tables
                if name in names and name not in stale}


def _called(name: str, function: Callable, cells: np.ndarray) -> Any:
    """What a user's function makes of the selected cells.  Raises:  FormulaError"""
    try:
        return function(cells)
    except Exception as error:
        raise FormulaError(f"{name}: the function for the new value cannot be calculated on cells "
                           f"of {shape_in_words(cells.shape)} ({type(error).__name__}: {error}).") \
            from error
