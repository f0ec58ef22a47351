"""The verb that learns merges from a pasted text, and tells the page of every pass."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Any

from cutaway.errors import MessageError
from cutaway.studio.messages import token_questions as asked
from cutaway.studio.worker.verbs.tokens import chosen_tokenizer, shown
from cutaway.tokenizer import (
    Merge,
    byte_words,
    character_words,
    check_text,
    first_seen,
    learn_from_words,
    lowest_ids,
    pretokens,
)
from cutaway.tokenizer.corpus import Corpus
from cutaway.tokenizer.join import join

MOST_PAIRS = 12            # of a pass's table of pairs
MOST_SHOWN = 400           # characters of the text that are shown as they are cut
MOST_WORDS = 40            # different words that are shown as they are cut

RULES: dict[str, Callable] = {"first-seen": first_seen, "lowest-ids": lowest_ids}
RULE_WORDS = {"first-seen": "the pair that is met first when the words are read in order",
              "lowest-ids": "the pair of the oldest tokens, the left one first"}

Word = tuple[Any, ...]


@dataclass(frozen=True)
class Lesson:
    """What is learned from, and what is shown of it.

    words  each different word, cut into symbols, with how often it stands in the text
    shown  the words of the text's beginning, or the different words, with how often each is meant
    ranks  the merges of another vocabulary, with which each pass is compared; None for none
    """

    words: Mapping[Word, int]
    shown: list[tuple[Word, int]]
    ranks: Mapping[Word, int] | None = None


def learn(workspace: Any, question: asked.Learn) -> dict[str, Any]:
    """Learns merges from a text, pushing each pass; an interrupt ends it with what was learned.

    Raises:  MessageError, NotText, MissingExtra, TokenizerFileError
    """
    count, first = question.merges, question.first
    lesson = LESSONS[question.boundary](check_text(question.text))
    if question.boundary == "front" and question.tokenizer is not None:
        merges = chosen_tokenizer(workspace, question.tokenizer).merges
        lesson = replace(lesson, ranks={pair: rank for rank, pair in enumerate(merges)})
    bears = {"push": "learn", "lesson": question.lesson, "of": count}
    done = 0
    try:
        for number, record in enumerate(_passes(lesson, count, question.ties, first)):
            if record is not None:
                workspace.push({**bears, **record})
            done = number
    except KeyboardInterrupt:
        return {"passes": done, "stopped": True}
    return {"passes": done, "stopped": False}


def _letters_with_a_mark(text: str) -> Lesson:
    """The words between spaces, as letters with a mark at the end."""
    counts = Counter(text.split())
    words = character_words(counts, end="</w>" if "_" in text else "_")
    return Lesson(words, list(words.items())[:MOST_WORDS])


def _bytes_of_pieces(text: str) -> Lesson:
    """GPT-2's pieces as bytes; what is shown is the beginning of the text."""
    beginning, size = [], 0
    for piece in pretokens(text):
        size += len(piece)
        if size > MOST_SHOWN and beginning:
            break
        beginning.append((tuple(bytes([byte]) for byte in piece.encode("utf-8")), 1))
    return Lesson(byte_words([text]), beginning)


LESSONS: dict[str, Callable[[str], Lesson]] = {
    "front": _bytes_of_pieces, "end": _letters_with_a_mark}


def _passes(lesson: Lesson, count: int, rule: str,
            first: int) -> Iterator[dict[str, Any] | None]:
    """The state before the first pass, then each pass: a record, or None before `first`.

    Raises:  MessageError when the text has no word
    """
    if not lesson.words:
        raise MessageError("The text has no word to learn from. Paste a few sentences.")
    # A Merge could count its pairs anew when asked; over all passes that takes the square of one
    # lesson's time. So a second corpus goes along, one merge behind.
    corpus, cut, words = Corpus(lesson.words), lesson.shown, list(lesson.words)
    yield _start(corpus, cut) if first == 0 else None
    for merge in learn_from_words(lesson.words, count, RULES[rule]):
        cut = [(join(word, merge.pair), times) for word, times in cut]
        record = _record(merge, corpus, words, rule) if merge.number >= first else None
        corpus.merge(merge.pair)
        if record and lesson.ranks is not None:
            record["rank"] = lesson.ranks.get(merge.pair)
        yield record and {**record, "corpus": _corpus(cut), "n_vocabulary": len(corpus.ids)}


def _start(corpus: Corpus, cut: list[tuple[Word, int]]) -> dict[str, Any]:
    return {"pass": 0, "tokens_after": corpus.n_tokens, "n_vocabulary": len(corpus.ids),
            "vocabulary": [shown(symbol) for symbol in corpus.ids], "corpus": _corpus(cut)}


def _record(merge: Merge, corpus: Corpus, words: list[Word], rule: str) -> dict[str, Any]:
    """One pass: what was joined, against which other pairs, and what decided."""
    tied = set(merge.tied)
    others = nlargest(MOST_PAIRS, corpus.pair_counts, key=corpus.pair_counts.__getitem__)
    pairs = [merge.pair, *(pair for pair in others if pair != merge.pair)][:MOST_PAIRS]
    place = {"first-seen": _met, "lowest-ids": _ids}[rule] if len(tied) > 1 else None
    return {
        "pass": merge.number, "pair": [shown(side) for side in merge.pair],
        "token": shown(merge.token), "count": merge.count, "n_tied": len(tied),
        "rule": RULE_WORDS[rule], "n_pairs": len(corpus.pair_counts),
        "tokens_before": merge.tokens_before, "tokens_after": merge.tokens_after,
        "pairs": [{"pair": [shown(side) for side in pair], "count": corpus.pair_counts[pair],
                   "tied": pair in tied,
                   "why": place(pair, corpus, words) if place and pair in tied else None}
                  for pair in pairs]}


def _met(pair: Word, corpus: Corpus, words: list[Word]) -> dict[str, Any]:
    """Where the pair is met first: the word and the place in it, both counted from 1."""
    number, place = corpus.first_place(pair)
    word = words[number]
    return {"word": number + 1, "place": place + 1, "text": shown(type(word[0])().join(word))}


def _ids(pair: Word, corpus: Corpus, words: list[Word]) -> dict[str, Any]:
    """How old the two tokens are: their places in the vocabulary, counted from 0."""
    return {"ids": [corpus.ids[side] for side in pair]}


def _corpus(cut: list[tuple[Word, int]]) -> list[dict[str, Any]]:
    return [{"tokens": [shown(token) for token in word], "times": times} for word, times in cut]
