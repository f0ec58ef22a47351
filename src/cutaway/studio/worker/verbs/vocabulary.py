"""Verbs of the two tables of a tokenizer: its vocabulary and its merges, searched and paged."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cutaway.errors import MessageError
from cutaway.studio.messages import token_questions as asked
from cutaway.studio.worker.verbs.tokens import chosen_tokenizer, shown_token
from cutaway.tokenizer import Tokenizer, hexadecimal, letters

MOST_ROWS = 500      # of one answer


def vocabulary(workspace: Any, question: asked.Vocabulary) -> dict[str, Any]:
    """Rows of the vocabulary that match a query, with how many there are in all.

    Raises:  MessageError
    """
    tables, query = _tables(workspace, question.tokenizer), read_query(question.query)
    found = tables.tokens_found(query)
    first, count = question.first, question.count
    return {"query": query.words("id"), "total": len(found), "first": first,
            "rows": [tables.token(id) for id in found[first:first + count]]}


def vocabulary_token(workspace: Any, question: asked.VocabularyToken) -> dict[str, Any]:
    """One token: how the files write it, the merges that make it, and those it takes part in.

    Raises:  MessageError, UnknownToken
    """
    tables, id = _tables(workspace, question.tokenizer), question.token
    token = tables.tokenizer.bytes_of(id)
    parts = tables.part_of.get(token, [])
    return {**tables.token(id), "letters": letters(token),
            "made_by": [tables.merge(rank) for rank in tables.made_by.get(token, ())],
            "part_of": [tables.merge(rank) for rank in parts[:MOST_ROWS]], "n_part_of": len(parts)}


def merges(workspace: Any, question: asked.Merges) -> dict[str, Any]:
    """Rows of the table of merges that match a query, in the order of their ranks.

    Raises:  MessageError
    """
    tables, query = _tables(workspace, question.tokenizer), read_query(question.query)
    found = tables.merges_found(query)
    first, count = question.first, question.count
    return {"query": query.words("rank"), "total": len(found), "first": first,
            "rows": [tables.merge(rank) for rank in found[first:first + count]]}


@dataclass(frozen=True)
class Query:
    """What is looked for: a number, bytes, or a text.

    number  an id or a rank, whose row comes first
    raw     bytes that stand in the token, as they were asked for
    text    a text that stands in the token, whatever its case; None where only a number was asked
    """

    number: int | None = None
    raw: bytes | None = None
    text: str | None = None

    def words(self, number: str) -> str:
        """How the query was read, to be shown beside the field."""
        if self.raw is not None:
            return f"bytes {hexadecimal(self.raw)}"
        if self.text is None:
            return f"{number} {self.number}"
        text = f"text with {self.text!r}" if self.text else "all"
        return text if self.number is None else f"{number} {self.number}, then {text}"


def read_query(text: str) -> Query:
    """A query as it is typed: `the`, `318` (a number, then texts), `#318`, or `0xE6 97` for bytes.

    Raises:  MessageError for bytes that are none
    """
    if text.startswith("#") and text[1:].isdecimal():
        return Query(number=int(text[1:]))
    if text[:2].lower() != "0x":
        return Query(number=int(text) if text.isdecimal() else None, text=text)
    digits = re.sub(r"0x|\s", "", text.lower())
    try:
        return Query(raw=bytes.fromhex(digits))
    except ValueError:
        raise MessageError(f"{text!r} is no bytes: two digits from 0 to F for each are expected, "
                           f"such as 0xE6 97.") from None


class Tables:
    """A tokenizer's two tables with what is looked up in them.

    made_by   the ranks of the merges that make a token
    part_of   the ranks of the merges that a token takes part in
    """

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.ids = {token: id for id, token in enumerate(tokenizer.vocabulary)}
        self.made_by: defaultdict[bytes, list[int]] = defaultdict(list)
        self.part_of: defaultdict[bytes, list[int]] = defaultdict(list)
        for rank, (left, right) in enumerate(tokenizer.merges):
            self.made_by[left + right].append(rank)
            for part in dict.fromkeys((left, right)):
                self.part_of[part].append(rank)
        self._texts = [_folded(token) for token in tokenizer.vocabulary]

    def tokens_found(self, query: Query) -> range | list[int]:
        """The ids that match: the number asked for, the very text, then all others by id."""
        if query == Query(text=""):
            return range(len(self.tokenizer))
        first = [query.number, self.ids.get((query.text or "").encode("utf-8", "replace"))]
        known = [id for id in first if id is not None and id < len(self.tokenizer)]
        return list(dict.fromkeys([*known, *self._ids_with(query)]))

    def merges_found(self, query: Query) -> range | list[int]:
        """The ranks that match: the number asked for, then those whose token matches."""
        if query == Query(text=""):
            return range(len(self.tokenizer.merges))
        number = query.number
        known = [] if number is None or number >= len(self.tokenizer.merges) else [number]
        exact = self.ids.get((query.text or "").encode("utf-8", "replace"))
        tokens = [self.tokenizer.vocabulary[id] for id in self._ids_with(query)]
        own = [] if exact is None else self.made_by.get(self.tokenizer.vocabulary[exact], [])
        ranks = sorted(rank for token in tokens for rank in self.made_by.get(token, ()))
        return list(dict.fromkeys([*known, *own, *ranks]))

    def token(self, id: int) -> dict[str, Any]:
        """A row of the vocabulary."""
        token = self.tokenizer.vocabulary[id]
        ranks = self.made_by.get(token)
        special = id in self.tokenizer.special.values()
        return {**shown_token(self.tokenizer, id), "n_bytes": len(token),
                "kind": "special" if special else "merge" if ranks else "byte",
                "rank": ranks[0] if ranks else None,
                "n_part_of": len(self.part_of.get(token, ()))}

    def merge(self, rank: int) -> dict[str, Any]:
        """A row of the table of merges."""
        left, right = self.tokenizer.merges[rank]
        parts = {"left": left, "right": right, "makes": left + right}
        return {"rank": rank, **{name: shown_token(self.tokenizer, self.ids[token])
                                 for name, token in parts.items()}}

    def _ids_with(self, query: Query) -> Iterator[int]:
        if query.raw is not None:
            raw = query.raw
            yield from (id for id, token in enumerate(self.tokenizer.vocabulary) if raw in token)
        elif query.text is not None:
            text = query.text.casefold()
            yield from (id for id, known in enumerate(self._texts) if text in known)


@dataclass(frozen=True, eq=False)
class _Same:
    """A tokenizer that is compared by what it is, not by its 50,000 tokens."""

    tokenizer: Tokenizer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.tokenizer is self.tokenizer

    def __hash__(self) -> int:
        return id(self.tokenizer)


def _tables(workspace: Any, tokenizer: str) -> Tables:
    return _tables_of(_Same(chosen_tokenizer(workspace, tokenizer)))


@lru_cache(maxsize=2)
def _tables_of(same: _Same) -> Tables:
    return Tables(same.tokenizer)


def _folded(token: bytes) -> str:
    return token.decode("utf-8", "replace").casefold()
