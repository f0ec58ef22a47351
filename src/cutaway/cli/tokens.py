"""`cutaway tokens`: how a text becomes tokens, merge by merge."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import (
    PROMPT,
    TOKENIZER,
    TOKENIZER_HELP,
    examples,
    json_option,
    model_option,
)
from cutaway.cli.prompt import special_option

if TYPE_CHECKING:
    from cutaway.cli.screen import Screen
    from cutaway.tokenizer import (
        Candidate,
        EncodedPretoken,
        MergeStep,
        Tokenizer,
        VisibleEncoding,
    )

MOST_SYMBOLS = 250_000  # in the merges of one piece: all of 500 letters, the first 31 of 8,000
MOST_PIECES = 1_000     # on a terminal; a pipe gets all


@click.command(epilog=examples(
    'cutaway tokens "Mike is quick. He moves"',
    'cutaway tokens "Mike is quick. He moves" --tokenizer gpt2',
    'cutaway tokens " reinjury" --steps',
    'cutaway tokens strawberry " strawberry" STRAWBERRY',
    'cutaway tokens "The end.<|endoftext|>" --special',
    'cutaway tokens "TL;DR" --json'))
@click.argument("texts", type=PROMPT, nargs=-1, required=True, metavar="TEXT...")
@click.option("--steps", is_flag=True, help="Every merge, with the rank of each pair it beat.")
@click.option("--tokenizer", metavar=TOKENIZER,
              help=f"Without a model: {TOKENIZER_HELP}")
@special_option
@model_option
@json_option
@click.pass_context
def tokens(context: click.Context, *, texts: tuple[str, ...], steps: bool, tokenizer: str | None,
           special: bool, model: str, as_json: bool) -> None:
    """How each TEXT becomes tokens: pieces, bytes, tokens and ids.

    A text is first cut into pieces (words with the space in front of them, numbers, signs). Each
    piece starts as bytes, and neighbours are merged as long as any of the learned merges fits: the
    one that was learned first, which has the lowest rank, goes first.
    """
    from cutaway.model import open_model, open_tokenizer

    if tokenizer is not None and \
            context.get_parameter_source("model") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("Give --model, whose tokenizer is taken, or --tokenizer; not both.")
    opened = open_model(model).tokenizer if tokenizer is None else open_tokenizer(tokenizer)
    encode = opened.encode_visibly_with_special if special else opened.encode_visibly
    encodings = [encode(text) for text in texts]
    if as_json:
        _print_as_json(opened, encodings)
    elif len(texts) > 1 and not steps:
        _draw_side_by_side(opened, encodings)
    else:
        for encoding in encodings:
            _draw(opened, encoding, steps)


def _draw(tokenizer: "Tokenizer", encoding: "VisibleEncoding", steps: bool) -> None:
    from cutaway.cli.drawing.flow import print_tokens
    from cutaway.cli.screen import counted, open_screen

    screen, ids = open_screen(), encoding.ids
    size = len(encoding.text.encode("utf-8"))
    screen.heading("Tokens", f"{counted(len(ids), 'token')} for {counted(size, 'byte')}")
    if not ids:
        screen.note("The text is empty: it has no token.")
        return
    print_tokens(screen, [tokenizer.text_of(id) for id in ids], ids)
    if steps:
        for pretoken in dict.fromkeys(encoding.pretokens):
            _draw_steps(screen, tokenizer, pretoken)
    else:
        _draw_pieces(screen, tokenizer, encoding)


def _draw_pieces(screen: "Screen", tokenizer: "Tokenizer", encoding: "VisibleEncoding") -> None:
    from cutaway.cli.screen import counted
    from cutaway.words import quoted

    count = len(encoding.pretokens)
    shown = encoding.pretokens[:MOST_PIECES] if screen.is_terminal else encoding.pretokens
    screen.heading("Pieces", f"{counted(count, 'piece')}; no token crosses a cut")
    screen.table(
        ["piece", "bytes", "tokens", "ids"],
        [[quoted(one.text), one.raw.hex(" "), _side_by_side(tokenizer, one.ids),
          " ".join(map(str, one.ids))] for one in shown],
        wrap=[1, 2, 3])
    if count > len(shown):
        screen.note(f"These are the first {len(shown):,} of {count:,} pieces. A file or a pipe "
                    "gets all of them, and so does --json.")
    screen.hint("How the merges were chosen:", f"cutaway tokens {_in_shell(encoding.text)} --steps")


def _in_shell(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _side_by_side(tokenizer: "Tokenizer", ids: Sequence[int]) -> str:
    from cutaway.words import quoted

    return " ".join(quoted(tokenizer.text_of(id)) for id in ids)


def _draw_steps(screen: "Screen", tokenizer: "Tokenizer", one: "EncodedPretoken") -> None:
    """One piece from its bytes to its tokens, a merge a line."""
    from cutaway.cli.drawing.symbols import cut_word
    from cutaway.cli.screen import counted
    from cutaway.words import quoted

    merges, shown = counted(one.n_steps, "merge"), _first_steps(one)
    screen.heading(quoted(one.text), f"{merges}; of the pairs with a rank, the lowest is joined")
    rows = [[cut_word(step.before), _ranked(step.candidates, step.chosen)] for step in shown]
    left = _ranked(one.rejected, None) or "one token: nothing is left to join"
    rows.append([cut_word(one.tokens), left])
    rows.append(["ids", " ".join(map(str, one.ids))])
    screen.table(["tokens so far", "pairs and ranks"], rows, wrap=[1])
    if one.n_steps > len(shown):
        screen.note(f"The piece has {len(one.raw):,} bytes: the first {len(shown):,} of its "
                    f"{merges} are shown, then what is left after all of them.")


def _first_steps(one: "EncodedPretoken") -> "list[MergeStep]":
    """The merges of a piece: all, or of a very long one the first. Each shows the whole piece."""
    from itertools import islice

    return list(islice(one.walk(), max(1, MOST_SYMBOLS // max(1, len(one.raw)))))


def _ranked(candidates: "Sequence[Candidate]", chosen: "Candidate | None") -> Any:
    """The neighbours with their ranks, the chosen one in brackets; a dash where no merge fits."""
    from rich.text import Text

    from cutaway.cli.drawing.symbols import symbol
    from cutaway.cli.screen import QUIET, STRONG

    line = Text()
    for candidate in dict.fromkeys(candidates):
        words = symbol(candidate.pair[0]) + "+" + symbol(candidate.pair[1])
        rank = "-" if candidate.rank is None else str(candidate.rank)
        is_chosen = chosen is not None and candidate.pair == chosen.pair
        line.append(f"[{words} {rank}]" if is_chosen else f"{words} {rank}",
                    STRONG if is_chosen else QUIET)
        line.append("  ")
    return line


def _draw_side_by_side(tokenizer: "Tokenizer", encodings: "Sequence[VisibleEncoding]") -> None:
    from cutaway.cli.screen import open_screen
    from cutaway.words import quoted

    screen = open_screen()
    screen.heading("Tokens", "of several texts")
    screen.table(
        ["text", "count", "tokens", "ids"],
        [[quoted(one.text), str(len(one.ids)), _side_by_side(tokenizer, one.ids),
          " ".join(map(str, one.ids))] for one in encodings],
        right=[1], wrap=[0, 2, 3])


def _print_as_json(tokenizer: "Tokenizer", encodings: "Sequence[VisibleEncoding]") -> None:
    from cutaway.cli.screen import print_json

    print_json([{
        "text": encoding.text,
        "ids": encoding.ids,
        "tokens": [tokenizer.text_of(id) for id in encoding.ids],
        "pieces": [_piece_as_json(one) for one in encoding.pretokens],
    } for encoding in encodings])


def _piece_as_json(one: "EncodedPretoken") -> dict[str, Any]:
    from cutaway.tokenizer import label

    return {
        "text": one.text, "bytes": list(one.raw), "ids": one.ids, "n_merges": one.n_steps,
        "merges": [{"pair": [label(side) for side in step.chosen.pair], "rank": step.chosen.rank,
                    "tokens": [label(token) for token in step.after],
                    "candidates": [{"pair": [label(side) for side in candidate.pair],
                                    "rank": candidate.rank} for candidate in step.candidates]}
                   for step in _first_steps(one)]}
