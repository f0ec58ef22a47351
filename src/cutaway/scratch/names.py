"""What the words of a cell mean, for one run."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cutaway.model import Model
from cutaway.scratch.labelled import Labelled, labelled
from cutaway.scratch.nearest import Neighbours, cosine, nearest
from cutaway.scratch.tokens import TokenRows, as_id
from cutaway.words import did_you_mean
from cutaway.workbook import Run, Table
from cutaway.workbook.operations import OPERATIONS

FUNCTIONS = {
    "embedding": "a token's row in the table of all tokens: embedding(\" king\")",
    "nearest": "the tokens whose embeddings point most nearly the same way as a vector",
    "cosine": "how much the same way two vectors point, from -1 to 1",
}
OBJECTS = {"run": "the run that the page shows", "model": "the open model", "np": "NumPy"}


class Names:
    """The tables, operations and functions that a cell can name.

    run     the run whose tables they are
    model   the model behind it, where it is known
    tokens  the rows that bear a token's text
    """

    def __init__(self, run: Run, model: Model | None = None):
        self.run, self.model, self.tokens = run, model, TokenRows(run)
        blocks = dict.fromkeys(name.partition(".")[0] for name in run if "." in name)
        self.blocks = tuple(blocks)

    def __contains__(self, name: object) -> bool:
        """Whether a name is taken, so that no cell can have it or make it."""
        return name in self.run or name in self.blocks or name in OPERATIONS \
            or name in FUNCTIONS or name in OBJECTS

    def __iter__(self) -> Iterator[str]:
        return iter([*self.run, *self.blocks, *OPERATIONS, *FUNCTIONS, *OBJECTS])

    def listed(self) -> list[dict[str, str]]:
        """Every name with its kind and what it is, for completion."""
        book = self.run.book
        tables = [{"name": name, "kind": "table", "words": " ".join(book.axes(name)) or "a number"}
                  for name in self.run]
        operations = [{"name": name, "kind": "operation", "words": _first_line(function)}
                      for name, function in OPERATIONS.items()]
        others = [{"name": name, "kind": "function", "words": words}
                  for name, words in (FUNCTIONS | OBJECTS).items()
                  if name != "model" or self.model is not None]
        return tables + operations + others

    def table(self, name: str) -> Labelled | float:
        """A table with its labels, calculated now; or a plain number of the model's shape."""
        constants = self.run.book.constants
        return constants[name] if name in constants else labelled(self.run[name], self.tokens)

    def meaning(self, words: Iterable[str]) -> dict[str, Any]:
        """What may be named without being read, and the tables among the words that are read."""
        found: dict[str, Any] = {"np": np, "run": self.run, **OPERATIONS,
                                 **self.run.book.operations, "cosine": cosine,
                                 "embedding": self.embedding, "nearest": self.nearest}
        found |= {block: Block(block, self) for block in self.blocks}
        found |= {} if self.model is None else {"model": self.model}
        return found | {word: self.table(word) for word in words
                        if word in self.run and word.isidentifier()}

    def behind(self, words: Iterable[str]) -> set[str]:
        """The tables and operations that the words of a source read in truth."""
        found: set[str] = set()
        for word in words:
            if word in ("embedding", "nearest"):
                found.add(self.run.book.role("token_table"))
            elif word == "run" or word in self.blocks:
                found |= {name for name in self.run if word == "run"
                          or name.startswith(f"{word}.")}
            elif word in self.run or word in OPERATIONS:
                found.add(word)
        return found

    def embedding(self, token: str | int) -> np.ndarray:
        """A token's row in the table of all tokens, by its text or id.

        Raises:  NoSuchRole, UnknownToken
        """
        table = self._token_table()
        return labelled(table, self.tokens)[as_id(self.tokens, token, len(table.array))]

    def nearest(self, vector: Any, count: int = 10,
                leave_out: str | int | Sequence[str | int] = ()) -> Neighbours:
        """The tokens whose embeddings point most nearly the same way as a vector."""
        return nearest(self._token_table().array, self.tokens, vector, count, leave_out)

    def _token_table(self) -> Table:
        return self.run[self.run.book.role("token_table")]


class Block:
    """A block's tables as attributes: h3.attention."""

    def __init__(self, name: str, names: Names):
        self._name, self._names = name, names

    def __getattr__(self, word: str) -> Labelled | float:
        full = f"{self._name}.{word}"
        if word.startswith("_") or full not in self._names.run:
            raise AttributeError(f"{self._name} has no table {word!r}."
                                 f"{did_you_mean(word, self._own())}")
        return self._names.table(full)

    def __dir__(self) -> list[str]:
        return self._own()

    def __repr__(self) -> str:
        return f"<{self._name}: {', '.join(self._own())}>"

    def _own(self) -> list[str]:
        return [name.removeprefix(f"{self._name}.") for name in self._names.run
                if name.startswith(f"{self._name}.")]


def _first_line(function: Callable) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]


def what_was_meant(wrong: str, names: Names, others: Iterable[str]) -> str:
    """What to write in place of a name that nothing has."""
    if re.fullmatch(r"h\d+", wrong) and names.blocks:
        return f" The model's blocks are {names.blocks[0]} to {names.blocks[-1]}."
    in_blocks = [name for name in names.run if name.endswith(f".{wrong}")]
    if in_blocks:
        return f" Every block has one: write {in_blocks[0]!r}, for example."
    return did_you_mean(wrong, [*names, *others])
