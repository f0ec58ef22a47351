"""A tokenizer: a vocabulary, and the merges that make its tokens out of bytes."""

import operator
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from cutaway.errors import PromptTooLong, TokenizerError, UnknownToken
from cutaway.tokenizer.bytes import FIRST_TOKENS, label
from cutaway.tokenizer.check import (
    check_bytes,
    check_distinct,
    check_merges,
    check_reachable,
    check_rule,
)
from cutaway.tokenizer.encode import (
    EncodedPretoken,
    Pair,
    VisibleEncoding,
    encode_pretoken,
    merge_piece,
    whole_token,
)
from cutaway.tokenizer.fast import LONGEST_SPACE, Encoder
from cutaway.tokenizer.padding import unused
from cutaway.tokenizer.pretokens import pretokens
from cutaway.tokenizer.read import read_tokenizer
from cutaway.tokenizer.special import END_OF_TEXT, split_at_special
from cutaway.tokenizer.text import check_text
from cutaway.tokenizer.write import hugging_face_files, openai_files, write_files
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

LONGEST_PIECE = 65_536  # characters of which every merge is kept: the work grows with their square


@dataclass(frozen=True, repr=False)
class Tokenizer:
    """Text to ids and back, with byte-pair encoding.

    vocabulary  the bytes of every token, by id
    merges      the pairs that are joined, the first learnt first: a pair's place is its rank
    special     tokens that no text gives by itself, such as <|endoftext|>, with their ids
    rule        how a text is cut into pieces first; GPT-2's unless another is given
    Raises:     TokenizerError when they do not fit together, and for a rule that starts from
                anything else than bytes
    """

    vocabulary: tuple[bytes, ...]
    merges: tuple[Pair, ...]
    special: Mapping[str, int]
    rule: TokenizerRule = GPT2_RULE

    # The encoder's quick function once it has been needed: one look for each short text.
    _quickly: ClassVar[Callable[[str], list[int]] | None] = None

    def __post_init__(self):
        check_distinct(self.vocabulary)
        check_bytes(self._ids)
        check_merges(self.merges, self._ids)
        check_reachable(self.vocabulary, self.merges, self.special)
        check_rule(self.rule)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Tokenizer":
        """The tokenizer in a folder, or in a file of one.

        path     a folder or a file: `tokenizer.json`, or `vocab.json` with `merges.txt` beside it,
                 or `encoder.json` with `vocab.bpe`
        Raises:  TokenizerFileError saying which file, and what is wrong in it
        """
        return read_tokenizer(Path(path), cls)

    @classmethod
    def from_merges(cls, merges: Iterable[Pair], special: Sequence[str] = (END_OF_TEXT,),
                    rule: TokenizerRule = GPT2_RULE) -> "Tokenizer":
        """A tokenizer with GPT-2's ids: the 256 bytes, the merges' tokens, the special ones."""
        merges = tuple(merges)
        made = dict.fromkeys(left + right for left, right in merges)
        ordinary = (*FIRST_TOKENS, *made)
        ids = {text: len(ordinary) + place for place, text in enumerate(special)}
        return cls((*ordinary, *(text.encode("utf-8") for text in special)), merges, ids, rule)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes the files with which Hugging Face's libraries open it, and so does Cutaway:
        `vocab.json`, `merges.txt`, `tokenizer.json` and `tokenizer_config.json`.

        Raises:  DiskError when a file cannot be written; those that were there are unchanged
        """
        write_files(Path(folder), hugging_face_files(self.vocabulary, self.merges, self.special,
                                                     self.rule))

    def save_openai(self, folder: str | os.PathLike[str]) -> None:
        """Writes `encoder.json` and `vocab.bpe`, as OpenAI published GPT-2's.

        Raises:  DiskError when a file cannot be written; those that were there are unchanged;
                 TokenizerError for another rule than GPT-2's, which these files cannot tell
        """
        if self.rule != GPT2_RULE:
            raise TokenizerError("This tokenizer cuts texts by another pattern than GPT-2's, and "
                                 "OpenAI's files cannot tell that. Write Hugging Face's: save().")
        write_files(Path(folder), openai_files(self.vocabulary, self.merges, self.special))

    def padded(self, n_row: int) -> "Tokenizer":
        """The same tokenizer for a token table of more rows: each further id is a special token."""
        more = unused(len(self), n_row)
        return type(self)((*self.vocabulary, *(text.encode("utf-8") for text in more)), self.merges,
                          {**self.special, **more}, self.rule)

    def encode(self, text: str | bytes) -> list[int]:
        """The ids of a text. A special token written in it is text like any other.

        Raises:  NotText for bytes that are not UTF-8 and for lone surrogates
        """
        if type(text) is not str or not text.isascii():  # which needs no check
            text = check_text(text)
        quickly = self._quickly
        if quickly is not None and len(text) <= LONGEST_SPACE:
            return quickly(text)
        ids = self._encoder.encode(text)
        object.__setattr__(self, "_quickly", self._encoder.quickly)
        return ids

    def encode_with_special(self, text: str | bytes) -> list[int]:
        """The ids of a text in which `<|endoftext|>` and its like are single tokens.

        Raises:  NotText for bytes that are not UTF-8 and for lone surrogates
        """
        ids: list[int] = []
        for piece in split_at_special(check_text(text), self.special):
            ids += [self.special[piece]] if piece in self.special else self.encode(piece)
        return ids

    def encode_visibly(self, text: str | bytes) -> VisibleEncoding:
        """The same ids as `encode` gives, with every piece and every merge on the way.

        Raises:  NotText for bytes that are not UTF-8 and for lone surrogates; PromptTooLong for a
                 piece of which every merge would take longer than anybody waits
        """
        text = check_text(text)
        pieces = list(self.pieces(text))
        if (longest := max(map(len, pieces), default=0)) > LONGEST_PIECE:
            raise PromptTooLong(f"{longest:,} characters of the text are one piece, such as a "
                                f"word; every merge is shown of at most {LONGEST_PIECE:,}. Put a "
                                f"space into it, or take a part of it.")
        encoded = {piece: encode_pretoken(piece, self._ranks, self._ids) for piece in set(pieces)}
        return VisibleEncoding(text, tuple(encoded[piece] for piece in pieces))

    def encode_visibly_with_special(self, text: str | bytes) -> VisibleEncoding:
        """The same ids as `encode_with_special` gives; each mark is a piece, made by no merge.

        Raises:  NotText for bytes that are not UTF-8 and for lone surrogates
        """
        text = check_text(text)
        found: list[EncodedPretoken] = []
        for piece in split_at_special(text, self.special):
            if piece in self.special:
                found.append(whole_token(piece, self.special[piece]))
            else:
                found += self.encode_visibly(piece).pretokens
        return VisibleEncoding(text, tuple(found))

    def pieces(self, text: str) -> Iterator[str]:
        """The pieces that a checked text is cut into before anything is merged."""
        return pretokens(text, self.rule)

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes of the tokens, one after the other: not one is lost.

        Raises:  UnknownToken when the vocabulary has no such id
        """
        return b"".join(self.bytes_of(id) for id in ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the tokens. Bytes that are no UTF-8, such as half a character, become U+FFFD.

        Raises:  UnknownToken when the vocabulary has no such id
        """
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def bytes_of(self, id: int) -> bytes:
        """The bytes of one token.

        Raises:  UnknownToken when the vocabulary has no such id
        """
        try:
            place = operator.index(id)  # a NumPy integer is as good as a Python one
        except TypeError:
            place = -1
        if not 0 <= place < len(self):
            raise UnknownToken(f"{id!r} is no token: this vocabulary's ids are the whole numbers "
                               f"from 0 to {len(self) - 1}.")
        return self.vocabulary[place]

    def text_of(self, id: int) -> str:
        """One token as a label: its text, and <0xE3> for a byte that is no whole character.

        Raises:  UnknownToken when the vocabulary has no such id
        """
        return label(self.bytes_of(id))

    def id_of(self, text: str) -> int:
        """The id of the token with exactly this text.

        Raises:  UnknownToken naming the pieces when the text is several tokens; NotText
        """
        id = self._ids.get(check_text(text).encode("utf-8"))
        if id is None:
            raise UnknownToken(self._not_one_token(text))
        return id

    @property
    def end_of_text(self) -> int | None:
        """The id of `<|endoftext|>`; None in a vocabulary without it."""
        return self.special.get(END_OF_TEXT)

    def __reduce__(self):
        """A copy, and one for another process, makes its own tables: tiktoken's cannot travel."""
        return type(self), (self.vocabulary, self.merges, dict(self.special), self.rule)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __repr__(self) -> str:
        return (f"Tokenizer({len(self):,} tokens, {len(self.merges):,} merges, "
                f"special: {', '.join(self.special) or 'none'})")

    @cached_property
    def _ids(self) -> dict[bytes, int]:
        return {token: id for id, token in enumerate(self.vocabulary)}

    @cached_property
    def _ranks(self) -> dict[Pair, int]:
        return {pair: rank for rank, pair in enumerate(self.merges)}

    @cached_property
    def _id_of_rank(self) -> list[int]:
        """The id of every byte and merge; not the rank itself where special tokens come first."""
        made = (*FIRST_TOKENS, *(left + right for left, right in self.merges))
        return [self._ids[token] for token in made]

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self.merges, self._id_of_rank, self._ids_of_pieces, self.rule)

    def _ids_of_pieces(self, pieces: Iterable[str]) -> list[int]:
        pieces = list(pieces)
        ids = {piece: [self._ids[token] for token in
                       merge_piece(piece.encode("utf-8"), self._ranks)[0]]
               for piece in set(pieces)}
        return [id for piece in pieces for id in ids[piece]]

    def _not_one_token(self, text: str) -> str:
        ids = self.encode(text)
        if not ids:
            return "The empty text is no token. Give the text of exactly one token."
        pieces = " + ".join(repr(self.text_of(id)) for id in ids)
        first = self.text_of(ids[0])
        return (f"{text!r} is {len(ids)} tokens in this vocabulary: {pieces}. Exactly one is "
                f"expected: take one of them, such as {first!r}, or try it with a space in front.")
