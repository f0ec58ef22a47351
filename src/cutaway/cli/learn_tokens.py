"""`cutaway learn-tokens`: how a vocabulary is learned, one merge a pass."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import TOKENIZER, TOKENIZER_HELP, examples, json_option, reading_options
from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.cli.screen import Screen
    from cutaway.texts import Reading
    from cutaway.tokenizer import Merge

# Source: Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units
#         (2016)
PAPER = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
TIE_RULES = {"first-seen": "the pair that is met first when the words are read in order",
             "lowest-ids": "the pair of the oldest tokens, the left one first"}
MOST_PAIRS, MOST_WORDS = 8, 12


@click.command(name="learn-tokens", epilog=examples(
    "cutaway learn-tokens --paper",
    "cutaway learn-tokens --paper --brief",
    'echo "low lower lowest" | cutaway learn-tokens - --merges 4',
    "cutaway learn-tokens story.txt --merges 200 --brief",
    "cutaway learn-tokens story.txt --merges 20 --brief --tokenizer gpt2"))
@click.argument("file", required=False, metavar="FILE|-")
@click.option("--paper", is_flag=True, help="The example of the paper: low, lower, newest, widest.")
@click.option("--merges", default=10, show_default=True, metavar="N", help="How many passes.")
@click.option("--ties", type=click.Choice(list(TIE_RULES)), default="first-seen", show_default=True,
              help="Which of several equally frequent pairs is merged.")
@click.option("--brief", is_flag=True, help="A line a pass.")
@click.option("--tokenizer", metavar=TOKENIZER,
              help=f"Beside each merge, its rank in another vocabulary: {TOKENIZER_HELP}")
@reading_options
@json_option
def learn_tokens(*, file: str | None, paper: bool, merges: int, ties: str, brief: bool,
                 tokenizer: str | None, reading: "Reading", as_json: bool) -> None:
    """How a vocabulary is learned from a text (byte-pair encoding), pass by pass.

    Each pass counts how often every two neighbours stand in the text, and merges the most frequent
    pair everywhere. A dot stands between tokens, ␣ for a space.
    """
    if paper == (file is not None):
        raise click.UsageError("Give a FILE (or - for standard input), or --paper.")
    if paper and tokenizer is not None:
        raise click.UsageError("The paper's words are letters with a mark at the end, which no "
                               "vocabulary of bytes has: compare a FILE with --tokenizer.")
    learned, other = _passes(file, merges, ties, reading), _other(tokenizer)
    if as_json:
        _print_as_json(learned, other)
    elif brief:
        _draw_briefly(learned, ties, other)
    else:
        _draw(learned, ties, other)


@dataclass(frozen=True)
class Other:
    """A vocabulary that the learned merges are compared with.  ranks: of its merges"""

    name: str
    ranks: Mapping[tuple[Any, Any], int]

    def rank_in_words(self, merge: "Merge[Any]") -> str:
        rank = self.ranks.get(merge.pair)
        return "-" if rank is None else f"{rank:,}"


def _other(tokenizer: str | None) -> Other | None:
    """Raises:  TokenizerError, MissingExtra"""
    from cutaway.model import open_tokenizer

    if tokenizer is None:
        return None
    merges = open_tokenizer(tokenizer).merges
    return Other(tokenizer, {pair: rank for rank, pair in enumerate(merges)})


def _passes(file: str | None, merges: int, ties: str, reading: "Reading") -> "Iterator[Merge[Any]]":
    """The merges of a file, or of the paper's words.

    Raises:  NotText, SettingError
    """
    from cutaway.tokenizer import (
        character_words,
        first_seen,
        learn_from_words,
        learn_merges,
        lowest_ids,
    )

    rule = {"first-seen": first_seen, "lowest-ids": lowest_ids}[ties]
    if file is None:
        return learn_from_words(character_words(PAPER), merges, rule)
    return learn_merges(_read(file, reading), merges, rule)


def _read(file: str, reading: "Reading") -> tuple[str, ...]:
    """The documents, without the marks that end them: those are never learned as letters."""
    from cutaway.cli.files import documents_of, read_standard_input
    from cutaway.texts import split_documents
    from cutaway.tokenizer import check_text

    if file == "-":
        return split_documents(check_text(read_standard_input()))
    documents = documents_of(Path(file), reading)
    if len(documents) > 1:
        twice = len(documents) - len(set(documents))
        say(f"{len(documents):,} documents, {twice:,} of them duplicates.", err=True)
    return documents


def _draw(learned: "Iterable[Merge[Any]]", ties: str, other: Other | None) -> None:
    from cutaway.cli.screen import counted, open_screen

    screen, last = open_screen(), None
    for last in learned:
        if last.number == 1:
            screen.heading("The text", counted(last.tokens_before, "token"))
            _draw_words(screen, last.corpus_before())
        screen.heading(f"Pass {last.number}", f"{last.tokens_before:,} tokens become "
                       f"{last.tokens_after:,}")
        _draw_pass(screen, last, ties, other)
    if last is None:
        screen.note("There is nothing to merge: no two neighbours stand in the text.")
    else:
        screen.heading("Learned", f"{counted(last.number, 'merge')}")
        _draw_words(screen, last.corpus_after())


def _draw_pass(screen: "Screen", merge: "Merge[Any]", ties: str, other: Other | None) -> None:
    from cutaway.cli.drawing.symbols import symbol

    counts = merge.pair_counts()
    pairs = [f"{symbol(left)}+{symbol(right)} {count:,}" for (left, right), count in
             counts[:MOST_PAIRS]]
    more = [f"and {len(counts) - MOST_PAIRS:,} more"] if len(counts) > MOST_PAIRS else []
    left, right = map(symbol, merge.pair)
    rows = [["pairs", "  ".join([*pairs, *more])]]
    if len(merge.tied) > 1:
        rows.append(["tie", f"{len(merge.tied)} pairs stand there {merge.count:,} times; taken is "
                     f"{TIE_RULES[ties]}"])
    rows.append(["merge", f"{left} + {right} = {symbol(merge.token)}   {merge.count:,} times"])
    if other is not None:
        rank = other.rank_in_words(merge)
        rows.append([other.name, "does not have this merge" if rank == "-" else f"rank {rank}"])
    rows.append(["text", _words_in_a_line(merge.corpus_after())])
    screen.table(["", ""], rows, wrap=[1])


def _words_in_a_line(words: "dict[tuple[Any, ...], int]") -> str:
    from cutaway.cli.drawing.symbols import cut_word

    shown = [f"{cut_word(word)} x{count:,}" for word, count in list(words.items())[:MOST_WORDS]]
    more = [f"and {len(words) - MOST_WORDS:,} more words"] if len(words) > MOST_WORDS else []
    return "  ".join([*shown, *more])


def _draw_words(screen: "Screen", words: "dict[tuple[Any, ...], int]") -> None:
    screen.table([""], [[_words_in_a_line(words)]], wrap=[0])


def _draw_briefly(learned: "Iterable[Merge[Any]]", ties: str, other: Other | None) -> None:
    from cutaway.cli.drawing.symbols import symbol
    from cutaway.cli.screen import open_screen

    screen = open_screen()
    screen.heading("Merges", f"of equally frequent pairs: {TIE_RULES[ties]}")
    rows = [[str(one.number), f"{symbol(one.pair[0])} + {symbol(one.pair[1])}", symbol(one.token),
             f"{one.count:,}", str(len(one.tied)), f"{one.tokens_after:,}",
             *([other.rank_in_words(one)] if other else [])] for one in learned]
    ranks = [f"rank in {other.name}"] if other else []
    screen.table(["pass", "pair", "makes", "count", "tied", "tokens left", *ranks], rows,
                 right=[0, 3, 4, 5, 6][:4 + len(ranks)])


def _print_as_json(learned: "Iterable[Merge[Any]]", other: Other | None) -> None:
    from cutaway.cli.drawing.symbols import symbol
    from cutaway.cli.screen import print_json

    print_json([{"pass": one.number, "pair": list(map(symbol, one.pair)),
                 "makes": symbol(one.token), "count": one.count,
                 "tied": [list(map(symbol, pair)) for pair in one.tied],
                 "tokens_before": one.tokens_before, "tokens_after": one.tokens_after,
                 **({"rank_in_tokenizer": other.ranks.get(one.pair)} if other else {})}
                for one in learned])
