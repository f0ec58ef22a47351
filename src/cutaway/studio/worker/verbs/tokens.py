"""Verbs of the tokenizer: the prompt's tokens, every merge of a text, spellings side by side."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from typing import Any

from cutaway.errors import MessageError
from cutaway.model import GPT2, open_tokenizer
from cutaway.studio.messages import token_questions as asked
from cutaway.tokenizer import (
    N_GPT2_TOKENS,
    EncodedPretoken,
    MergeStep,
    Tokenizer,
    hexadecimal,
)

MOST_PIECE_BYTES = 200     # a piece of 200 bytes has up to 19,900 candidates
CONTEXT = 24               # characters of text beside a token

CASES = {"lower": str.lower, "Capital": str.capitalize, "UPPER": str.upper}
FRONTS = ("", " ", '"', ' "')
# What `surrogateescape` makes of bytes that are no whole character.
_RUNS = re.compile("[\udc80-\udcff]|[^\udc80-\udcff]+")
Shown = str | list[str | int]


def tokenizers(workspace: Any, question: asked.Tokenizers) -> dict[str, Any]:
    """The tokenizers that can be chosen, the open model's first. GPT-2's own is left out where the
    model has it."""
    own = workspace.model.tokenizer
    found = [{"name": "model", "title": workspace.model.name, "n_tokens": len(own)}]
    if len(own) != N_GPT2_TOKENS or own != gpt2_tokenizer():
        found.append({"name": GPT2, "title": GPT2, "n_tokens": N_GPT2_TOKENS})
    return {"tokenizers": found}


def chosen_tokenizer(workspace: Any, name: str) -> Tokenizer:
    """The open model's tokenizer ("model") or GPT-2's own.

    Raises:  MissingExtra, TokenizerFileError
    """
    return workspace.model.tokenizer if name == "model" else gpt2_tokenizer()


@cache
def gpt2_tokenizer() -> Tokenizer:
    """GPT-2's own, read once."""
    return open_tokenizer(GPT2)


def tokens_prompt(workspace: Any, question: asked.TokensPrompt) -> dict[str, Any]:
    """The tokens of the run's text, each with its bytes, its piece and the text beside it.

    Raises:   MissingExtra, TokenizerFileError
    """
    own, tokenizer = workspace.model.tokenizer, chosen_tokenizer(workspace, question.tokenizer)
    read = [int(id) for id in workspace.run.ids]
    n_prompt = len(read) if question.n_prompt is None else question.n_prompt
    n_prompt_bytes = len(own.decode_bytes(read[:n_prompt]))
    ids = read if tokenizer is own else list(_encoded_anew(read, own, tokenizer))
    raw = tokenizer.decode_bytes(ids)
    pieces = list(_pieces(tokenizer, ids))
    ends = list(accumulate(len(piece) for piece in pieces))
    tokens, place = [], 0
    for id in ids:
        size = len(tokenizer.bytes_of(id))
        tokens.append(shown_token(tokenizer, id) | _context(raw, place, place + size)
                      | {"piece": bisect_right(ends, place), "first_byte": place})
        place += size
    return {"text": shown(raw), "tokens": tokens, "pieces": [shown(piece) for piece in pieces],
            "n_prompt": sum(token["first_byte"] < n_prompt_bytes for token in tokens),
            **_counts(raw)}


def tokens_text(workspace: Any, question: asked.TokensText) -> dict[str, Any]:
    """Ids back to text: the bytes of the tokens, one after the other.

    Raises:  MessageError, UnknownToken
    """
    tokenizer, ids = chosen_tokenizer(workspace, question.tokenizer), question.ids
    raw = tokenizer.decode_bytes(ids)
    return {"text": shown(raw), "tokens": shown_tokens(tokenizer, ids), **_counts(raw)}


def tokens_steps(workspace: Any, question: asked.TokensSteps) -> dict[str, Any]:
    """The pieces of a text, and for each every merge with all the pairs that it beat.

    Raises:  MessageError for a text or a piece that is too long to be shown; NotText
    """
    tokenizer, text = chosen_tokenizer(workspace, question.tokenizer), question.text
    for piece in tokenizer.pieces(text):
        size = len(piece.encode("utf-8", "replace"))
        if size > MOST_PIECE_BYTES:
            raise MessageError(
                f"The piece {piece[:20]!r}... has {size:,} bytes; merges are shown for pieces of "
                f"at most {MOST_PIECE_BYTES}. Put a space in it, or shorten it.")
    encoding = tokenizer.encode_visibly(text)
    return {"text": text, "pattern": tokenizer.rule.pattern, **_counts(text.encode("utf-8")),
            "pieces": [_piece(tokenizer, one) for one in encoding.pretokens]}


def tokens_spellings(workspace: Any, question: asked.TokensSpellings) -> dict[str, Any]:
    """The tokens of several texts; of one word, in three cases with and without space and quote.

    Raises:  MessageError, NotText
    """
    tokenizer = chosen_tokenizer(workspace, question.tokenizer)
    if question.texts is not None:
        return {"spellings": [_spelling(tokenizer, text) for text in question.texts]}
    word = question.text.strip(' "')
    if not word:
        raise MessageError("'text' has no letter; a word is expected.")
    return {"spellings": [
        {"case": case, "front": front, **_spelling(tokenizer, front + change(word))}
        for front in FRONTS for case, change in CASES.items()]}


def _encoded_anew(ids: Sequence[int], own: Tokenizer, other: Tokenizer) -> Iterator[int]:
    """The same text in another tokenizer's tokens; a special token stays one where both have it."""
    marks = {id: text for text, id in own.special.items()}
    for is_mark, run in groupby(ids, key=marks.__contains__):
        if is_mark:
            texts = [marks[id] for id in run]
            yield from (id for text in texts for id in
                        ([other.special[text]] if text in other.special else other.encode(text)))
        else:
            yield from other.encode(own.decode(run))


def _counts(raw: bytes) -> dict[str, int]:
    return {"n_characters": len(raw.decode("utf-8", "replace")), "n_bytes": len(raw)}


def _context(raw: bytes, first: int, end: int) -> dict[str, str]:
    """The text before and after some bytes."""
    before = raw[:first].decode("utf-8", "replace")
    after = raw[end:].decode("utf-8", "replace")
    return {"before": "…" * (len(before) > CONTEXT) + before[-CONTEXT:],
            "after": after[:CONTEXT] + "…" * (len(after) > CONTEXT)}


def _pieces(tokenizer: Tokenizer, ids: Sequence[int]) -> Iterator[bytes]:
    """The pieces into which the ids' text is cut; a special token is a piece by itself."""
    marks = set(tokenizer.special.values())
    for is_mark, run in groupby(ids, key=marks.__contains__):
        if is_mark:
            yield from map(tokenizer.bytes_of, run)
            continue
        text = tokenizer.decode_bytes(run).decode("utf-8", "surrogateescape")
        yield from (piece.encode("utf-8", "surrogateescape") for piece in tokenizer.pieces(text))


def _piece(tokenizer: Tokenizer, one: EncodedPretoken) -> dict[str, Any]:
    return {
        "text": one.text, "letters": one.letters, "hex": hexadecimal(one.raw),
        "characters": [{"text": letter, "n_bytes": len(letter.encode("utf-8"))}
                       for letter in one.text],
        "steps": [_step(step) for step in one.steps],
        "tokens": shown_tokens(tokenizer, one.ids)}


def _step(step: MergeStep) -> dict[str, Any]:
    """One merge. `ranks` has one for each two neighbours in `tokens`, None where no merge joins
    them; `joined` are the places of those that were joined."""
    left, right = step.chosen.pair
    return {"tokens": [shown(token) for token in step.before],
            "sizes": [len(token) for token in step.before],
            "ranks": [candidate.rank for candidate in step.candidates],
            "rank": step.chosen.rank, "left": shown(left), "right": shown(right),
            "makes": shown(left + right), "joined": _joined(step)}


def _joined(step: MergeStep) -> list[int]:
    places, place = [], 0
    for token in step.after:
        joined = token != step.before[place]
        places += [place] if joined else []
        place += 2 if joined else 1
    return places


def _spelling(tokenizer: Tokenizer, text: str) -> dict[str, Any]:
    ids = tokenizer.encode(text)
    return {"text": text, "tokens": shown_tokens(tokenizer, ids), **_counts(text.encode("utf-8"))}


def shown(token: bytes | str) -> Shown:
    """The token's text; where that is not whole, its parts in order, a number for each lone byte.

        shown(b" the")       # " the"
        shown(b" \\xe6")     # [" ", 230]
    """
    if isinstance(token, str):
        return token
    text = token.decode("utf-8", "surrogateescape")
    parts = [ord(run) - 0xDC00 if "\udc80" <= run <= "\udcff" else run
             for run in _RUNS.findall(text)]
    return text if all(isinstance(part, str) for part in parts) else parts


def shown_token(tokenizer: Tokenizer, id: int) -> dict[str, Any]:
    """One token of the vocabulary: its id, its text and its bytes."""
    token = tokenizer.bytes_of(id)
    return {"id": id, "text": shown(token), "hex": hexadecimal(token)}


def shown_tokens(tokenizer: Tokenizer, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Several tokens of the vocabulary."""
    return [shown_token(tokenizer, id) for id in ids]
